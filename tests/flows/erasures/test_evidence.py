"""A row destroys nothing: what nobody signed is refused at every step, and said aloud (R6)."""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta

import pytest

from tests.actors import NOW
from tests.flows.dossiers.test_closing import change
from tests.flows.dossiers.test_heading import dismiss
from tests.flows.erasures.test_erasing import DELAY, ask, erased
from tests.health import checks
from vault.domain.dossiers import RecordState
from vault.domain.erasures import ErasureRow, ErasureState
from vault.errors import UnavailableError
from vault.flows.context import stored_signatures
from vault.flows.documents import deposit
from vault.flows.dossiers import sealing, showing
from vault.flows.dossiers.indexing import as_row
from vault.flows.erasures import erasing, evidence, ledger, requesting
from vault.flows.health import ERASURES
from vault.records.encoding import RecordError
from vault.records.strict_json import parse_object
from vault.records.types.erasure import LIFE
from vault.records.types.tombstone import RETENTION, retention_id
from vault.rules.verdict import Refused

BEGUN = [state for state in ErasureState if state.value not in {"requested", "certified", "withdrawn"}]
UNSIGNED = b'{"signatures": [{"alg": "ed25519", "signer": "installation:00", "sig": "' + b"A" * 86 + b'"}]}'
DUE = NOW + timedelta(days=1827)


def forged(dossier, **changes):
    """What the gateway's role may write into the table."""
    base = ErasureRow(
        id="f0" * 16,
        dossier=dossier,
        documents=(),
        reason="client",
        request="00" * 32,
        state=ErasureState.REQUESTED,
        commitment="c0" * 32,
        requested_at=NOW,
        not_before=NOW,
    )
    return dataclasses.replace(base, **changes)


def insert(practice, row):
    with practice.ports.store.transaction() as tx:
        tx.add_erasure(row)


def alarm(practice):
    with practice.ports.store.reading() as tx:
        now = max(tx.heartbeats().values(), default=NOW)  # the sweep's time; another clock would not believe it
    return not next(check for check in checks(practice.ports, now) if check.name == ERASURES).ok


def assert_alive(practice, dossier, document):
    assert showing.one(practice.ports, practice.director.caller, dossier) != Refused("not_found")
    assert practice.ports.keystore.exists(sealing.subject_of(dossier))
    assert any(document.id in name for name in practice.ports.objects.names())


def assert_refused(practice, dossier, document, now=NOW):
    assert erasing.sweep(practice.ports, now).refused == (dossier,)
    assert_alive(practice, dossier, document)
    assert ledger.entries(practice.ports, 0, 10) == ledger.Entries((), None)
    assert alarm(practice)


class TestAForgedRow:
    @pytest.mark.parametrize("reason", ["client", "staff", RETENTION])
    @pytest.mark.parametrize("state", [ErasureState.REQUESTED, *BEGUN])
    def test_destroys_nothing_in_any_state(self, practice, dossier, document, reason, state):
        request = None if reason == RETENTION else "00" * 32
        row = forged(
            dossier,
            reason=reason,
            request=request,
            state=state,
            shredded_at=NOW,
            verified_at=NOW,
            tombstones=("0" * 64,),
        )
        insert(practice, row)
        assert_refused(practice, dossier, document)

    @pytest.mark.parametrize("text", [b"", b"{}", b"[]"])
    def test_with_evidence_that_is_none(self, practice, dossier, document, text):
        insert(practice, forged(dossier, state=ErasureState.FENCED, evidence=text))
        assert_refused(practice, dossier, document)

    def test_with_another_dossiers_request(self, practice, dossier, document):
        other = practice.open_dossier()
        asked = ask(practice, other, basis="staff").erasure
        insert(practice, forged(dossier, request=asked.request))
        assert_refused(practice, dossier, document)

    def test_with_a_request_for_one_document_of_it(self, practice, dossier, document):
        asked = ask(practice, dossier, [document.id], basis="staff").erasure
        kept = practice.deposit(dossier)
        for wrong in ({"documents": ()}, {"documents": (kept.id,)}, {"reason": "client"}):
            remove(practice, asked.id)
            insert(practice, dataclasses.replace(asked, not_before=NOW, **wrong))
            assert_refused(practice, dossier, document)

    def test_that_begins_staffs_request_at_once_is_seen_by_its_time(self, practice, dossier, document):
        asked = ask(practice, dossier, basis="staff", not_before=NOW + DELAY).erasure
        remove(practice, asked.id)
        insert(practice, dataclasses.replace(asked, not_before=NOW))
        assert_refused(practice, dossier, document)
        assert erasing.sweep(practice.ports, NOW + DELAY).certified == 1
        assert not alarm(practice)

    def test_whose_tombstones_are_anothers(self, practice, dossier, document):
        other = practice.open_dossier()
        ask(practice, other)
        erasing.sweep(practice.ports, NOW)
        gone = erased(practice, next(iter(practice.ports.store._tables.erasure)))
        row = dataclasses.replace(gone, id="f0" * 16, dossier=dossier, state=ErasureState.FENCED, certificate=None)
        insert(practice, row)
        assert erasing.sweep(practice.ports, NOW).refused == (dossier,)
        assert_alive(practice, dossier, document)

    def test_beside_a_signed_tombstone_takes_no_evidence_out_of_the_ledger(self, practice, dossier):
        ask(practice, dossier)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(erasing, "fence", lambda *_: None)
            erasing.sweep(practice.ports, NOW)
        with practice.ports.store.reading() as tx:
            stone = tx.newest("tombstone").hash
        insert(practice, forged(dossier, id="00" * 16, state=ErasureState.BEGUN, tombstones=(stone,), evidence=b"x"))
        assert erasing.sweep(practice.ports, NOW).certified == 1
        assert ledger.entries(practice.ports, 0, 10).items[0].evidence is not None

    def test_does_not_certify_what_is_there(self, practice, dossier, document):
        asked = ask(practice, dossier).erasure
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(erasing, "fence", lambda *_: None)
            erasing.sweep(practice.ports, NOW)
        row = erased(practice, asked.id)
        remove(practice, asked.id)
        done = {"state": ErasureState.VERIFIED, "shredded_at": NOW, "verified_at": NOW}
        insert(practice, dataclasses.replace(row, **done))
        with pytest.raises(UnavailableError):
            erasing.sweep(practice.ports, NOW)
        practice.ports.keystore.shred([sealing.subject_of(dossier), deposit.subject_of(document.id)])
        with pytest.raises(UnavailableError):
            erasing.sweep(practice.ports, NOW)
        assert erased(practice, asked.id).certificate is None


