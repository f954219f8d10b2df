"""A store that was put back: what the worker brings back, what a director accepts, and what stays shut."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.actors import NOW, Practice
from tests.flows.erasures.test_erasing import ask
from tests.flows.positions.test_comparing import BEHIND, destroy
from vault.domain.erasures import ErasureState
from vault.domain.invitations import InvitationRow
from vault.domain.positions import Fault, Finding, StoreName
from vault.errors import IntegrityError
from vault.flows.erasures import erasing, retention
from vault.flows.people import inviting, rosters, signing_in
from vault.flows.positions import copies, restoring
from vault.flows.positions.adopting import adopt
from vault.flows.positions.comparing import standing
from vault.flows.positions.keeping import shut
from vault.flows.positions.restoring import KEPT_FOR
from vault.flows.shares import sharing
from vault.ports.keystore import Subject, SubjectKind
from vault.records.envelope import SignatureError
from vault.records.types.policy import Policy
from vault.records.types.restoration import PutBack, Restoration
from vault.rules.verdict import Refused

LATER = NOW + timedelta(days=3)
RECORDS_BEHIND = (Finding(StoreName.RECORDS, Fault.BEHIND),)


@pytest.fixture
def kept(practice: Practice) -> Practice:
    adopt(practice.ports)
    worker(practice)
    return practice


def worker(practice: Practice, now=NOW) -> tuple[Finding, ...]:
    """A tick: nothing is done while the stores do not belong together."""
    found = shut(practice.ports, now)
    if not found:
        retention.sweep(practice.ports, now)
        copies.keep_copies(practice.ports)
    return found


def signed(practice: Practice, person=None, **changes):
    person = person or practice.director
    state = restoring.restoration_state(practice.ports, practice.director.caller, NOW)
    content = Restoration(practice.chain.standing, state.stores, "from the copy of Sunday", NOW, signer=person.id)
    return practice.sign("restoration", replace(content, **changes).content(), person)


def accept(practice: Practice, **changes):
    return restoring.restore(practice.ports, practice.director.caller, signed(practice, **changes))


class TestRecords:
    @pytest.fixture
    def back(self, kept, dossier):
        """The records of before a link, a document and an erasure."""
        kept.gone = kept.open_dossier()
        kept.document = kept.deposit(dossier)
        kept.link = kept.share(dossier, [kept.document])
        worker(kept)
        old = kept.ports.store._tables.copy()
        kept.later = kept.deposit(dossier)
        kept.appointed = kept.appoint("Carla")
        destroy(kept, kept.gone)
        worker(kept)
        kept.ports.store._tables = old
        return kept

    def test_the_worker_does_nothing_but_bring_the_chains_back(self, back, dossier):
        assert worker(back) == RECORDS_BEHIND
        with back.ports.store.reading() as tx:
            assert tx.newest("roster").version == 2
            assert tx.newest("tombstone").version == 1
            assert tx.dossier(back.gone).fenced
            [erasure] = tx.erasures_of(back.gone)
            assert erasure.state is ErasureState.BEGUN
            assert not tx.share(back.link.id).revoked_at
        assert back.ports.keystore.exists(Subject(SubjectKind.DOCUMENT, back.later.id))
        assert worker(back, LATER) == RECORDS_BEHIND, "it stays shut, whatever time it is"

    def test_what_the_tombstones_write_does_not_open_it(self, kept):
        """Each brings an entry of the audit: of so many the records are further than anybody had seen them."""
        gone = [kept.open_dossier() for _ in range(3)]
        worker(kept)
        old = kept.ports.store._tables.copy()
        for dossier in gone:
            destroy(kept, dossier)
        kept.ports.keystore.witness(kept.ports.keystore.position().audit)
        kept.ports.store._tables = old
        for _ in range(3):
            assert worker(kept) == RECORDS_BEHIND
        assert isinstance(accept(kept), Restoration)
        assert worker(kept) == ()

    @pytest.mark.parametrize("kept_by", ["keystore", "nobody"])
    def test_old_objects_beside_old_records_have_their_tombstones_from_the_keystore(self, kept, kept_by):
        gone = kept.open_dossier()
        worker(kept)
        records, objects = kept.ports.store._tables.copy(), dict(kept.ports.objects._objects)
        destroy(kept, gone)
        worker(kept)
        kept.ports.store._tables, kept.ports.objects._objects = records, objects
        if kept_by == "nobody":
            kept.ports.keystore._ledger = {2: replace(kept.ports.keystore._ledger[1], sequence=2)}
            with pytest.raises(IntegrityError, match="not in the store"):
                worker(kept)
            return
        assert set(worker(kept)) == {*RECORDS_BEHIND, Finding(StoreName.OBJECTS, Fault.BEHIND)}
        accept(kept)
        for _ in range(8):
            assert worker(kept) == ()
        with kept.ports.store.reading() as tx:
            assert tx.dossier(gone) is None

    def test_what_an_old_keystore_opens_is_shredded_also_while_the_records_wait(self, kept):
        gone = kept.open_dossier()
        worker(kept)
        records, keystore = kept.ports.store._tables.copy(), kept.ports.keystore.image()
        destroy(kept, gone)
        worker(kept)
        kept.ports.store._tables = records
        kept.ports.keystore.put_back(keystore)
        assert RECORDS_BEHIND[0] in worker(kept)
        assert not kept.ports.keystore.exists(Subject(SubjectKind.DOSSIER, gone))

    def test_sessions_end_once_and_those_of_later_stay(self, back):
        worker(back)
        with back.ports.store.transaction() as tx:
            assert not tx._tables.session
        signing_in_again(back)
        worker(back)
        with back.ports.store.reading() as tx:
            assert len(tx._tables.session) == 1

    def test_an_invitation_of_before_is_over(self, back):
        """Whether it was used or revoked since, nobody can tell any more."""
        made = inviting.NewInvitation("1f" * 16, bytes(32), b"sealed", NOW + timedelta(days=7))
        with back.ports.store.transaction() as tx:
            tx.add_invitation(InvitationRow(made.id, back.director.id, made.possess, made.sealed, NOW, made.expires_at))
        worker(back)
        assert inviting.invitations(back.ports, back.director.caller) == []

    def test_a_director_accepts_them_and_everything_opens(self, back, dossier):
        worker(back)
        assert isinstance(accept(back), Restoration)
        assert worker(back) == ()
        assert standing(back.ports) == ()
        with back.ports.store.reading() as tx:
            assert tx.share(back.link.id).revoked_at == NOW
            assert "share_ended_by_restore" in [each.event for each in tx.audit(dossier)]
        assert not back.ports.keystore.exists(sharing.subject_of(back.link.id))
        for _ in range(8):
            assert worker(back) == ()
        with back.ports.store.reading() as tx:
            assert tx.dossier(back.gone) is None
            [erasure] = tx.erasures_of(back.gone)
            assert erasure.state is ErasureState.CERTIFIED

    def test_documents_that_came_later_are_kept_and_listed(self, back):
        worker(back)
        accept(back)
        worker(back)
        for night in range(4):
            retention.compare(back.ports, NOW + timedelta(days=night))
        kept = restoring.restoration_state(back.ports, back.director.caller, NOW).kept
        assert [name.split("/")[1] for name in kept] == [back.later.id]
        assert all(back.ports.objects.size(name) for name in kept)

    def test_what_is_kept_goes_after_its_term_with_its_keys(self, back):
        worker(back)
        accept(back)
        worker(back)
        [name] = restoring.restoration_state(back.ports, back.director.caller, NOW).kept
        key = Subject(SubjectKind.DOCUMENT, back.later.id)
        for days, there in ((KEPT_FOR.days, True), (KEPT_FOR.days + 2, False)):
            now = NOW + timedelta(days=days)
            retention.compare(back.ports, now)
            retention.sweep(back.ports, now)
            assert (back.ports.objects.size(name) is not None, back.ports.keystore.exists(key)) == (there, there)
        assert restoring.restoration_state(back.ports, back.director.caller, now).kept == ()

    def test_the_same_copy_put_back_once_more_is_not_accepted_by_the_old_word(self, back):
        old = back.ports.store._tables.copy()
        worker(back)
        envelope = signed(back)
        restoring.restore(back.ports, back.director.caller, envelope)
        worker(back)
        back.deposit(back.open_dossier())
        worker(back)
        back.ports.store._tables = old
        assert worker(back) == RECORDS_BEHIND
        assert restoring.restore(back.ports, back.director.caller, envelope) == Refused("state")
        assert worker(back) == RECORDS_BEHIND

    def test_a_copy_of_a_roster_that_does_not_follow_changes_nothing(self, back):
        name = copies.copy_name("roster", 2)
        back.ports.objects._objects[name] = back.ports.objects._objects[copies.copy_name("roster", 1)]
        with pytest.raises(IntegrityError):
            worker(back)

    def test_a_tombstone_that_does_not_follow_changes_nothing(self, back):
        [name] = [each for each in back.ports.objects._objects if each.startswith("ledger/0")]
        back.ports.objects._objects[name] = back.ports.objects._objects[name].replace(b'"evidence":{', b'"evidenc":{')
        with pytest.raises(IntegrityError, match="without evidence"):
            worker(back)

    def test_an_erasure_of_documents_begins_again(self, kept, dossier):
        one, other = kept.deposit(dossier), kept.deposit(dossier)
        worker(kept)
        old = kept.ports.store._tables.copy()
        ask(kept, dossier, sorted([one.id, other.id]))
        for _ in range(8):
            worker(kept)
        kept.ports.store._tables = old
        assert worker(kept) == RECORDS_BEHIND
        accept(kept)
        for _ in range(8):
            assert worker(kept) == ()
        with kept.ports.store.reading() as tx:
            [erasure] = tx.erasures_of(dossier)
            assert erasure.state is ErasureState.CERTIFIED
            assert len(erasure.tombstones) == 2
            assert tx.documents(dossier) == []

    def test_a_policy_comes_back_and_one_that_does_not_follow_does_not(self, kept):
        dossier = kept.open_dossier()
        worker(kept)
        old = kept.ports.store._tables.copy()
        first = Policy.read(kept.policy)
        second = replace(first, version=2, previous=first.hash, name="Another", at=NOW)
        envelope = kept.sign("policy", second.content())
        assert isinstance(rosters.add_policy(kept.ports, kept.director.caller, envelope), Policy)
        kept.deposit(dossier)
        worker(kept)
        kept.ports.store._tables = old.copy()
        assert worker(kept) == RECORDS_BEHIND
        with kept.ports.store.reading() as tx:
            assert tx.newest("policy").version == 2
        kept.ports.store._tables = old
        objects = kept.ports.objects._objects
        objects[copies.copy_name("policy", 2)] = objects[copies.copy_name("policy", 1)]
        with pytest.raises(IntegrityError, match="does not follow"):
            worker(kept)

    def test_an_erasure_of_a_dossier_that_the_copy_never_knew_gives_its_tombstone_alone(self, kept):
        old = kept.ports.store._tables.copy()
        destroy(kept, kept.open_dossier())
        kept.ports.store._tables = old
        assert worker(kept) == RECORDS_BEHIND
        with kept.ports.store.reading() as tx:
            assert tx.newest("tombstone").version == 1
            assert tx.open_erasures(LATER, 10) == []

    def test_an_erasure_that_the_copy_knows_as_asked_for_begins(self, kept):
        gone = kept.open_dossier()
        ask(kept, gone)
        old = kept.ports.store._tables.copy()
        for _ in range(8):
            worker(kept)
        kept.ports.store._tables = old
        assert worker(kept) == RECORDS_BEHIND
        with kept.ports.store.reading() as tx:
            [erasure] = tx.erasures_of(gone)
        assert erasure.state is ErasureState.BEGUN

    def test_tombstones_out_of_their_order_are_refused(self, kept):
        old = kept.ports.store._tables.copy()
        for _ in range(2):
            destroy(kept, kept.open_dossier())
        kept.ports.store._tables = old
        objects = kept.ports.objects._objects
        objects["ledger/0000000001"] = objects["ledger/0000000002"]
        with pytest.raises(IntegrityError, match="does not follow"):
            worker(kept)


def signing_in_again(practice: Practice) -> None:
    with practice.ports.store.transaction() as tx:
        tx.add_session(signing_in.SessionRow(b"t" * 32, practice.director.id, NOW, NOW))


class TestKeystore:
    def test_it_stays_shut_until_a_director_accepts_it(self, kept, dossier):
        old = kept.ports.keystore.image()
        kept.deposit(dossier)
        kept.ports.keystore.turn()
        worker(kept)
        kept.ports.keystore.put_back(old)
        assert worker(kept) == BEHIND
        assert isinstance(accept(kept), Restoration)
        assert worker(kept) == ()
        assert worker(kept) == ()

    def test_the_same_copy_put_back_once_more_is_not_accepted_by_the_old_word(self, kept):
        old = kept.ports.keystore.image()
        kept.ports.keystore.turn()
        worker(kept)
        for hour in range(2):
            kept.ports.keystore.put_back(old)
            assert worker(kept) == BEHIND
            accept(kept, at=NOW + timedelta(hours=hour))
            assert worker(kept) == ()
        kept.ports.keystore.put_back(old)
        assert worker(kept) == BEHIND

    @pytest.mark.parametrize("ledger", [True, False], ids=["behind the ledger", "accepted by a director"])
    def test_keys_of_links_that_are_over_come_back_with_it_and_go_once_more(self, kept, dossier, ledger):
        link = kept.share(dossier, [kept.deposit(dossier)])
        old = kept.ports.keystore.image()
        sharing.revoke(kept.ports, kept.director.caller, link.id, NOW)
        worker(kept)
        if ledger:
            destroy(kept, kept.open_dossier())
        kept.ports.keystore.turn()
        worker(kept)
        kept.ports.keystore.put_back(old)
        assert kept.ports.keystore.exists(sharing.subject_of(link.id))
        if worker(kept):
            accept(kept)
            assert worker(kept) == ()
        worker(kept)
        assert not kept.ports.keystore.exists(sharing.subject_of(link.id))


class TestObjects:
    def test_the_ledger_is_made_whole_and_what_is_missing_is_an_alarm(self, kept, dossier):
        old = dict(kept.ports.objects._objects)
        destroy(kept, kept.open_dossier())
        document = kept.deposit(dossier)
        worker(kept)
        kept.ports.objects._objects = old
        assert worker(kept) == (Finding(StoreName.OBJECTS, Fault.BEHIND),)
        accept(kept)
        assert worker(kept) == ()
        assert standing(kept.ports) == ()
        assert retention.compare(kept.ports, NOW).missing == 1
        assert document.id


class TestWho:
    @pytest.fixture
    def behind(self, kept):
        old = kept.ports.keystore.image()
        kept.ports.keystore.turn()
        kept.carla = kept.appoint("Carla")
        worker(kept)
        kept.ports.keystore.put_back(old)
        worker(kept)
        return kept

    def test_a_coach_neither_sees_nor_accepts(self, behind):
        assert restoring.restoration_state(behind.ports, behind.carla.caller, NOW) == Refused("not_allowed")
        with pytest.raises(SignatureError):
            restoring.restore(behind.ports, behind.carla.caller, signed(behind, behind.carla))

    def test_nobody_sends_a_directors_word_for_her(self, behind):
        assert restoring.restore(behind.ports, behind.carla.caller, signed(behind)) == Refused("not_allowed")

    def test_other_positions_than_those_found_are_refused(self, behind):
        [found] = restoring.restoration_state(behind.ports, behind.director.caller, NOW).stores
        for stores in ((replace(found, seen=found.seen + 1),), (found, PutBack("records", 0, 1))):
            if len(stores) == 1:
                assert accept(behind, stores=stores) == Refused("state")
        assert worker(behind) == BEHIND

    def test_it_can_be_repeated(self, behind):
        envelope = signed(behind)
        first = restoring.restore(behind.ports, behind.director.caller, envelope)
        assert restoring.restore(behind.ports, behind.director.caller, envelope) == first

    def test_nothing_is_accepted_while_all_is_well(self, kept):
        assert accept(kept, stores=(PutBack("records", 0, 1),)) == Refused("state")

    def test_a_store_of_another_installation_cannot_be_accepted(self, kept):
        kept.ports.keystore._installation = "b" * 32
        assert restoring.restoration_state(kept.ports, kept.director.caller, NOW).stores == ()
        assert accept(kept, stores=(PutBack("keystore", 0, 1),)) == Refused("state")
        assert restoring.accepted(kept.ports, standing(kept.ports)) is None

    def test_the_word_of_a_director_who_left_opens_nothing(self, behind, monkeypatch):
        assert isinstance(accept(behind), Restoration)
        monkeypatch.setattr(restoring, "read_restoration", lambda *_: Refused("quarantined"))
        assert worker(behind) == BEHIND


def test_a_worker_killed_between_two_stores_goes_on(kept, dossier, monkeypatch):
    old, objects = kept.ports.keystore.image(), dict(kept.ports.objects._objects)
    destroy(kept, kept.open_dossier())
    worker(kept)
    kept.ports.keystore.put_back(old)
    kept.ports.objects._objects = objects
    found = worker(kept)
    assert {each.store for each in found} >= {StoreName.KEYSTORE}
    accept(kept)
    monkeypatch.setattr(restoring, "_keystore", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        worker(kept)
    monkeypatch.undo()
    assert worker(kept) == ()
    assert erasing.sweep(kept.ports, NOW).begun == 0
