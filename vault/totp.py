"""One-time codes of the second factor: RFC 6238 (TOTP) over RFC 4226, SHA-1, 30 seconds, six digits.

These are the defaults of every authenticator app.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

PERIOD = 30
DIGITS = 6
DRIFT = 1


def step_of(now: datetime) -> int:
    """The time step `now` lies in."""
    return int(now.timestamp()) // PERIOD


def code(secret: bytes, step: int) -> str:
    """The code of a step (RFC 4226 section 5.3)."""
    mac = hmac.digest(secret, step.to_bytes(8, "big"), hashlib.sha1)
    offset = mac[-1] & 15
    number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFF_FFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def matching_step(secret: bytes, given: str, now: datetime) -> int | None:
    """The step of the given code, at most one away from now; None for a wrong code."""
    present = step_of(now)
    for step in range(present - DRIFT, present + DRIFT + 1):
        if hmac.compare_digest(code(secret, step).encode(), given.encode()):
            return step
    return None
