from __future__ import annotations

from datetime import timedelta

import pytest

from tests.contract.samples import (
    DAY,
    NOW,
    audit,
    certified,
    disclosure,
    document,
    dossier,
    entry,
    erasure,
    hash_,
    id_,
    member,
    pickup,
    record,
    segment,
    share,
    wrap,
)
from vault.domain.dossiers import DocumentState, RecordState, last_lease, object_name
from vault.domain.erasures import OVER, CheckRow, ErasureState
from vault.ports.errors import ConflictError
from vault.ports.keystore import Subject, SubjectKind
from vault.ports.store import Store, Transaction

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    "kept",
    [erasure(), erasure(documents=(id_(2), id_(1))), erasure(request=None), certified(documents=(id_(1),))],
    ids=["the dossier", "documents", "the term", "certified"],
)
def test_an_erasure_is_kept_whole_and_its_id_is_its_own(store: Store, kept: object) -> None:
    with store.transaction() as rows:
        rows.add_erasure(kept)  # type: ignore[arg-type]
        with pytest.raises(ConflictError):
            rows.add_erasure(erasure())
    with store.transaction() as rows:
        assert rows.erasure(id_(1)) == kept
        assert rows.erasure(id_(2)) is None


def test_the_erasures_of_a_dossier_come_by_id(store: Store) -> None:
    with store.transaction() as rows:
        for each in (erasure(3), certified(1), erasure(2, dossier=id_(2))):
            rows.add_erasure(each)
        assert rows.erasures_of(id_(1)) == [certified(1), erasure(3)]
        assert rows.erasures_of(id_(3)) == []


def test_each_member_has_one_check_of_a_certificate_and_her_first_stays(store: Store) -> None:
    first, second = CheckRow(id_(1), id_(8), b"first"), CheckRow(id_(1), id_(7), b"second")
    with store.transaction() as rows:
        rows.add_erasure(certified())
        rows.add_erasure(certified(2))
        assert rows.checks_of(id_(1)) == []
        assert [rows.add_check(each) for each in (first, second)] == [True, True]
        assert not rows.add_check(CheckRow(id_(1), id_(8), b"another"))
        assert rows.add_check(CheckRow(id_(2), id_(8), b"of another"))
    with store.transaction() as rows:
        assert rows.checks_of(id_(1)) == [second, first]


@pytest.mark.parametrize("state", ErasureState)
def test_an_erasure_is_open_until_it_is_over(store: Store, state: ErasureState) -> None:
    with store.transaction() as rows:
        rows.add_erasure(erasure(state=state))
        assert rows.open_erasures(NOW, 10) == ([] if state in OVER else [erasure(state=state)])


def test_a_request_from_ahead_is_found_and_rescheduled_until_it_began(store: Store) -> None:
    with store.transaction() as rows:
        for number, state in ((1, ErasureState.REQUESTED), (2, ErasureState.BEGUN), (3, ErasureState.REQUESTED)):
            at = NOW if number == 3 else NOW + 9 * DAY
            rows.add_erasure(erasure(number, state=state, requested_at=at, not_before=at + DAY))
        assert [found.id for found in rows.erasures_ahead(NOW, 10)] == [id_(1)]
        assert rows.reschedule_erasure(id_(1), NOW, NOW + DAY)
        assert rows.erasures_ahead(NOW, 10) == []
        found = rows.erasure(id_(1))
        assert found is not None
        assert (found.requested_at, found.not_before) == (NOW, NOW + DAY)
        assert not rows.reschedule_erasure(id_(2), NOW, NOW)
        assert not rows.reschedule_erasure(id_(9), NOW, NOW)


def test_open_erasures_wait_for_their_date_and_come_oldest_first(store: Store) -> None:
    with store.transaction() as rows:
        for number, date in ((1, NOW), (2, NOW - DAY), (3, NOW + SECOND), (4, NOW - DAY)):
            rows.add_erasure(erasure(number, not_before=date))
        assert [found.id for found in rows.open_erasures(NOW, 10)] == [id_(2), id_(4), id_(1)]
        assert [found.id for found in rows.open_erasures(NOW, 1)] == [id_(2)]


def test_an_erasure_is_withdrawn_until_it_begins(store: Store) -> None:
    with store.transaction() as rows:
        rows.add_erasure(erasure())
        rows.add_erasure(certified(2))
        assert rows.withdraw_erasure(id_(1))
        assert rows.erasure(id_(1)) == erasure(state=ErasureState.WITHDRAWN)
        for over in (1, 2, 3):
            assert not rows.withdraw_erasure(id_(over))
        assert rows.erasure(id_(2)) == certified(2)


