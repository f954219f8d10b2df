from __future__ import annotations

from datetime import timedelta

import pytest

from tests.contract.samples import DAY, NOW, document, dossier, entry, hash_, id_, link, record, segment, share, wrap
from vault.domain.dossiers import DocumentState, ListedRow, RecordState
from vault.ports.errors import ConflictError
from vault.ports.store import Store
from vault.rules.terms import CLOCK_SLACK

LATER = NOW + timedelta(hours=2)


def test_a_dossier_is_kept_and_its_id_is_its_own(store: Store) -> None:
    with store.transaction() as rows:
        rows.add_dossier(dossier(destroy_on=NOW))
        with pytest.raises(ConflictError):
            rows.add_dossier(dossier())
    with store.transaction() as rows:
        assert rows.dossier(id_(1)) == dossier(destroy_on=NOW)
        assert rows.dossier(id_(2)) is None


def test_a_member_sees_the_dossiers_of_which_the_current_epoch_is_wrapped_for_her(store: Store) -> None:
    with store.transaction() as rows:
        for number in (3, 1, 2, 4):
            rows.add_dossier(dossier(number, epoch=2))
        rows.put_wraps([wrap(number, epoch=2) for number in (1, 3, 4)])
        rows.put_wraps([wrap(2, epoch=1), wrap(2, epoch=2, member=id_(2))])
        assert [found.id for found in rows.dossiers_of(id_(1))] == [id_(1), id_(3), id_(4)]
        assert [found.id for found in rows.dossiers_of(id_(1), after=id_(1), limit=1)] == [id_(3)]
        held = [rows.held_dossier(id_(number), id_(1)) for number in (1, 2, 3, 9)]
        assert held == [dossier(1, epoch=2), None, dossier(3, epoch=2), None]
        assert rows.held_dossier(id_(2), id_(2)) == dossier(2, epoch=2)


def test_a_list_has_what_is_wrapped_for_her_now_and_not_fenced(store: Store) -> None:
    with store.transaction() as rows:
        for number in (3, 1, 2, 4):
            rows.add_dossier(dossier(number, epoch=2, destroy_on=NOW if number == 1 else None))
        rows.put_wraps([wrap(number, epoch=2, label=b"l") for number in (1, 3, 4)])
        rows.put_wraps([wrap(2, epoch=1), wrap(2, epoch=2, member=id_(2))])
        rows.fence_dossier(id_(4))
        found = rows.listed_of(id_(1))
        assert [row.id for row in found] == [id_(1), id_(3)]
        assert found[0] == ListedRow(id_(1), 1, 2, 0, "", NOW)
        mine = rows.wraps_of(id_(1), [id_(3), id_(2), id_(1), id_(9)])
        assert mine == [wrap(number, epoch=2, label=b"l") for number in (1, 3)]
        assert rows.wraps_of(id_(1), []) == []


def test_a_label_is_of_one_wrap_and_is_forgotten_for_all(store: Store) -> None:
    with store.transaction() as rows:
        for number in (1, 2):
            rows.add_dossier(dossier(number))
            rows.put_wraps([wrap(number, member=id_(member)) for member in (1, 2)])
        assert rows.set_label(id_(1), 1, id_(1), b"mine")
        assert rows.set_label(id_(1), 1, id_(2), b"hers")
        assert rows.set_label(id_(2), 1, id_(1), b"other")
        assert not rows.set_label(id_(1), 2, id_(1), b"none")
        assert rows.wrap(id_(1), 1, id_(1)) == wrap(label=b"mine")
        rows.clear_labels(id_(1))
        assert [rows.wrap(id_(1), 1, id_(member)).label for member in (1, 2)] == [None, None]  # type: ignore[union-attr]
        assert rows.wrap(id_(2), 1, id_(1)) == wrap(2, label=b"other")


@pytest.mark.parametrize(("sequence", "index", "moves"), [(0, "", True), (1, "", False), (0, "x", False)])
def test_a_dossier_moves_on_from_the_state_that_was_seen(store: Store, sequence: int, index: str, moves: bool) -> None:
    moved = dossier(version=2, epoch=2, head=hash_(2), sequence=1, index=hash_(3), destroy_on=NOW)
    with store.transaction() as rows:
        rows.add_dossier(dossier())
        assert rows.advance_dossier(moved, sequence=sequence, index=index) is moves
        assert rows.dossier(id_(1)) == (moved if moves else dossier())


