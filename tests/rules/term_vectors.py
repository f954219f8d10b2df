"""The cases of `9-terms.json`: days, terms, and the ends that a server takes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from tests.records import practice
from tests.records.practice import NOW, rosters
from tests.rules.verdicts import (
    verdict_of,
)
from vault.records.encoding import format_instant, parse_instant
from vault.records.types.trajectory import Trajectory
from vault.rules.terms import Ended, add_months, destroy_on, may_end, start_of


def terms() -> dict[str, Any]:
    days = [
        ("2026-01-31", 1),
        ("2028-02-29", 12),
        ("2024-02-29", 48),
        ("2026-11-30", 3),
        ("2026-12-31", 60),
        ("2026-05-15", 7),
    ]
    signed, midnight = "2026-11-23T09:00:00Z", "2026-11-23T00:00:00Z"
    ended = [
        [],
        [(None, 60, signed, True)],
        [("2026-03-31", 60, signed, True)],
        [("2026-03-31", 60, signed, True), (None, 1, signed, True)],
        [("2026-03-31", 60, signed, True), ("2027-01-01", 12, signed, True)],
        [("2026-03-31", 12, signed, True), ("2026-03-30", 60, signed, True)],
        [("2019-01-01", 60, signed, True)],
        [("2019-01-01", 60, midnight, True)],
        [("2019-01-01", 60, signed, False)],
        [("2019-01-01", 60, signed, True), ("2019-01-02", 60, signed, False)],
        [("2021-12-23", 60, signed, True)],
        [("2021-12-24", 60, signed, True)],
        [(None, 60, signed, False)],
        [("2994-12-31", 60, signed, False)],
        [("2995-01-01", 60, signed, False)],
        [("2999-12-31", 60, signed, False), ("2026-03-31", 60, signed, True)],
        [("2026-03-31", 60, "2999-12-01T00:00:00Z", True)],
        [("2026-03-31", 60, "2999-12-01T00:00:01Z", True)],
        [("2026-03-31", 60, "2999-12-02T00:00:01Z", True)],
    ]
    starts = ["2031-03-31", "2031-07-01", "2027-03-28", "2027-03-29", "2027-10-31", "2027-11-01"]
    return {
        "about": "FORMAT.md, Forgetting, Term: a day some months on; the day of destruction; the instant it begins.",
        "add_months": [{"day": day, "months": months, "result": months_on(day, months)} for day, months in days],
        "destroy_on": [
            {"trajectories": [dict(zip(TERM, one, strict=True)) for one in each], "result": due(each)} for each in ended
        ],
        "start_of": [{"day": day, "result": begins(day)} for day in starts],
        "ending": [
            {
                "name": name,
                "now": format_instant(NOW),
                "end": None if end is None else end.isoformat(),
                "at": format_instant(at),
                "verdict": ending(end, at, NOW),
            }
            for name, end, at in _endings()
        ],
    }


TERM = ("end", "months", "at", "grace")


def _endings() -> Iterator[tuple[str, date | None, datetime]]:
    day, second = timedelta(days=1), timedelta(seconds=1)
    yield "an end, by a clock that goes right", practice.TODAY, NOW
    yield "an end, by a clock that is a day slow", practice.TODAY, NOW - day
    yield "an end, by a clock that is a day fast", practice.TODAY, NOW + day
    yield "an end, by a clock that is slower", practice.TODAY, NOW - day - second
    yield "an end, by a clock that is faster", practice.TODAY, NOW + day + second
    yield "no end, by a clock of years ago", None, NOW - 1827 * day


def ending(end: date | None, at: datetime, now: datetime) -> str:
    """Whether a new record may say so now."""
    record = Trajectory.read(practice.trajectory(rosters(), end=end, at=at))
    return verdict_of(lambda: may_end(record, now))


def months_on(day: str, months: int) -> str:
    return add_months(date.fromisoformat(day), months).isoformat()


def due(each: list[tuple[str | None, int, str, bool]]) -> str | None:
    found = destroy_on(
        Ended(None if end is None else date.fromisoformat(end), months, parse_instant(at), grace)
        for end, months, at, grace in each
    )
    return None if found is None else found.isoformat()


def begins(day: str) -> str:
    return format_instant(start_of(date.fromisoformat(day)))
