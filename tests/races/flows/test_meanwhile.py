"""What others do between two units of work of one flow: each decision is taken again where it is written down."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest

from tests.actors import NOW, Practice
from tests.flows.dossiers.test_closing import change
from tests.flows.erasures.test_erasing import ask, broken, erased
from tests.flows.people.test_signing_in import sign_in
from tests.races.flows.test_overlapping import DUE, buried
from vault.domain.erasures import ErasureState
from vault.domain.sessions import FREE_TRIES
from vault.errors import UnavailableError
from vault.flows.answers import Throttled
from vault.flows.context import rosters
from vault.flows.documents import reading
from vault.flows.dossiers import opening, showing
from vault.flows.erasures import erasing, requesting, retention
from vault.flows.erasures.erasing import Erased
from vault.flows.health import SWEEP
from vault.flows.people import keyrings, signing_in
from vault.flows.people.proving import Proof
from vault.flows.shares import pickup, sharing
from vault.records.types.document import SEGMENT_SIZE
from vault.rules.verdict import Refused

NAME = b"n" * 16


@pytest.fixture
def meanwhile(monkeypatch):
    """`meanwhile(thing, name, act)`: the next call of that method does `act` first, once."""

    def arrange(thing, name, act):
        kind, done = type(thing), []
        method = getattr(kind, name)

        def wrapped(self, *args, **kwargs):
            if not done:
                done.append(1)
                act()
            return method(self, *args, **kwargs)

        monkeypatch.setattr(kind, name, wrapped)

    return arrange


def sweep(practice, now=NOW):
    return erasing.sweep(practice.ports, now)


def take(practice, link):
    return pickup.pick_up(practice.ports, link.id, NAME, pickup.Proofs(link.possess, link.open), NOW)


class TestErasing:
    def test_a_document_shut_off_between_looking_and_claiming_is_not_released(
        self, practice, dossier, document, meanwhile
    ):
        kept = practice.deposit(dossier)
        link = practice.share(dossier, [document, kept])
        unsealed = practice.ports.keystore.unseal_each

        def erase_after_the_last_look():
            asked = ask(practice, dossier, [document.id]).erasure
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(type(practice.ports.keystore), "shred", broken)
                with pytest.raises(UnavailableError):
                    sweep(practice)
            assert erased(practice, asked.id).state is ErasureState.FENCED

        meanwhile(practice.ports.keystore, unsealed.__name__, erase_after_the_last_look)
        assert [id_ for id_, _ in take(practice, link).capsules] == [kept.id]
        with practice.ports.store.reading() as tx:
            assert [line.document for line in tx.disclosures(link.id)] == [kept.id]

    def test_a_list_leaves_out_what_was_erased_while_it_was_opened(self, practice, dossier, document, meanwhile):
        others = [practice.open_dossier(), dossier]
        kept = practice.deposit(dossier)
        caller, keystore = practice.director.caller, practice.ports.keystore
        ask(practice, dossier, [document.id])
        meanwhile(keystore, "unseal_each", lambda: sweep(practice))
        assert [view.document for view in reading.documents(practice.ports, caller, dossier, "", 10)] == [kept.id]
        ask(practice, dossier)
        meanwhile(keystore, "unseal_each", lambda: sweep(practice))
        assert [listed.dossier.id for listed in showing.listing(practice.ports, caller, "", 10)] == others[:1]

    def test_a_worker_with_an_old_view_does_nothing_twice(self, practice, dossier, document, monkeypatch):
        asked = ask(practice, dossier, [document.id]).erasure
        sweep(practice)
        monkeypatch.setattr(erasing, "_again", lambda *_: [asked])
        sweep(practice)
        assert erased(practice, asked.id).state is ErasureState.CERTIFIED
        assert buried(practice) == [document.id]

    def test_a_segment_that_took_longer_than_its_lease_is_not_taken_over(self, practice, dossier, meanwhile):
        document = practice.new_document(dossier)
        practice.begin(dossier, document)
        late = NOW + timedelta(days=2)
        meanwhile(practice.ports.objects, "put", lambda: retention.reconcile(practice.ports, late))
        assert practice.put(document) == Refused("not_found")

    def test_only_who_holds_the_dossier_takes_an_erasure_back(self, practice, dossier, coach):
        asked = ask(practice, dossier, basis="staff").erasure
        assert requesting.take_back(practice.ports, coach.caller, asked.id, practice.withdrawal(asked), NOW) == Refused(
            "not_found"
        )
        assert requesting.take_back(
            practice.ports, practice.director.caller, "ff" * 16, practice.withdrawal(asked), NOW
        ) == Refused("not_found")


class TestHoldingUp:
    def test_more_than_a_hundred_that_wait_for_uploads_hold_no_newer_one_back(self, practice, dossier, document):
        waiting = []
        for _ in range(101):
            coming = practice.new_document(dossier)
            practice.begin(dossier, coming)
            waiting.append(ask(practice, dossier, [coming.id], now=NOW - timedelta(minutes=1)).erasure.id)
        newest = ask(practice, dossier, [document.id]).erasure.id
        assert sweep(practice) == Erased(begun=0, found=102, certified=1)
        assert erased(practice, newest).state is ErasureState.CERTIFIED
        assert {erased(practice, id_).state for id_ in waiting} == {ErasureState.BEGUN}

    def test_a_dossier_that_is_damaged_holds_no_other_back(self, practice, dossier):
        closed = [dossier, practice.open_dossier()]
        for each in closed:
            change(practice, each, end=NOW.date())
        with practice.ports.store.transaction() as tx:
            damaged = min(closed)
            [row] = [row for row in tx.records(damaged, kinds=("trajectory",)) if row.state == "current"]
            damaged_row = dataclasses.replace(row, record=row.record.replace(b"a", b"b"))
            tx._tables.record[row.hash] = damaged_row
        assert sweep(practice, DUE).refused == (damaged,)
        assert buried(practice) == [max(closed)]

    def test_reconciling_that_fails_holds_no_erasure_back(self, practice, dossier, document, monkeypatch):
        asked = ask(practice, dossier, [document.id]).erasure
        monkeypatch.setattr(retention, "reconcile", broken)
        with pytest.raises(UnavailableError):
            retention.sweep(practice.ports, NOW)
        assert erased(practice, asked.id).state is ErasureState.CERTIFIED
        with practice.ports.store.reading() as tx:
            assert SWEEP not in tx.heartbeats(), "not all of it went through"

    def test_a_sweep_that_another_worker_is_at_is_left_to_it(self, practice, dossier, document):
        asked = ask(practice, dossier, [document.id]).erasure
        with practice.ports.store.leased(SWEEP):
            assert retention.sweep(practice.ports, NOW) == Erased(begun=0, found=0, certified=0)
        assert erased(practice, asked.id).state is ErasureState.REQUESTED
        assert retention.sweep(practice.ports, NOW).certified == 1


class TestLinks:
    def test_a_revocation_between_the_check_and_its_note_ends_the_download(
        self, practice, dossier, document, meanwhile
    ):
        link = practice.share(dossier, [document])
        take(practice, link)
        proofs, caller = pickup.Proofs(link.possess, link.open), practice.director.caller
        body = pickup.body(practice.ports, link.id, NAME, document.id, proofs, lambda: NOW, 0, None)
        meanwhile(practice.ports.store, "transaction", lambda: sharing.revoke(practice.ports, caller, link.id, NOW))
        assert list(body.pieces) == []

    def test_fetching_is_written_down_once_a_minute_and_for_the_last_segment(self, practice, dossier):
        document = practice.deposit(dossier, bytes(4 * SEGMENT_SIZE))
        link = practice.share(dossier, [document])
        take(practice, link)
        proofs, started = pickup.Proofs(link.possess, link.open), NOW + timedelta(minutes=1)
        moments = (started + timedelta(seconds=each) for each in (0, 0, 20, 60, 61))
        body = pickup.body(practice.ports, link.id, NAME, document.id, proofs, lambda: next(moments), 0, None)
        seen = set()
        for _ in body.pieces:
            with practice.ports.store.reading() as tx:
                seen |= {row.last_at - started for row in tx.pickups(link.id)}
        assert sorted(each.seconds for each in seen) == [0, 60, 61]


class TestPeople:
    def test_guesses_that_were_counted_meanwhile_make_the_right_one_wait(self, practice, meanwhile):
        wrong = lambda: [sign_in(practice, login=b"x" * 32) for _ in range(FREE_TRIES)]  # noqa: E731
        meanwhile(practice.ports.keystore, "unseal", wrong)
        assert sign_in(practice) == Throttled(60)

    def test_and_the_wrong_one_is_not_told_that_it_is_wrong(self, practice, meanwhile):
        wrong = lambda: [sign_in(practice, login=b"x" * 32) for _ in range(FREE_TRIES)]  # noqa: E731
        meanwhile(practice.ports.keystore, "unseal", wrong)
        assert sign_in(practice, login=b"y" * 32) == Throttled(60)

    def test_guesses_by_the_sheet_are_counted_alike(self, practice, meanwhile):
        ports, director = practice.ports, practice.director

        def wrong():
            for _ in range(FREE_TRIES):
                signing_in.recover(ports, director.email, b"x" * 32, "here", NOW)

        meanwhile(ports.keystore, "unseal", wrong)
        answer = signing_in.recover(ports, director.email, director.recovery_login, "here", NOW)
        assert answer == Throttled(60)

    def test_a_password_that_was_changed_meanwhile_lets_nobody_in(self, practice, meanwhile):
        new = keyrings.NewKeyring(parameters=signing_in.parameters_text(b"n" * 16), login=b"n" * 32, lock=b"new")
        caller, sheet = practice.director.caller, Proof(recovery_login=practice.director.recovery_login)
        change = partial(keyrings.replace_keyring, practice.ports, caller, new, sheet, NOW)
        meanwhile(practice.ports.keystore, "unseal", change)
        assert sign_in(practice) == Refused("credentials_wrong")


def test_a_dossier_that_was_opened_meanwhile_by_the_same_record_is_the_first_answer(practice, meanwhile):
    new, caller = practice.new_dossier(), practice.director.caller
    opened = []

    def twice():
        opened.append(opening.open_dossier(practice.ports, caller, new, NOW))

    meanwhile(practice.ports.keystore, "create", twice)
    assert opening.open_dossier(practice.ports, caller, new, NOW) == opening.Opened(opened[0].dossier, repeated=True)


def test_threads_that_see_different_rosters_get_each_their_own():
    practices = [Practice().set_up() for _ in range(3)]

    def look(number):
        practice = practices[number % len(practices)]
        with practice.ports.store.reading() as tx:
            return rosters(tx).newest.hash == practice.chain.newest.hash

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(look, range(600)))
