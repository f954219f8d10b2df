"""The day of destruction: exact at leap days, in Amsterdam, the last term counts (R6)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.rules.terms import Ended, add_months, destroy_on, start_of


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


def test_a_trajectory_that_goes_on_stops_the_clock():
    ended = Ended(date(2026, 11, 23), 60)
    assert destroy_on([ended]) == date(2031, 11, 23)
    assert destroy_on([ended, Ended(None, 60)]) is None
    assert destroy_on([]) is None


def test_the_last_term_counts():
    terms = [Ended(date(2026, 1, 1), 60), Ended(date(2027, 1, 1), 12)]
    assert destroy_on(terms) == date(2031, 1, 1)


def test_the_day_begins_at_midnight_in_amsterdam():
    assert start_of(date(2031, 7, 1)).astimezone(UTC) == datetime(2031, 6, 30, 22, tzinfo=UTC)
    assert start_of(date(2031, 12, 1)).astimezone(UTC) == datetime(2031, 11, 30, 23, tzinfo=UTC)
