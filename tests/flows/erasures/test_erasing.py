"""Gone means gone: every step repeatable, nothing readable afterwards, proven by a certificate (R6, R8, art. 17)."""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta

import pytest

from tests.actors import NOW
from tests.contract.samples import tombstoned
from tests.flows.dossiers.test_closing import change
from vault.domain.erasures import HORIZON, ErasureState
from vault.errors import UnavailableError
from vault.flows.audit.auditing import chain, entries
from vault.flows.documents import deposit, reading
from vault.flows.dossiers import indexing, opening, sealing, showing
from vault.flows.erasures import beginning, erasing, ledger, requesting, retention
from vault.flows.shares import pickup, sharing
from vault.ports.errors import TombstonedError
from vault.records.encoding import new_id
from vault.records.envelope import SignatureError, parse
from vault.records.strict_json import dump
from vault.records.types.certificate import Certificate
from vault.records.types.erasure import LIFE, ErasureRequest
from vault.records.types.tombstone import Tombstone, retention_id
from vault.rules import merkle
from vault.rules.rights import check_installation
from vault.rules.verdict import Refused

DELAY = timedelta(hours=24)


def ask(practice, dossier, documents=(), basis="client", person=None, now=NOW, **changes):
    person = person or practice.director
    base = ErasureRequest(
        practice.chain.standing, dossier, new_id(), tuple(documents), basis, now, now + LIFE, now, signer=person.id
    )
    envelope = practice.sign("erasure", dataclasses.replace(base, **changes).content(), person)
    answer = requesting.request(practice.ports, person.caller, dossier, envelope, now, DELAY)
    return answer


def erased(practice, id_):
    return requesting.one(practice.ports, practice.director.caller, id_)


class TestAWholeDossier:
    @pytest.fixture
    def link(self, practice, dossier, document):
        link = practice.share(dossier, [document])
        pickup.pick_up(practice.ports, link.id, b"n" * 16, pickup.Proofs(link.possess, link.open), NOW)
        return link

    def test_it_goes_through_every_step_to_a_certificate(self, practice, dossier, document, link):
        asked = ask(practice, dossier).erasure
        assert erasing.sweep(practice.ports, NOW).certified == 1
        gone = erased(practice, asked.id)
        assert gone.state is ErasureState.CERTIFIED
        certificate = parse(gone.certificate, "certificate")
        assert check_installation(certificate, practice.chain) == practice.ports.installation.public["ledger"]
        said = Certificate.read(certificate)
        assert (said.kind, said.dossier, said.reason, said.commitment) == ("dossier", dossier, "client", "c0" * 32)
        assert gone.destroyed == (document.envelope.hash,)
        assert said.documents == merkle.root([document.envelope.hash])
        assert dataclasses.astuple(said.counts) == (1, 1, 1, len(document.body), 3)
        assert said.horizon == NOW + HORIZON
        tombstones = chain(practice.ports, "tombstone", 0, 10).items
        assert said.tombstones == tuple(envelope.hash for envelope in tombstones)
        assert Tombstone.read(tombstones[0]).request == asked.request

    def test_nothing_of_it_is_left(self, practice, dossier, document, link):
        ask(practice, dossier)
        erasing.sweep(practice.ports, NOW)
        ports, caller = practice.ports, practice.director.caller
        assert showing.listing(ports, caller, "", 10) == []
        assert showing.one(ports, caller, dossier) == Refused("not_found")
        assert reading.document(ports, caller, document.id) == Refused("not_found")
        assert sharing.one(ports, caller, link.id, NOW) == Refused("not_found")
        assert [name for name in ports.objects.names() if not name.startswith("ledger/")] == []
        proofs = pickup.Proofs(link.possess, link.open)
        assert pickup.cover(ports, link.id, proofs, NOW, b"n" * 16) == pickup.UNAVAILABLE
        assert pickup.pick_up(ports, link.id, b"n" * 16, proofs, NOW) == pickup.UNAVAILABLE
        subjects = (sealing.subject_of(dossier), deposit.subject_of(document.id), sharing.subject_of(link.id))
        assert not any(map(ports.keystore.exists, subjects))
        assert all(tombstoned(ports.keystore, subject) for subject in subjects)

    def test_it_can_never_be_made_again(self, practice, dossier, document):
        again = practice.new_dossier(id=dossier, recipient="age1pq1again")
        index = practice.sign("index", {**again.index.fields, "sequence": 1, "previous": None})
        ask(practice, dossier)
        erasing.sweep(practice.ports, NOW)
        again = dataclasses.replace(again, index=index)
        with pytest.raises(TombstonedError):
            opening.open_dossier(practice.ports, practice.director.caller, again, NOW)

    def test_the_ledger_holds_the_tombstone_in_keystore_and_objects(self, practice, dossier):
        ask(practice, dossier)
        erasing.sweep(practice.ports, NOW)
        [entry] = ledger.entries(practice.ports, 0, 10).items
        assert entry.evidence.request.hash == Tombstone.read(entry.tombstone).request
        raw = dump(entry.to_json())
        assert [kept.entry for kept in practice.ports.keystore.ledger()] == [raw]
        assert b"".join(practice.ports.objects.get("ledger/0000000001")) == raw

    def test_an_upload_under_way_fences_it_until_its_lease_is_over(self, practice, dossier):
        coming = practice.new_document(dossier)
        practice.begin(dossier, coming)
        asked = ask(practice, dossier).erasure
        erasing.sweep(practice.ports, NOW)
        assert erased(practice, asked.id).state is ErasureState.BEGUN
        assert practice.put(coming) == Refused("not_found"), "nothing new is begun"
        erasing.sweep(practice.ports, NOW + timedelta(hours=2))
        assert erased(practice, asked.id).state is ErasureState.CERTIFIED
        assert [name for name in practice.ports.objects.names() if not name.startswith("ledger/")] == []

    def test_a_pickup_under_way_ends(self, practice, dossier, document, link):
        proofs = pickup.Proofs(link.possess, link.open)
        body = pickup.body(practice.ports, link.id, b"n" * 16, document.id, proofs, lambda: NOW, 0, None)
        ask(practice, dossier)
        erasing.sweep(practice.ports, NOW)
        assert list(body.pieces) == []

    def test_the_audit_chain_outlives_it_without_details(self, practice, dossier, document):
        ask(practice, dossier)
        erasing.sweep(practice.ports, NOW)
        chain_ = entries(practice.ports, practice.director.caller, dossier, 0, 100)
        assert [entry.event for entry in chain_][-3:] == ["erasure_removed", "erasure_verified", "erasure_certified"]
        assert all(entry.details is None for entry in chain_[:-1])