def test_an_erasure_moves_on_from_the_state_that_was_seen(store: Store) -> None:
    fields = {"dossier": id_(2), "reason": "term", "request": None, "not_before": NOW + DAY}
    moved = certified(documents=(id_(3),), state=ErasureState.BEGUN, **fields)
    with store.transaction() as rows:
        for number in (1, 2):
            rows.add_erasure(erasure(number))
        assert not rows.advance_erasure(certified())
        assert rows.erasure(id_(1)) == erasure()
        assert rows.advance_erasure(moved)
        assert not rows.advance_erasure(moved)
        assert rows.erasure(id_(1)) == moved
        assert rows.erasure(id_(2)) == erasure(2)
        assert not rows.advance_erasure(erasure(9, state=ErasureState.BEGUN))


def test_a_dossier_is_due_on_its_date_unless_it_is_fenced(store: Store) -> None:
    dates = {1: NOW, 2: NOW - DAY, 3: NOW + SECOND, 4: None, 5: NOW - DAY, 6: NOW - 2 * DAY}
    with store.transaction() as rows:
        for number, date in dates.items():
            rows.add_dossier(dossier(number, destroy_on=date, fenced=number == 6))
        assert [found.id for found in rows.due_dossiers(NOW, 10)] == [id_(2), id_(5), id_(1)]
        assert rows.due_dossiers(NOW, 1) == [dossier(2, destroy_on=NOW - DAY)]
        for number in (2, 2, 9):
            rows.fence_dossier(id_(number))
        assert [found.id for found in rows.due_dossiers(NOW, 10)] == [id_(5), id_(1)]
        assert rows.dossier(id_(2)) == dossier(2, destroy_on=NOW - DAY, fenced=True)


def test_the_date_of_destruction_is_set_and_taken_away(store: Store) -> None:
    with store.transaction() as rows:
        for number in (1, 2):
            rows.add_dossier(dossier(number))
        rows.set_destroy_on(id_(1), NOW + timedelta(microseconds=1))
        assert rows.dossier(id_(1)) == dossier(destroy_on=NOW)
        rows.set_destroy_on(id_(1), None)
        rows.set_destroy_on(id_(9), NOW)
        assert [rows.dossier(id_(number)) for number in (1, 2)] == [dossier(1), dossier(2)]


def test_a_fenced_dossier_stays_among_those_of_its_holders(store: Store) -> None:
    with store.transaction() as rows:
        rows.add_dossier(dossier())
        rows.put_wraps([wrap()])
        rows.fence_dossier(id_(1))
        assert rows.dossiers_of(id_(1)) == [dossier(fenced=True)]


def test_a_deposit_is_live_while_its_lease_lies_ahead_even_behind_the_fence(store: Store) -> None:
    with store.transaction() as rows:
        for number in (1, 2):
            rows.add_dossier(dossier(number))
        for number, until in ((1, NOW + SECOND), (2, NOW), (3, last_lease(NOW))):
            rows.add_document(document(number, leased_until=until, state=DocumentState.REMOVED))
        rows.add_document(document(4, dossier=id_(2), leased_until=last_lease(NOW)))
        rows.add_document(document(5, leased_until=last_lease(NOW) + DAY))  # the clock had been ahead
        assert rows.live_deposits(id_(1), NOW) == 2
        assert rows.live_deposits(id_(1), NOW + SECOND) == 1
        assert rows.live_deposits(id_(1), NOW, [id_(1), id_(1), id_(2), id_(4), id_(9)]) == 1
        assert rows.live_deposits(id_(3), NOW) == 0


def filled(rows: Transaction, number: int) -> None:
    """A dossier with two of everything; rows of dossier 1 are numbered 10 and 11, those of dossier 2 20 and 21."""
    rows.add_dossier(dossier(number))
    rows.put_wraps([wrap(number, epoch=epoch) for epoch in (1, 2)])
    mine = {"dossier": id_(number)}
    for each in (10 * number, 10 * number + 1):
        rows.add_document(document(each, **mine))
        rows.add_segment(segment(document=id_(each)))
        rows.add_record(record(each, **mine))
        rows.add_record(record(100 + each, kind="profile", state=RecordState.RETIRED, **mine))
        rows.add_share(share(each, **mine), [entry(10 * number, share=id_(each))])
        rows.add_pickup(pickup(share=id_(each)))
        rows.add_disclosures([disclosure(each, share=id_(each))])
        rows.add_audit(audit(each, **mine))
        rows.add_erasure(erasure(each, **mine))


