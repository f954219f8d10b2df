"""Dates, times and sizes in words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from vault.texts import wording


def test_dates_times_and_sizes_are_words() -> None:
    at = datetime(2026, 12, 4, 16, 0, tzinfo=UTC)
    assert wording.instant(at, "nl") == "vrijdag 4 december 2026, 17:00"
    assert wording.instant(at, "en") == "Friday 4 December 2026, 17:00"
    sizes = {
        0: "0 bytes",
        999: "999 bytes",
        1000: "1,0 kB",
        1_500_000: "1,5 MB",
        999_999: "1,0 MB",
        10**15: "1000,0 TB",
    }
    assert {count: wording.size(count, "nl") for count in sizes} == sizes
    assert wording.size(1500, "en") == "1.5 kB"


def test_the_day_of_the_week_can_be_left_out() -> None:
    at = datetime(2026, 12, 4, 23, 30, tzinfo=UTC)
    assert wording.plain_instant(at, "nl") == "5 december 2026, 00:30"
    assert wording.plain_instant(at, "en") == "5 December 2026, 00:30"


@pytest.mark.parametrize(("spoken", "first", "last"), [("nl", "januari", "december"), ("en", "January", "December")])
def test_every_month_has_its_name(spoken: wording.Language, first: str, last: str) -> None:
    names = [wording.plain_day(date(2026, month, 1), spoken).split()[1] for month in range(1, 13)]
    assert (names[0], names[-1], len(set(names))) == (first, last, 12)
    assert wording.day(date(2026, 1, 5), spoken).startswith("maandag" if spoken == "nl" else "Monday")
    week = {wording.day(date(2026, 1, 5) + timedelta(n), spoken).split()[0] for n in range(7)}
    assert len(week) == 7