class TestOneDocument:
    def test_the_others_stay_readable_and_its_capsules_die_in_every_share(self, practice, dossier, document):
        kept = practice.deposit(dossier)
        link = practice.share(dossier, [document, kept])
        asked = ask(practice, dossier, [document.id]).erasure
        erasing.sweep(practice.ports, NOW)
        assert erased(practice, asked.id).state is ErasureState.CERTIFIED
        caller = practice.director.caller
        assert [v.document for v in reading.documents(practice.ports, caller, dossier, "", 10)] == [kept.id]
        released = pickup.pick_up(practice.ports, link.id, b"n" * 16, pickup.Proofs(link.possess, link.open), NOW)
        assert [id_ for id_, _ in released.capsules] == [kept.id]
        assert b"".join(reading.body(practice.ports, caller, kept.id, 0, None, NOW).pieces) == kept.body
        said = Certificate.read(parse(erased(practice, asked.id).certificate, "certificate"))
        assert (said.kind, dataclasses.astuple(said.counts)) == ("document", (1, 0, 1, len(document.body), 1))

    def test_the_next_index_leaves_it_out(self, practice, dossier, document):
        ask(practice, dossier, [document.id])
        erasing.sweep(practice.ports, NOW)
        assert isinstance(practice.advance(dossier), indexing.Advanced), "it may wait"
        assert isinstance(practice.advance(dossier, drop=[document.envelope.hash]), indexing.Advanced)

    def test_while_it_is_being_erased_it_may_leave_the_index_and_gives_nothing(self, practice, dossier, document):
        link = practice.share(dossier, [document])
        ask(practice, dossier, [document.id])
        objects = type(practice.ports.objects)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(objects, "remove", broken)
            with pytest.raises(UnavailableError):
                erasing.sweep(practice.ports, NOW)
        assert pickup.cover(practice.ports, link.id, pickup.Proofs(link.possess, link.open), NOW).entries == ()
        assert isinstance(practice.advance(dossier, drop=[document.envelope.hash]), indexing.Advanced)
        erasing.sweep(practice.ports, NOW)