def remove(practice, erasure):
    """As nobody may, to put another row in its place."""
    del practice.ports.store._tables.erasure[erasure]


class TestAForgedTombstone:
    def begun(self, practice, dossier):
        """An erasure that has begun: its row, and its tombstone's row."""
        asked = ask(practice, dossier).erasure
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(erasing, "fence", lambda *_: None)
            erasing.sweep(practice.ports, NOW)
        with practice.ports.store.reading() as tx:
            return tx.erasure(asked.id), tx.newest("tombstone")

    def test_carries_no_erasure_on(self, practice, dossier, document):
        row, stone = self.begun(practice, dossier)
        practice.ports.store._tables.chain["tombstone", 1] = dataclasses.replace(stone, signatures=UNSIGNED)
        assert erasing.sweep(practice.ports, NOW).refused == (dossier,)
        assert practice.ports.keystore.exists(deposit.subject_of(document.id))
        assert row.under_way

    def test_is_not_explained_by_other_evidence(self, practice, dossier):
        row, _ = self.begun(practice, dossier)
        evidence_of_other = evidence.to_bytes(dataclasses.replace(evidence.kept(row), heads=()))
        remove(practice, row.id)
        insert(practice, dataclasses.replace(row, evidence=evidence_of_other))
        assert ledger.entries(practice.ports, 0, 10).items[0].evidence is None


class TestTaking:
    def test_a_withdrawal_kills_the_warrant_whatever_the_row_says(self, practice, dossier, document):
        asked = ask(practice, dossier, basis="staff").erasure
        taken = practice.withdrawal(asked)
        assert requesting.take_back(practice.ports, practice.director.caller, asked.id, taken, NOW) is None
        remove(practice, asked.id)
        insert(practice, asked)
        assert_refused(practice, dossier, document, NOW + DELAY)
        del practice.ports.store._tables.record[taken.hash]
        assert_refused(practice, dossier, document, NOW + DELAY)

    def test_a_withdrawal_that_was_not_signed_by_a_holder_is_none(self, practice, dossier, coach):
        asked = ask(practice, dossier, basis="staff").erasure
        with practice.ports.store.transaction() as tx:
            envelope = practice.withdrawal(asked, coach)
            tx.add_record(as_row(envelope, dossier, RecordState.PENDING, None, NOW))
        assert erasing.sweep(practice.ports, NOW + DELAY).certified == 1

    def test_a_request_that_expired_ends(self, practice, dossier, document):
        asked = ask(practice, dossier).erasure
        assert erasing.sweep(practice.ports, NOW + LIFE + timedelta(seconds=1)).refused == ()
        assert erased(practice, asked.id).state is ErasureState.WITHDRAWN
        assert_alive(practice, dossier, document)


def trajectories(practice):
    return [row for row in practice.ports.store._tables.record.values() if row.kind == "trajectory"]


def version(row):
    return parse_object(row.record, limit=10_000)["version"]


def put(practice, row):
    practice.ports.store._tables.record[row.hash] = row