def test_a_dossier_that_moves_on_neither_puts_up_nor_takes_down_its_fence(store: Store) -> None:
    with store.transaction() as rows:
        rows.add_dossier(dossier())
        assert rows.advance_dossier(dossier(fenced=True, version=2), sequence=0, index="")
        assert rows.dossier(id_(1)) == dossier(version=2)
        rows.fence_dossier(id_(1))
        assert rows.advance_dossier(dossier(version=3), sequence=0, index="")
        assert rows.dossier(id_(1)) == dossier(version=3, fenced=True)


def test_no_dossier_moves_that_is_not_there(store: Store) -> None:
    with store.transaction() as rows:
        assert not rows.advance_dossier(dossier(), sequence=0, index="")


def test_a_wrap_is_replaced_whole(store: Store) -> None:
    with store.transaction() as rows:
        rows.add_dossier(dossier())
        rows.put_wraps([wrap()])
        assert rows.set_symmetric(id_(1), 1, id_(1), b"s")
        assert rows.wrap(id_(1), 1, id_(1)) == wrap(symmetric=b"s")
        rows.put_wraps([wrap(wrap=b"new")])
        assert rows.wrap(id_(1), 1, id_(1)) == wrap(wrap=b"new")
        assert not rows.set_symmetric(id_(1), 2, id_(1), b"s")
        assert rows.wrap(id_(1), 2, id_(1)) is None


def test_rows_name_a_dossier_that_exists(store: Store) -> None:
    with store.transaction() as rows:
        with pytest.raises(LookupError):
            rows.put_wraps([wrap()])
        with pytest.raises(LookupError):
            rows.add_record(record(1))
        with pytest.raises(LookupError):
            rows.add_document(document())
        with pytest.raises(LookupError):
            rows.add_share(share(), [])


def test_records_are_chosen_by_kind_and_state_in_pages(store: Store) -> None:
    with store.transaction() as rows:
        rows.add_dossier(dossier())
        rows.add_dossier(dossier(2))
        rows.add_record(record(3, kind="profile", text=b"sealed"))
        rows.add_record(record(1))
        rows.add_record(record(2, state=RecordState.CURRENT))
        rows.add_record(record(4, dossier=id_(2)))
        with pytest.raises(ConflictError):
            rows.add_record(record(1))
        assert rows.record(hash_(3)) == record(3, kind="profile", text=b"sealed")
        assert rows.record(hash_(9)) is None
        assert [found.hash for found in rows.records(id_(1))] == [hash_(1), hash_(2), hash_(3)]
        assert [found.hash for found in rows.records(id_(1), kinds=["profile"])] == [hash_(3)]
        assert [found.hash for found in rows.records(id_(1), states=[RecordState.CURRENT])] == [hash_(2)]
        assert [found.hash for found in rows.records(id_(1), after=hash_(1), limit=1)] == [hash_(2)]


def test_states_change_for_records_of_that_dossier_only(store: Store) -> None:
    with store.transaction() as rows:
        rows.add_dossier(dossier())
        rows.add_dossier(dossier(2))
        rows.add_record(record(1))
        rows.add_record(record(2, dossier=id_(2)))
        changed = rows.set_record_states(id_(1), [hash_(1), hash_(1), hash_(2), hash_(3)], RecordState.CURRENT)
        assert changed == 1
        assert rows.set_record_states(id_(1), [], RecordState.CURRENT) == 0
        assert rows.record(hash_(1)) == record(1, state=RecordState.CURRENT)
        assert rows.record(hash_(2)) == record(2, dossier=id_(2))


def test_records_are_named_in_that_dossier_only(store: Store) -> None:
    with store.transaction() as rows:
        rows.add_dossier(dossier())
        rows.add_dossier(dossier(2))
        for number in (3, 1):
            rows.add_record(record(number))
        rows.add_record(record(2, dossier=id_(2)))
        named = [hash_(number) for number in (3, 2, 1, 1, 4)]
        assert rows.records_named(id_(1), named) == [record(1), record(3)]
        assert rows.records_named(id_(1), []) == []