class TestAsking:
    def test_asking_again_after_a_lost_answer_gives_the_first_answer(self, practice, dossier):
        id_ = new_id()
        assert not ask(practice, dossier, id=id_).repeated
        assert ask(practice, dossier, id=id_).repeated
        assert ask(practice, dossier, id=id_, basis="staff") == Refused("conflict")

    def test_staff_waits_and_may_take_it_back_and_the_client_does_not(self, practice, dossier, document):
        asked = ask(practice, dossier, [document.id], basis="staff").erasure
        assert asked.not_before == NOW + DELAY
        assert erasing.sweep(practice.ports, NOW + DELAY - timedelta(seconds=1)).found == 0
        caller = practice.director.caller
        assert requesting.take_back(practice.ports, caller, asked.id, practice.withdrawal(asked), NOW) is None
        assert requesting.take_back(practice.ports, caller, asked.id, practice.withdrawal(asked), NOW) is None, (
            "repeatable"
        )
        assert erasing.sweep(practice.ports, NOW + DELAY).found == 0
        later = ask(practice, dossier, [document.id], basis="staff").erasure
        erasing.sweep(practice.ports, NOW + DELAY)
        assert erased(practice, later.id).state is ErasureState.CERTIFIED
        assert requesting.take_back(practice.ports, caller, later.id, practice.withdrawal(later), NOW) == Refused(
            "state"
        )
        by_client = ask(practice, dossier).erasure
        assert requesting.take_back(
            practice.ports, caller, by_client.id, practice.withdrawal(by_client), NOW
        ) == Refused("state")
        assert requesting.take_back(practice.ports, caller, "ff" * 16, practice.withdrawal(asked), NOW) == Refused(
            "not_found"
        )

    def test_what_has_begun_is_taken_back_by_nobody_also_while_it_waits(self, practice, dossier):
        """For an upload that may still be writing: the tombstone is signed and the document shut off."""
        coming = practice.new_document(dossier)
        practice.begin(dossier, coming)
        with practice.ports.store.transaction() as tx:
            tx.lease_document(coming.id, NOW + DELAY + timedelta(hours=1))
        asked = ask(practice, dossier, [coming.id], basis="staff").erasure
        erasing.sweep(practice.ports, NOW + DELAY)
        assert erased(practice, asked.id).state is ErasureState.BEGUN
        taken, caller = practice.withdrawal(asked), practice.director.caller
        assert requesting.take_back(practice.ports, caller, asked.id, taken, NOW) == Refused("state")
        assert erased(practice, asked.id).state is ErasureState.BEGUN

    def test_a_coach_has_no_whole_dossier_destroyed_without_the_client(self, practice, coach):
        dossier = practice.open_dossier(coach)
        with pytest.raises(SignatureError):
            ask(practice, dossier, basis="staff", person=coach)
        assert ask(practice, dossier, basis="client", person=coach).erasure.whole

    def test_strangers_and_wrong_documents_are_refused(self, practice, dossier, document, coach):
        other = practice.deposit(practice.open_dossier())
        assert ask(practice, dossier, person=coach) == Refused("not_found")
        assert ask(practice, dossier, [other.id]) == Refused("not_found")
        assert ask(practice, dossier, ["ff" * 16]) == Refused("not_found")
        base = ErasureRequest(
            practice.chain.standing, dossier, new_id(), (), "client", NOW, NOW + LIFE, NOW, signer=practice.director.id
        )
        held = practice.open_dossier(coach)
        mine = dataclasses.replace(base, dossier=held)
        envelope = practice.sign("erasure", mine.content())
        assert requesting.request(practice.ports, coach.caller, held, envelope, NOW, DELAY) == Refused("not_allowed")
        assert requesting.one(practice.ports, dataclasses.replace(coach.caller, member="ff" * 16), "x") == Refused(
            "not_found"
        )

    def test_a_dossier_is_erased_once_at_a_time(self, practice, dossier):
        ask(practice, dossier, basis="staff")
        assert ask(practice, dossier) == Refused("state")


class TestRetention:
    def test_the_term_begins_the_erasure_by_itself(self, practice, dossier, document):
        change(practice, dossier, end=date(2026, 11, 23))
        due = NOW + timedelta(days=1827)
        assert erasing.sweep(practice.ports, due - timedelta(days=3)).begun == 0
        assert erasing.sweep(practice.ports, due).begun == 1
        gone = erased(practice, retention_id(dossier))
        assert (gone.state, gone.reason, gone.request) == (ErasureState.CERTIFIED, "retention", None)
        assert erasing.sweep(practice.ports, due).begun == 0

    def test_a_dossier_that_another_worker_began_meanwhile_is_not_begun_twice(self, practice, dossier):
        change(practice, dossier, end=date(2026, 11, 23))
        due = NOW + timedelta(days=1827)
        with practice.ports.store.transaction() as tx:
            found = tx.due_dossiers(due, 10)
        erasing.sweep(practice.ports, due)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(type(tx), "due_dossiers", lambda *_: found)
            assert beginning.begin_due(practice.ports, due, 10, []) == 0

    def test_a_day_that_the_signed_records_do_not_give_is_corrected_and_nothing_begins(self, practice, dossier):
        with practice.ports.store.transaction() as tx:
            tx.set_destroy_on(dossier, NOW)
        assert erasing.sweep(practice.ports, NOW).begun == 0
        change(practice, dossier, end=date(2026, 11, 23))
        with practice.ports.store.transaction() as tx:
            tx.set_destroy_on(dossier, NOW)
        assert erasing.sweep(practice.ports, NOW).begun == 0
        assert showing.listing(practice.ports, practice.director.caller, "", 10)[0].dossier.destroy_on.year == 2031


