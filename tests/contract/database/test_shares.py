from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.contract.samples import DAY, NOW, disclosure, document, dossier, entry, id_, pickup, share
from vault.domain.dossiers import DocumentState
from vault.domain.shares import PickupRow, ShareRow
from vault.ports.errors import ConflictError
from vault.ports.store import Store, Transaction
from vault.rules.terms import CLOCK_SLACK


def with_share(rows: Transaction, *shares: ShareRow) -> None:
    rows.add_dossier(dossier())
    for each in shares:
        rows.add_share(each, [])


def test_a_share_has_its_entries_in_order(store: Store) -> None:
    with store.transaction() as rows:
        rows.add_dossier(dossier())
        for number in (1, 2):
            rows.add_document(document(number))
        rows.add_share(share(), [entry(2), entry(1)])
        assert rows.share(id_(1)) == share()
        assert rows.share(id_(2)) is None
        assert rows.entries(id_(1)) == [entry(1), entry(2)]
        assert rows.entry(id_(1), id_(2)) == entry(2)
        assert rows.entry(id_(1), id_(3)) is None
        with pytest.raises(ConflictError):
            rows.add_share(share(), [])


def test_a_share_offers_what_is_stored(store: Store) -> None:
    states = [DocumentState.STORED, DocumentState.PENDING, DocumentState.STORED, DocumentState.REMOVED]
    with store.transaction() as rows:
        rows.add_dossier(dossier())
        for number, state in enumerate(states, 1):
            rows.add_document(document(number, state=state))
        rows.add_share(share(), [entry(number) for number in (4, 3, 2, 1)])
        assert rows.offered(id_(1)) == [entry(1), entry(3)]
        assert rows.offered(id_(2)) == []


@pytest.mark.parametrize("second", [entry(2, document=id_(1)), entry(1, document=id_(2))], ids=["document", "position"])
def test_a_share_names_a_document_and_a_position_once(store: Store, second: object) -> None:
    with store.transaction() as rows:
        rows.add_dossier(dossier())
        for number in (1, 2):
            rows.add_document(document(number))
        with pytest.raises(ConflictError):
            rows.add_share(share(), [entry(1), second])  # type: ignore[list-item]


def test_an_entry_names_a_document_that_exists(store: Store) -> None:
    with store.transaction() as rows:
        rows.add_dossier(dossier())
        with pytest.raises(LookupError):
            rows.add_share(share(), [entry(1)])


def test_a_share_never_counts_more_than_it_has(store: Store) -> None:
    with pytest.raises(LookupError), store.transaction() as rows:
        with_share(rows, share(used=2))


def test_shares_of_a_dossier_come_in_pages(store: Store) -> None:
    with store.transaction() as rows:
        with_share(rows, share(2), share(1), share(3))
        assert [found.id for found in rows.shares(id_(1))] == [id_(1), id_(2), id_(3)]
        assert [found.id for found in rows.shares(id_(1), after=id_(1), limit=1)] == [id_(2)]
        assert rows.shares(id_(2)) == []


def test_a_pickup_counts_up_to_the_maximum(store: Store) -> None:
    with store.transaction() as rows:
        with_share(rows, share(max=2))
        assert [rows.claim_pickup(id_(1), NOW) for _ in range(3)] == [True, True, False]
        assert rows.share(id_(1)) == share(max=2, used=2)


