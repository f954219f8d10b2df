"""Sessions of signed-in members and how long they live; failed sign-ins and how long they make wait."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from vault.domain.clock import from_ahead
from vault.records.encoding import new_id
from vault.rules.terms import CLOCK_SLACK

FREE_TRIES = 5
FIRST_WAIT = timedelta(seconds=60)
LONGEST_WAIT = timedelta(hours=1)
FORGOTTEN_AFTER = timedelta(days=1)
STEPS_APART = int(CLOCK_SLACK / timedelta(seconds=30))  # of one-time codes: how far two honest clocks differ
MOST_THROTTLES = 100_000  # about 10 MB, whatever strangers do


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How long a session lives without being used, and how long at most."""

    idle: timedelta = timedelta(hours=12)
    most: timedelta = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A member's signed-in device; only the SHA-256 of its token is kept.

    `id` names it to its member. `details`: the device's name and place, JSON sealed by subject `member`. `opened`: an
    HMAC of the code that opened it, under the hash of its token.
    """

    token: bytes
    member: str
    created_at: datetime
    seen_at: datetime
    id: str = field(default_factory=new_id)
    details: bytes | None = None
    opened: bytes | None = None

    def live(self, now: datetime, limits: SessionLimits) -> bool:
        """True within both the idle and the absolute limit; one from ahead of the clock is over."""
        if from_ahead(self.seen_at, now) or from_ahead(self.created_at, now):
            return False
        return now - self.seen_at <= limits.idle and now - self.created_at <= limits.most


@dataclass(frozen=True, slots=True)
class ThrottleRow:
    """Failures counted under one key (an account, a source, a share), and until when attempts are refused."""

    key: bytes
    failures: int
    until: datetime

    def waits(self, now: datetime) -> timedelta:
        """How long attempts are refused still; not at all by one that was counted ahead of the clock."""
        left = self.until - now
        return left if left <= LONGEST_WAIT + CLOCK_SLACK else timedelta(0)


def wait_after(failures: int) -> timedelta:
    """The wait after that many failures: none for five, then 60 s, doubling up to an hour; never a permanent lock."""
    if failures < FREE_TRIES:
        return timedelta(0)
    doublings = min(failures - FREE_TRIES, 10)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def next_throttle(current: ThrottleRow | None, key: bytes, now: datetime) -> ThrottleRow:
    """The throttle after one more failure; the count starts anew after a day without, and over one from ahead."""
    failures = 1
    if current is not None and -LONGEST_WAIT - CLOCK_SLACK <= now - current.until <= FORGOTTEN_AFTER:
        failures = current.failures + 1
    return ThrottleRow(key, failures, now + wait_after(failures))
