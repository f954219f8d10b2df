"""Members as the server knows them: sealed details, a way to sign in, sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

SESSION_IDLE = timedelta(hours=12)
SESSION_LIFE = timedelta(days=7)
FREE_TRIES = 5
FIRST_WAIT = timedelta(seconds=60)
LONGEST_WAIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class PracticeRow:
    """The one practice of this installation; `setup` is the hash of roster 1, `director` the member who made it."""

    id: str
    setup: str
    director: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ChainRow:
    """A stored version of the roster or the policy: exact bytes and signatures."""

    kind: str
    version: int
    hash: str
    record: bytes
    signatures: bytes


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One member. `email` is an HMAC; every other bytes field but `parameters` is sealed by subject `member`.

    `details`: JSON with name, e-mail, recipient, salt of the card. `parameters`: the password key's parameters and
    salt, JSON. `login`: SHA-256 of the login secret. `keyring`: sealed by the client under a random key. `lock`:
    that key under the password key. `recovery`: that key for the recovery sheet. `totp_step`: the last one-time step
    used. A member without `login` has not enrolled yet and cannot sign in.
    """

    id: str
    email: bytes
    details: bytes
    parameters: bytes | None
    login: bytes | None
    totp: bytes | None
    keyring: bytes | None
    lock: bytes | None
    recovery: bytes | None
    recovery_login: bytes | None
    totp_step: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A member's signed-in device; only the SHA-256 of its token is kept."""

    token: bytes
    member: str
    created_at: datetime
    seen_at: datetime

    def live(self, now: datetime) -> bool:
        """True within both the idle and the absolute limit."""
        return now - self.seen_at <= SESSION_IDLE and now - self.created_at <= SESSION_LIFE


@dataclass(frozen=True, slots=True)
class ThrottleRow:
    """Failures counted under one key (an account, a source, a share), and until when attempts are refused."""

    key: bytes
    failures: int
    until: datetime


def wait_after(failures: int) -> timedelta:
    """The wait after that many failures: none for five, then 60 s, doubling up to an hour; never a permanent lock."""
    if failures < FREE_TRIES:
        return timedelta(0)
    doublings = min(failures - FREE_TRIES, 10)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def next_throttle(current: ThrottleRow | None, key: bytes, now: datetime) -> ThrottleRow:
    """The throttle after one more failure; the count starts anew after a day without failures."""
    failures = 1
    if current is not None and now - current.until <= timedelta(days=1):
        failures = current.failures + 1
    return ThrottleRow(key, failures, now + wait_after(failures))