class TestRetention:
    def set_due(self, practice, dossier):
        with practice.ports.store.transaction() as tx:
            tx.set_destroy_on(dossier, NOW)

    def test_an_end_that_was_put_back_destroys_nothing(self, practice, dossier, document):
        change(practice, dossier, end=date(2026, 11, 23))
        change(practice, dossier, end=None)
        _, ended, running = sorted(trajectories(practice), key=version)
        put(practice, dataclasses.replace(ended, state=RecordState.CURRENT))
        put(practice, dataclasses.replace(running, state=RecordState.RETIRED))
        self.set_due(practice, dossier)
        assert erasing.sweep(practice.ports, DUE) == erasing.Erased(begun=0, found=0, certified=0)
        self.set_due(practice, dossier)
        del practice.ports.store._tables.record[running.hash]
        assert_refused(practice, dossier, document, DUE)

    @pytest.mark.parametrize(
        "changes",
        [{"signatures": b"{}"}, {"signatures": b'{"signatures": []}'}, {"hash": "00" * 32}],
        ids=["damaged", "unsigned", "another name"],
    )
    def test_a_trajectory_that_does_not_hold_destroys_nothing(self, practice, dossier, document, changes):
        change(practice, dossier, end=date(2026, 11, 23))
        [row] = [each for each in trajectories(practice) if each.state is RecordState.CURRENT]
        del practice.ports.store._tables.record[row.hash]
        put(practice, dataclasses.replace(row, **changes))
        self.set_due(practice, dossier)
        assert_refused(practice, dossier, document, DUE)

    @pytest.mark.parametrize("signer", ["director", "coach"])
    def test_a_trajectory_that_only_the_table_knows_destroys_nothing(self, practice, dossier, document, coach, signer):
        person = coach if signer == "coach" else practice.director
        policy = practice.policy.hash if signer == "coach" else "11" * 32
        envelope = practice.trajectory(dossier, person, end=date(2026, 11, 23), policy=policy)
        with practice.ports.store.transaction() as tx:
            tx.add_record(as_row(envelope, dossier, RecordState.CURRENT, None, NOW))
        self.set_due(practice, dossier)
        assert_refused(practice, dossier, document, DUE)

    @pytest.mark.parametrize("state", [RecordState.PENDING, RecordState.CURRENT, RecordState.RETIRED])
    def test_what_a_coach_who_left_signs_for_a_gateway_destroys_nothing(self, practice, coach, state):
        """She held the dossier, and signs on the roster that she knew, at a time when she was there."""
        dossier = practice.open_dossier(coach)
        document = practice.deposit(dossier, person=coach)
        [first] = [row for row in trajectories(practice) if row.dossier == dossier]
        standing, old = practice.chain.standing, date(2019, 1, 1)
        dismiss(practice, coach)
        changes = {"version": 2, "previous": first.hash, "standing": standing, "start": old, "end": old}
        envelope = practice.trajectory(dossier, coach, id=first.subject, at=NOW - timedelta(days=40), **changes)
        with practice.ports.store.transaction() as tx:
            tx.add_record(as_row(envelope, dossier, state, None, NOW))
        self.set_due(practice, dossier)
        assert_refused(practice, dossier, document, NOW)

    def test_a_link_of_the_index_that_is_put_in_destroys_nothing(self, practice, coach, dossier, document):
        """The gateway's role may insert one; it lists what somebody signed who holds nothing, or nothing at all."""
        change(practice, dossier, end=date(2026, 11, 23))
        link = practice.next_index(dossier, practice.listed(dossier), coach)
        sequence = link.fields["sequence"]
        with practice.ports.store.transaction() as tx:
            row = dataclasses.replace(
                tx.indexes(dossier, after=sequence - 2, limit=1)[0], sequence=sequence, hash=link.hash
            )
            tx.add_index(
                dataclasses.replace(row, record=link.record, signatures=stored_signatures(link)), added=[], removed=[]
            )
        self.set_due(practice, dossier)
        assert_refused(practice, dossier, document, DUE)
        practice.ports.store._tables.dossier[dossier] = dataclasses.replace(
            practice.ports.store._tables.dossier[dossier], sequence=sequence, index=link.hash
        )
        self.set_due(practice, dossier)
        assert_refused(practice, dossier, document, DUE)

    def test_a_list_that_is_not_the_indexs_destroys_nothing(self, practice, dossier, document):
        change(practice, dossier, end=date(2026, 11, 23))
        rows = practice.ports.store._tables
        del rows.listed[next(each for each in rows.listed if each[0] == dossier)]
        self.set_due(practice, dossier)
        assert_refused(practice, dossier, document, DUE)

    def test_a_policy_that_is_not_the_practices_is_refused_when_it_is_named(self, practice, dossier):
        with pytest.raises(RecordError):
            change(practice, dossier, end=date(2026, 11, 23), policy="11" * 32)

    def test_evidence_that_is_too_large_is_not_kept(self, practice, dossier, document, monkeypatch):
        monkeypatch.setattr(evidence, "MAX_EVIDENCE", 100)
        ask(practice, dossier)
        assert_refused(practice, dossier, document)
        assert erased(practice, retention_id(dossier)) == Refused("not_found")
