"""The term of retention: the day a dossier is destroyed (FORMAT.md "Term"; promise R6).

Both sides compute it from signed records: the server to erase in time, the client to accept a tombstone only if it was
due. Days begin at 00:00 UTC, so that no table of time zones decides about destruction.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from vault.records.encoding import LAST_YEAR
from vault.records.types.trajectory import Trajectory
from vault.rules.verdict import ALLOWED, Refused, Verdict

# How far apart the clocks of two honest parties may be.
CLOCK_SLACK = timedelta(minutes=5)
GRACE = timedelta(days=30)
CLOCKS_APART = timedelta(days=1)
# Whoever has joined by an invitation waits for a director; one that nobody confirms is forgotten after that.
INVITATION_LIFE, INVITATION_WAITS = timedelta(days=7), timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Ended:
    """A trajectory and its term: `end` is None while it is open, `signed` is the time of its record.

    `months` is None for a dossier of a kind that no policy gives a term: it is never due.

    `grace` keeps the dossier for 30 days after `signed`, so that a wrong day can be noticed.
    """

    end: date | None
    months: int | None
    signed: datetime
    grace: bool = True

    @classmethod
    def of(cls, trajectory: Trajectory, months: int | None) -> Ended:
        """From a trajectory's record and the months of its policy."""
        return cls(trajectory.end, months, trajectory.at, trajectory.grace)

    @property
    def due(self) -> date | None:
        """The day of its term's end; None while it is open, or where that day is none that a record could say."""
        if self.end is None or self.months is None:
            return None
        day = add_months(self.end, self.months)
        if self.grace:
            day = max(day, first_day_after(self.signed + GRACE))
        return day if day.year <= LAST_YEAR else None


def add_months(day: date, months: int) -> date:
    """The same date that many months later; in a shorter month its last day (29 Feb gives 28 Feb)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def destroy_on(trajectories: Iterable[Ended]) -> date | None:
    """The day of the last term's end; None while a trajectory is open or there is none."""
    days = [each.due for each in trajectories]
    ended = [day for day in days if day is not None]
    return max(ended) if ended and len(ended) == len(days) else None


def start_of(day: date) -> datetime:
    """00:00 UTC of that day, as an instant."""
    return datetime.combine(day, time(0), UTC)


def first_day_after(instant: datetime) -> date:
    """The first day that does not begin before the instant."""
    day = instant.astimezone(UTC).date()
    return day if start_of(day) >= instant else day + timedelta(days=1)


def may_end(trajectory: Trajectory, now: datetime) -> Verdict:
    """Whether a new record may end a trajectory now; one with an old `at` would skip its days of grace."""
    if trajectory.end is None or abs(trajectory.at - now) <= CLOCKS_APART:
        return ALLOWED
    return Refused("clock_wrong")