def test_every_link_of_an_index_is_kept_and_what_the_newest_lists(store: Store) -> None:
    one, two = link(1), link(2)
    with store.transaction() as rows:
        rows.add_dossier(dossier())
        rows.add_dossier(dossier(2))
        rows.add_index(one, added=[hash_(2), hash_(1)], removed=[])
        rows.add_index(two, added=[hash_(3)], removed=[hash_(1), hash_(4)])
        rows.add_index(link(1, dossier=id_(2)), added=[hash_(1)], removed=[])
    with store.reading() as rows:
        assert rows.indexes(id_(1)) == [one, two]
        assert rows.indexes(id_(1), after=1) == [two]
        assert rows.indexes(id_(1), limit=1) == [one]
        assert rows.listed(id_(1)) == [hash_(2), hash_(3)]
        assert rows.listed(id_(2)) == [hash_(1)]
        assert rows.listed(id_(3)) == []
    with pytest.raises(ConflictError), store.transaction() as rows:
        rows.add_index(two, added=[], removed=[])
    with pytest.raises(LookupError), store.transaction() as rows:
        rows.add_index(link(1, dossier=id_(3)), added=[], removed=[])
    with store.transaction() as rows:
        rows.remove_dossier(id_(1))
        assert (rows.indexes(id_(1)), rows.listed(id_(1))) == ([], [])
        assert rows.listed(id_(2)) == [hash_(1)]


def test_more_hashes_than_one_statement_takes(store: Store) -> None:
    hashes = [hash_(number) for number in range(40_000)]
    with store.transaction() as rows:
        rows.add_dossier(dossier())
        rows.add_record(record(39_999))
        assert rows.set_record_states(id_(1), hashes, RecordState.CURRENT) == 1


def test_documents_are_chosen_by_state_in_pages(store: Store) -> None:
    with store.transaction() as rows:
        rows.add_dossier(dossier())
        rows.add_document(document(2, state=DocumentState.STORED, draft=True))
        rows.add_document(document(1))
        with pytest.raises(ConflictError):
            rows.add_document(document(1))
        assert rows.document(id_(2)) == document(2, state=DocumentState.STORED, draft=True)
        assert rows.document(id_(9)) is None
        assert [found.id for found in rows.documents(id_(1))] == [id_(1), id_(2)]
        assert [found.id for found in rows.documents(id_(1), states=[DocumentState.STORED])] == [id_(2)]
        assert [found.id for found in rows.documents(id_(1), after=id_(1), limit=5)] == [id_(2)]
        assert rows.documents(id_(2)) == []


def test_only_documents_in_a_state_before_change_theirs(store: Store) -> None:
    with store.transaction() as rows:
        rows.add_dossier(dossier())
        rows.add_document(document(3))
        rows.add_document(document(1, state=DocumentState.PENDING))
        rows.add_document(document(2, state=DocumentState.REMOVED))
        named = [id_(number) for number in (3, 2, 1, 1, 9)]
        assert rows.set_document_state(named, DocumentState.REMOVED) == [id_(1), id_(3)]
        assert rows.set_document_state(named, DocumentState.REMOVED) == []
        assert rows.set_document_state([], DocumentState.REMOVED) == []


def test_a_lease_grows_while_the_body_still_comes(store: Store) -> None:
    with store.transaction() as rows:
        rows.add_dossier(dossier())
        rows.add_document(document(1))
        rows.add_document(document(2, state=DocumentState.PENDING))
        assert rows.lease_document(id_(1), LATER)
        assert rows.lease_document(id_(1), LATER - CLOCK_SLACK)
        assert rows.document(id_(1)) == document(1, leased_until=LATER)
        rows.lease_document(id_(1), LATER - CLOCK_SLACK - timedelta(seconds=1))  # the clock had been ahead
        assert rows.document(id_(1)) == document(1, leased_until=LATER - CLOCK_SLACK - timedelta(seconds=1))
        assert not rows.lease_document(id_(2), LATER)
        assert not rows.lease_document(id_(9), LATER)


