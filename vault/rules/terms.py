"""The term of retention: the day a dossier is destroyed (FORMAT.md "Retention"; promise R6).

Both sides compute it: the server to act, the client to accept a tombstone only where it was due.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from vault.zone import ZONE


@dataclass(frozen=True, slots=True)
class Ended:
    """A trajectory and its term: `end` is None while it goes on."""

    end: date | None
    months: int


def add_months(day: date, months: int) -> date:
    """The same date that many months on; where the month is shorter, its last day (29 Feb gives 28 Feb)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def destroy_on(trajectories: Iterable[Ended]) -> date | None:
    """The day the last term runs out, None while a trajectory goes on or none ever began."""
    days = [None if each.end is None else add_months(each.end, each.months) for each in trajectories]
    ended = [day for day in days if day is not None]
    return max(ended) if ended and len(ended) == len(days) else None


def start_of(day: date) -> datetime:
    """00:00 of that day in Europe/Amsterdam, as an instant."""
    return datetime.combine(day, time(0), ZONE)