@pytest.mark.parametrize(
    ("closed", "why"),
    [
        (share(expires_at=NOW), "expired at this very second"),
        (share(revoked_at=NOW - DAY), "revoked"),
        (share(used=1), "used up"),
        (share(2), "unknown"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_closed_share_counts_nothing(store: Store, closed: ShareRow, why: str) -> None:
    with store.transaction() as rows:
        with_share(rows, closed)
        assert not rows.claim_pickup(id_(1), NOW)
        assert rows.share(closed.id) == closed


def test_a_share_counts_in_its_last_second(store: Store) -> None:
    with store.transaction() as rows:
        with_share(rows, share(expires_at=NOW))
        assert rows.claim_pickup(id_(1), NOW - timedelta(microseconds=1))


def test_a_pickup_has_its_name_alone(store: Store) -> None:
    with store.transaction() as rows:
        with_share(rows, share(), share(2))
        assert rows.add_pickup(pickup(2))
        assert rows.add_pickup(pickup(1))
        assert not rows.add_pickup(pickup(1, started_at=NOW + DAY))
        assert rows.add_pickup(pickup(1, share=id_(2)))
        assert rows.pickup(id_(1), b"n1") == pickup(1)
        assert rows.pickup(id_(1), b"n3") is None
        assert rows.pickups(id_(1)) == [pickup(1), pickup(2)]
        with pytest.raises(LookupError):
            rows.add_pickup(pickup(share=id_(9)))


def test_a_pickup_that_goes_on_is_touched_and_finishes_once(store: Store) -> None:
    with store.transaction() as rows:
        with_share(rows, share())
        rows.add_pickup(pickup())
        rows.touch_pickup(id_(1), b"n1", NOW + DAY)
        assert rows.pickup(id_(1), b"n1") == pickup(last_at=NOW + DAY)
        rows.touch_pickup(id_(1), b"n1", NOW + 2 * DAY, finished=True)
        rows.touch_pickup(id_(1), b"n1", NOW + 3 * DAY, finished=True)
        assert rows.pickup(id_(1), b"n1") == pickup(last_at=NOW + 3 * DAY, finished_at=NOW + 2 * DAY)
        rows.touch_pickup(id_(1), b"unknown", NOW)


def test_disclosures_are_kept_in_the_order_in_which_things_were_released(store: Store) -> None:
    with store.transaction() as rows:
        with_share(rows, share(), share(2))
        rows.add_disclosures([disclosure(2), disclosure(1, consent="c")])
        rows.add_disclosures([])
        rows.add_disclosures([disclosure(2)])
        rows.add_disclosures([disclosure(3, share=id_(2))])
        assert rows.disclosures(id_(1)) == [disclosure(2), disclosure(1, consent="c"), disclosure(2)]


def test_a_removed_document_stays_in_the_disclosures(store: Store) -> None:
    with store.transaction() as rows:
        rows.add_dossier(dossier())
        rows.add_document(document())
        rows.add_share(share(), [entry(1)])
        rows.add_disclosures([disclosure(1)])
        rows.remove_documents([id_(1)])
        assert rows.disclosures(id_(1)) == [disclosure(1)]


def test_a_share_is_revoked_once(store: Store) -> None:
    with store.transaction() as rows:
        with_share(rows, share())
        assert rows.revoke_share(id_(1), NOW)
        assert not rows.revoke_share(id_(1), NOW + DAY)
        assert not rows.revoke_share(id_(9), NOW)
        assert rows.share(id_(1)) == share(revoked_at=NOW)


def test_attempts_are_counted_and_forgotten(store: Store) -> None:
    with store.transaction() as rows:
        with_share(rows, share())
        rows.set_attempts(id_(1), 6, NOW)
        assert rows.share(id_(1)) == share(failures=6, retry_at=NOW)
        rows.set_attempts(id_(1), 0, None)
        rows.set_attempts(id_(9), 0, None)
        assert rows.share(id_(1)) == share()


def test_every_link_that_is_open_still_is_ended_at_once(store: Store) -> None:
    over = share(2, expires_at=NOW), share(3, used=1), share(4, revoked_at=NOW - DAY)
    with store.transaction() as rows:
        with_share(rows, share(5), *over, share(1))
        ended = rows.end_links(NOW)
        assert [each.id for each in ended] == [id_(1), id_(5)]
        assert rows.end_links(NOW) == []
        assert [rows.share(id_(number)).revoked_at for number in (1, 4, 5)] == [NOW, NOW - DAY, NOW]  # type: ignore[union-attr]
        assert [rows.share(id_(number)).revoked_at for number in (2, 3)] == [None, None]  # type: ignore[union-attr]


OVER = [
    (share(revoked_at=NOW), NOW, "revoked just now"),
    (share(revoked_at=NOW + DAY), NOW, "revoked by a clock that ran ahead"),
    (share(expires_at=NOW), NOW + DAY, "expired a day ago"),
    (share(used=1), NOW, "used up, and nobody is under way"),
]
NOT_OVER = [
    (share(), NOW, "open"),
    (share(expires_at=NOW), NOW + DAY - timedelta(seconds=1), "expired for less than a day"),
    (share(max=2, used=1), NOW, "with a pick-up left"),
    (share(used=1, shredded_at=NOW), NOW, "used up and shredded"),
    (share(revoked_at=NOW, shredded_at=NOW), NOW, "revoked and shredded"),
    (share(expires_at=NOW - DAY, shredded_at=NOW), NOW, "expired and shredded"),
]


@pytest.mark.parametrize(("row", "now", "why"), OVER, ids=[why for _, _, why in OVER])
def test_a_share_that_is_over_is_found_until_it_is_marked(store: Store, row: ShareRow, now: datetime, why: str) -> None:
    with store.transaction() as rows:
        with_share(rows, row, share(2, max=2))
        assert rows.over_shares(now, 10) == [row]
        assert rows.mark_shredded(row.id, now)
        assert not rows.mark_shredded(row.id, now + DAY)
        assert not rows.mark_shredded(id_(9), now)
        assert rows.share(row.id) == replace(row, shredded_at=now)
        assert rows.over_shares(now, 10) == []


@pytest.mark.parametrize(("row", "now", "why"), NOT_OVER, ids=[why for _, _, why in NOT_OVER])
def test_a_share_that_is_not_over_is_not_found(store: Store, row: ShareRow, now: datetime, why: str) -> None:
    with store.transaction() as rows:
        with_share(rows, row)
        assert rows.over_shares(now, 10) == []


HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
UNDER_WAY = [
    (pickup(), NOW, True, "begun just now"),
    (pickup(), NOW + DAY, True, "standing still for its day"),
    (pickup(), NOW + DAY + SECOND, False, "standing still for longer"),
    (pickup(last_at=NOW + DAY), NOW + DAY + SECOND, False, "a day old, whatever it fetches"),
    (pickup(finished_at=NOW), NOW + HOUR, True, "fetched whole an hour ago"),
    (pickup(finished_at=NOW), NOW + HOUR + SECOND, False, "fetched whole longer ago"),
    (pickup(finished_at=NOW, last_at=NOW + HOUR), NOW + 2 * HOUR, True, "fetched once more"),
    (pickup(), NOW - CLOCK_SLACK, True, "begun by a clock a little ahead"),
    (pickup(), NOW - CLOCK_SLACK - SECOND, False, "begun by a clock that was wrong"),
    (pickup(finished_at=NOW, last_at=NOW + DAY), NOW, False, "fetched by a clock that was wrong"),
]


@pytest.mark.parametrize(("row", "now", "holds", "why"), UNDER_WAY, ids=[why for *_, why in UNDER_WAY])
def test_a_share_that_is_used_up_is_over_once_no_pickup_holds_it(
    store: Store, row: PickupRow, now: datetime, holds: bool, why: str
) -> None:
    with store.transaction() as rows:
        with_share(rows, share(expires_at=NOW + 9 * DAY, used=1))
        rows.add_pickup(row)
        rows.add_pickup(pickup(2, started_at=NOW - 2 * DAY, last_at=NOW - 2 * DAY))
        assert row.holds(now) is holds
        assert [found.id for found in rows.over_shares(now, 10)] == [id_(1)] * (not holds)


def test_shares_that_are_over_come_once_each_and_as_many_as_asked(store: Store) -> None:
    late = NOW + 3 * DAY
    over = [
        share(4, revoked_at=NOW),
        share(1, revoked_at=NOW + DAY, expires_at=NOW, used=1),
        share(3, expires_at=NOW, used=1),
        share(5, expires_at=NOW + DAY),
        share(2, expires_at=NOW + 9 * DAY, used=1),
    ]
    with store.transaction() as rows:
        with_share(rows, *over, share(6, expires_at=NOW + 9 * DAY))
        assert rows.over_shares(late, 10) == over
        assert [rows.over_shares(late, limit) for limit in (1, 3, 5)] == [over[:1], over[:3], over]


def test_a_share_that_was_shredded_is_closed_whatever_its_terms_say(store: Store) -> None:
    with store.transaction() as rows:
        with_share(rows, share(shredded_at=NOW))
        assert not rows.claim_pickup(id_(1), NOW)
        assert rows.end_links(NOW) == []


def test_marks_are_taken_back(store: Store) -> None:
    over = [share(revoked_at=NOW), share(2, revoked_at=NOW), share(3)]
    with store.transaction() as rows:
        with_share(rows, *over)
        assert rows.mark_shredded(id_(1), NOW)
        rows.unmark_shredded()
        assert [rows.share(row.id) for row in over] == over
        assert rows.over_shares(NOW, 10) == over[:2]