def test_a_record_takes_the_place_of_its_intent(store: Store) -> None:
    with store.transaction() as rows:
        rows.add_dossier(dossier())
        rows.add_record(record(1, kind="intent"))
        rows.add_document(document(1, head=None, metadata=None))
        rows.add_record(record(2, subject=id_(1)))
        assert rows.complete_document(id_(1), record=hash_(2), head=b"h", metadata=b"m")
        assert rows.document(id_(1)) == document(1, record=hash_(2))
        assert [found.hash for found in rows.records(id_(1))] == [hash_(2)]
        assert rows.complete_document(id_(1), record=hash_(2), head=b"h", metadata=b"m")
        assert [found.hash for found in rows.records(id_(1))] == [hash_(2)]
        rows.set_document_state([id_(1)], DocumentState.PENDING)
        assert not rows.complete_document(id_(1), record=hash_(1), head=b"x", metadata=b"x")
        assert not rows.complete_document(id_(9), record=hash_(1), head=b"x", metadata=b"x")
        assert rows.document(id_(1)) == document(1, record=hash_(2), state=DocumentState.PENDING)


def test_abandoned_is_what_is_not_stored_and_old_and_leased_to_nobody(store: Store) -> None:
    old = {"created_at": NOW - 2 * DAY, "leased_until": NOW - DAY}
    with store.transaction() as rows:
        rows.add_dossier(dossier())
        rows.add_document(document(1, **old))
        rows.add_document(document(2, **old | {"state": DocumentState.PENDING, "leased_until": NOW - 2 * DAY}))
        rows.add_document(document(3, **old | {"state": DocumentState.STORED}))
        rows.add_document(document(4, **old | {"leased_until": NOW}))
        rows.add_document(document(5, **old | {"created_at": NOW}))
        rows.add_document(document(6, **old | {"state": DocumentState.REMOVED}))
        rows.add_document(document(7, **old | {"leased_until": LATER + timedelta(seconds=1)}))
        rows.add_document(document(8, **old | {"leased_until": LATER}))
        assert [found.id for found in rows.abandoned_documents(NOW, LATER, 10)] == [id_(2), id_(1), id_(6), id_(7)]
        assert [found.id for found in rows.abandoned_documents(NOW, LATER, 1)] == [id_(2)]


def test_a_removed_document_takes_its_segments_entries_and_record_along(store: Store) -> None:
    with store.transaction() as rows:
        rows.add_dossier(dossier())
        for number in (1, 2):
            rows.add_record(record(number))
            rows.add_document(document(number))
            rows.add_segment(segment(document=id_(number)))
        rows.add_record(record(3, kind="tombstone", subject=id_(1)))
        rows.add_share(share(), [entry(1), entry(2)])
        for _ in range(2):
            rows.remove_documents([id_(1)])
        assert [found.id for found in rows.documents(id_(1))] == [id_(2)]
        assert [found.hash for found in rows.records(id_(1))] == [hash_(2), hash_(3)]
        assert rows.segments(id_(1)) == []
        assert rows.segments(id_(2)) == [segment(document=id_(2))]
        assert rows.entries(id_(1)) == [entry(2)]


def test_a_segment_is_repeatable_with_the_same_bytes(store: Store) -> None:
    with store.transaction() as rows:
        rows.add_dossier(dossier())
        rows.add_document(document())
        for number in (1, 0, 1):
            rows.add_segment(segment(number))
        with pytest.raises(ConflictError):
            rows.add_segment(segment(1, digest=b"x" * 32))
        with pytest.raises(LookupError):
            rows.add_segment(segment(document=id_(9)))
        assert rows.segments(id_(1)) == [segment(0), segment(1)]
        assert [rows.segment(id_(1), number) for number in (1, 2)] == [segment(1), None]


def test_a_lease_ends_when_nothing_is_written_any_more(store: Store) -> None:
    with store.transaction() as rows:
        rows.add_dossier(dossier())
        rows.add_document(document())
        rows.end_lease(id_(1), NOW)
        rows.end_lease(id_(9), NOW)
        assert rows.document(id_(1)) == document(leased_until=NOW)
