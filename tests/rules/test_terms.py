"""The day of destruction: exact at leap days, never within 30 days of the record, the last term counts (R6)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.rules.terms import GRACE, Ended, add_months, destroy_on, first_day_after, start_of

SIGNED = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2024-02-29", 60, "2029-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2023-02-28", 12, "2024-02-28"),
        ("2026-08-31", 1, "2026-09-30"),
        ("2026-12-31", 2, "2027-02-28"),
        ("2026-11-23", 60, "2031-11-23"),
        ("2026-11-30", 1, "2026-12-30"),
    ],
)
def test_the_same_date_that_many_months_on(day, months, expected):
    assert add_months(date.fromisoformat(day), months) == date.fromisoformat(expected)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 120))
def test_a_term_never_ends_late_and_less_than_four_days_early(day, months):
    ends = add_months(day, months)
    assert (ends.year * 12 + ends.month) - (day.year * 12 + day.month) == months
    assert 0 <= day.day - ends.day <= 3


def ended(end, months, signed=SIGNED, *, grace=True):
    return Ended(end, months, signed, grace)


def test_a_trajectory_that_goes_on_stops_the_clock():
    over = ended(date(2026, 11, 23), 60)
    assert destroy_on([over]) == date(2031, 11, 23)
    assert destroy_on([over, ended(None, 60)]) is None
    assert destroy_on([]) is None


def test_a_term_that_ends_beyond_what_a_record_can_say_never_does():
    assert destroy_on([ended(date(2994, 12, 31), 60)]) == date(2999, 12, 31)
    assert destroy_on([ended(date(2999, 12, 31), 60)]) is None
    assert destroy_on([ended(date(2026, 11, 23), 1), ended(date(2999, 12, 31), 60)]) is None


def test_the_last_term_counts():
    assert destroy_on([ended(date(2026, 1, 1), 60), ended(date(2027, 1, 1), 12)]) == date(2031, 1, 1)


def test_a_term_that_is_over_already_leaves_thirty_whole_days():
    assert destroy_on([ended(date(2019, 1, 1), 60)]) == date(2026, 12, 24)
    assert destroy_on([ended(date(2019, 1, 1), 60, grace=False)]) == date(2024, 1, 1)


@given(
    st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    st.integers(1, 60),
    st.integers(946_684_800, 4_102_444_800).map(lambda second: datetime.fromtimestamp(second, UTC)),
)
def test_nothing_is_due_within_thirty_days_of_the_record_or_before_its_term(end, months, signed):
    due = start_of(ended(end, months, signed).due)
    assert due >= signed + GRACE
    assert due >= start_of(add_months(end, months))
    assert due < max(signed + GRACE + timedelta(days=1), start_of(add_months(end, months)) + timedelta(seconds=1))


def test_the_day_begins_at_midnight_utc_whatever_a_table_of_zones_says():
    assert start_of(date(2031, 7, 1)) == datetime(2031, 7, 1, tzinfo=UTC)
    assert first_day_after(datetime(2031, 7, 1, tzinfo=UTC)) == date(2031, 7, 1)
    assert first_day_after(datetime(2031, 7, 1, 0, 0, 1, tzinfo=UTC)) == date(2031, 7, 2)