def everything(rows: Transaction, number: int) -> list[object]:
    ids = [id_(10 * number), id_(10 * number + 1)]
    of_shares = [[rows.share(each), rows.entries(each), rows.pickups(each)] for each in ids]
    of_documents = [[rows.document(each), rows.segments(each)] for each in ids]
    wraps = [rows.wrap(id_(number), epoch, id_(1)) for epoch in (1, 2)]
    return [rows.dossier(id_(number)), wraps, rows.records(id_(number)), of_documents, of_shares]


NOTHING: list[object] = [None, [None] * 2, [], [[None, []]] * 2, [[None, [], []]] * 2]


def test_removed_shares_leave_their_disclosures_and_all_else(store: Store) -> None:
    with store.transaction() as rows:
        for number in (1, 2):
            filled(rows, number)
        before, other = everything(rows, 1), everything(rows, 2)
        for _ in range(2):
            rows.remove_shares(id_(1))
        assert everything(rows, 1) == [*before[:4], NOTHING[4]]
        assert rows.disclosures(id_(10)) == [disclosure(10, share=id_(10))]
        assert everything(rows, 2) == other


def test_a_removed_dossier_leaves_nothing_but_its_proofs(store: Store) -> None:
    with store.transaction() as rows:
        for number in (1, 2):
            filled(rows, number)
        # A share of the other dossier that names one of its documents: a fault, and no reason to fail.
        rows.add_share(share(5, dossier=id_(2)), [entry(11, share=id_(5))])
        other = everything(rows, 2)
        for _ in range(2):
            rows.remove_dossier(id_(1))
        rows.remove_dossier(id_(9))
    with store.transaction() as rows:
        assert everything(rows, 1) == NOTHING
        assert everything(rows, 2) == other
        assert rows.entries(id_(5)) == []
        assert [len(rows.disclosures(id_(each))) for each in (10, 11)] == [1, 1]
        assert [found.sequence for found in rows.audit(id_(1))] == [10, 11]
        assert [found.id for found in rows.erasures_of(id_(1))] == [id_(10), id_(11)]


def test_more_documents_than_one_statement_takes(store: Store) -> None:
    named = [id_(number) for number in range(40_000)]
    with store.transaction() as rows:
        rows.add_dossier(dossier())
        rows.add_document(document(39_999))
        assert rows.live_deposits(id_(1), NOW, named) == 1
        assert rows.set_document_state(named, DocumentState.REMOVED) == [id_(39_999)]
        assert rows.documents(id_(1)) == [document(39_999, state=DocumentState.REMOVED)]


def test_a_sweep_tells_when_it_was_last_through(store: Store) -> None:
    with store.transaction() as rows:
        assert rows.heartbeats() == {}
        rows.beat("erase", NOW)
        rows.beat("reconcile", NOW)
        rows.beat("erase", NOW + DAY + timedelta(microseconds=1))
        assert rows.heartbeats() == {"erase": NOW + DAY, "reconcile": NOW}


def test_a_disclosure_stays_when_its_share_goes(store: Store) -> None:
    with store.transaction() as rows:
        rows.add_dossier(dossier())
        rows.add_share(share(record=hash_(1)), [])
        rows.add_disclosures([disclosure(1)])
        rows.remove_shares(id_(1))
    with store.transaction() as rows:
        assert rows.share(id_(1)) is None
        assert rows.disclosures(id_(1)) == [disclosure(1)]


def test_the_segments_of_stored_documents_are_listed_by_their_objects_names(store: Store) -> None:
    stored = {"state": DocumentState.STORED}
    with store.transaction() as rows:
        for number in (2, 1):
            rows.add_dossier(dossier(number))
        for number, fields in ((4, {"dossier": id_(2)} | stored), (5, stored), (3, stored), (6, {}), (7, stored)):
            rows.add_document(document(number, **fields))
        for number, segments in ((4, (0,)), (5, (1, 0, 12)), (3, (0,)), (6, (0,))):
            for each in segments:
                rows.add_segment(segment(each, document=id_(number)))
        places = [(1, 3, 0), (1, 5, 0), (1, 5, 1), (1, 5, 12), (2, 4, 0)]
        names = [object_name(id_(of), id_(number), each) for of, number, each in places]
        assert rows.stored_segments() == names == sorted(names)
        for place, name in enumerate(names):
            assert rows.stored_segments(after=name) == names[place + 1 :]
            assert rows.stored_segments(after=name, limit=1) == names[place + 1 :][:1]


