"""Whether the server's clock can be believed, and what an instant from ahead of it is worth.

Each day that passes destroys something. So a clock that moved on by more than a day since it was last believed, or that
went back, destroys nothing until somebody whose clock is another one agrees with it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from vault.rules.terms import CLOCK_SLACK

LONGEST_REST = timedelta(days=1)
ENOUGH_MEMBERS = 2


@dataclass(frozen=True, slots=True)
class ClockWord:
    """A member's device agreed with the server's clock, when that said `at`, without the offset of the settings."""

    member: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Doubt:
    """The clock says `now`, and was last believed at `last`; both without the offset of the settings."""

    last: datetime
    now: datetime


def doubt(
    now: datetime,
    last: datetime | None,
    words: Sequence[ClockWord],
    directors: Collection[str],
    active: Collection[str],
) -> Doubt | None:
    """None while the clock can be believed: by when it last was, by a director's word, or by that of two members."""
    if last is None or follows(now, last):
        return None
    near = {word.member for word in words if follows(now, word.at)}
    if near.intersection(directors) or len(near.intersection(active)) >= ENOUGH_MEMBERS:
        return None
    return Doubt(last, now)


def follows(now: datetime, before: datetime) -> bool:
    """Whether a clock that was right at `before` may say `now`: a day later at most, and not earlier."""
    return before - CLOCK_SLACK <= now <= before + LONGEST_REST


def from_ahead(at: datetime, now: datetime) -> bool:
    """Whether an instant was stored while the clock ran ahead of what it says now: such a one is void."""
    return at > now + CLOCK_SLACK


def past(beats: Mapping[str, datetime], now: datetime) -> dict[str, datetime]:
    """The heartbeats that were not stored from ahead."""
    return {name: at for name, at in beats.items() if not from_ahead(at, now)}