def broken(*_, **__):
    raise UnavailableError("it went away")


FAULTS = [
    ("keystore", "inscribe"),
    ("objects", "put"),
    ("keystore", "shred"),
    ("keystore", "turn"),
    ("objects", "remove"),
    ("objects", "names"),
    ("keystore", "exists"),
]


@pytest.mark.parametrize(("port", "method"), FAULTS)
def test_a_fault_at_any_step_is_made_good_by_the_next_sweep(practice, dossier, document, port, method):
    asked = ask(practice, dossier).erasure
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(getattr(practice.ports, port)), method, broken)
        with pytest.raises(UnavailableError):
            retention.sweep(practice.ports, NOW)
        assert erased(practice, asked.id).state is not ErasureState.CERTIFIED
        with practice.ports.store.transaction() as tx:
            assert "sweep" not in tx.heartbeats()
    assert reading.document(practice.ports, practice.director.caller, document.id) == Refused("not_found"), (
        "shut at once"
    )
    retention.sweep(practice.ports, NOW)
    assert erased(practice, asked.id).state is ErasureState.CERTIFIED
    with practice.ports.store.transaction() as tx:
        assert tx.heartbeats()["sweep"] == NOW


def test_one_erasure_that_cannot_go_on_holds_no_other_back(practice, dossier, document):
    other = practice.open_dossier()
    practice.deposit(other)
    stuck, free = ask(practice, dossier).erasure, ask(practice, other).erasure
    names = type(practice.ports.objects).names

    def half(self, prefix=""):
        if prefix.startswith(dossier):
            raise UnavailableError("this one not")
        return names(self, prefix)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(practice.ports.objects), "names", half)
        with pytest.raises(UnavailableError):
            erasing.sweep(practice.ports, NOW)
    assert erased(practice, stuck.id).state is ErasureState.SHREDDED
    assert erased(practice, free.id).state is ErasureState.CERTIFIED


def test_an_object_that_turns_up_after_the_removal_is_removed_too(practice, dossier, document):
    asked = ask(practice, dossier).erasure
    remove, calls = type(practice.ports.objects).remove, []

    def lost(self, names):
        calls.append(1)
        if len(calls) > 1:
            remove(self, names)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(practice.ports.objects), "remove", lost)
        erasing.sweep(practice.ports, NOW)
        assert erased(practice, asked.id).state is ErasureState.REMOVED, "no certificate before it was seen to be gone"
        erasing.sweep(practice.ports, NOW)
    assert erased(practice, asked.id).state is ErasureState.CERTIFIED


@pytest.mark.parametrize("survivor", ["key", "opens"])
def test_no_certificate_while_something_still_opens(practice, dossier, document, survivor):
    asked = ask(practice, dossier).erasure
    keystore = type(practice.ports.keystore)
    with pytest.MonkeyPatch.context() as patch:
        if survivor == "key":
            patch.setattr(keystore, "exists", lambda *_: True)
        else:
            patch.setattr(keystore, "unseal", lambda *_: b"head")
        with pytest.raises(UnavailableError):
            erasing.sweep(practice.ports, NOW)
    assert erased(practice, asked.id).state is ErasureState.REMOVED


def test_two_workers_at_once_do_it_once(practice, dossier, document):
    asked = ask(practice, dossier).erasure
    turn, inside = type(practice.ports.keystore).turn, []

    def second_worker(self):
        if not inside:
            inside.append(1)
            erasing.sweep(practice.ports, NOW)
        return turn(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(practice.ports.keystore), "turn", second_worker)
        erasing.sweep(practice.ports, NOW)
    gone = erased(practice, asked.id)
    assert gone.state is ErasureState.CERTIFIED
    assert Certificate.read(parse(gone.certificate, "certificate")).counts.documents == 1
    assert len(chain(practice.ports, "tombstone", 0, 10).items) == 1