def test_an_orphan_is_as_old_as_its_first_sighting(store: Store) -> None:
    with store.transaction() as rows:
        rows.note_orphans(["a/b/2", "a/b/1", "a/b/2"], NOW)
        rows.note_orphans(["a/b/0"], NOW - DAY)
        rows.note_orphans(["a/b/0", "a/b/3"], NOW + DAY)
        rows.note_orphans([], NOW)
        assert rows.orphans(NOW + SECOND, 10) == ["a/b/0", "a/b/1", "a/b/2"]
        assert rows.orphans(NOW + SECOND, 2) == ["a/b/0", "a/b/1"]
        assert rows.orphans(NOW, 10) == ["a/b/0"]


def test_an_orphan_that_is_kept_is_old_only_after_its_term(store: Store) -> None:
    with store.transaction() as rows:
        rows.note_orphans(["a", "b"], NOW)
        rows.keep_orphans(["b", "c"], NOW + 90 * DAY)
        rows.keep_orphans([], NOW)
        assert rows.orphans(NOW + 90 * DAY, 10) == ["a"]
        assert rows.kept_orphans(NOW, 10) == ["b", "c"]
        assert rows.kept_orphans(NOW, 1) == ["b"]
        rows.note_orphans(["c"], NOW)
        assert rows.kept_orphans(NOW + 89 * DAY, 10) == ["b", "c"]
        assert rows.kept_orphans(NOW + 90 * DAY, 10) == []
        assert rows.orphans(NOW + 91 * DAY, 10) == ["a", "b", "c"]


def test_orphans_are_forgotten_by_name_or_all(store: Store) -> None:
    with store.transaction() as rows:
        rows.note_orphans(["a", "b", "c"], NOW)
        rows.forget_orphans(["a", "a", "never"])
        rows.forget_orphans([])
        assert rows.orphans(NOW + DAY, 10) == ["b", "c"]
        for _ in range(2):
            rows.forget_orphans()
        assert rows.orphans(NOW + DAY, 10) == []


def test_a_key_without_a_row_is_seen_first_once(store: Store) -> None:
    first, second, third = (Subject(SubjectKind.DOCUMENT, id_(number)) for number in (1, 2, 3))
    with store.transaction() as rows:
        rows.note_rowless([second, first], NOW)
        rows.note_rowless([], NOW)
        rows.note_rowless([first, third], NOW - DAY)
        assert rows.rowless(NOW, 9) == [third]
        assert rows.rowless(NOW + SECOND, 9) == [third, first, second]
        assert rows.rowless(NOW + SECOND, 2) == [third, first]
        rows.keep_rowless([], NOW)
        rows.keep_rowless([first, Subject(SubjectKind.MEMBER, id_(9))], NOW + 90 * DAY)
        rows.note_rowless([first], NOW)
        rows.forget_rowless([third, Subject(SubjectKind.SHARE, id_(2))])
        assert rows.rowless(NOW + 90 * DAY, 9) == [second]
        assert rows.rowless(NOW + 91 * DAY, 9) == [second, first, Subject(SubjectKind.MEMBER, id_(9))]


def test_what_has_no_row_is_told_from_what_has_one(store: Store) -> None:
    with store.transaction() as rows:
        filled(rows, 1)
        rows.add_member(member(7))
        theirs = [Subject(SubjectKind.DOSSIER, id_(1)), Subject(SubjectKind.DOCUMENT, id_(10))]
        theirs += [Subject(SubjectKind.SHARE, id_(10)), Subject(SubjectKind.MEMBER, id_(7))]
        assert rows.without_row(theirs) == []
        nobodys = [Subject(each.kind, id_(99)) for each in theirs]
        swapped = [Subject(SubjectKind.SHARE, id_(1)), Subject(SubjectKind.DOSSIER, id_(10))]
        found = rows.without_row([*theirs, *nobodys, *swapped, Subject(SubjectKind.NOTICE, id_(1))])
        assert found == sorted([*nobodys, *swapped])
