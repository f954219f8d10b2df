"""The client's clock: the machine's, shifted by DOSSIER_CLOCK_OFFSET, never by a server."""

from __future__ import annotations

import os
import re
from datetime import UTC, date, datetime, timedelta

from vault.errors import ConfigurationError
from vault.time_zone import ZONE

_OFFSET = re.compile(r"([+-]?\d{1,9})([smhd])\Z", re.ASCII)
_FURTHEST = timedelta(days=36_500)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def parse_offset(text: str) -> timedelta:
    """`+1827d`, `-90m`, `+0s`: in days, hours, minutes or seconds, a century at most; raises ConfigurationError."""
    match = _OFFSET.match(text)
    if match is not None:
        offset = timedelta(**{_UNITS[match[2]]: int(match[1])})
        if abs(offset) <= _FURTHEST:
            return offset
    raise ConfigurationError(
        "DOSSIER_CLOCK_OFFSET cannot be read", advice="Write it as +1827d, -90m or +0s, or leave it out."
    )


def now() -> datetime:
    """The client's current time, in UTC, to the second."""
    offset = parse_offset(os.environ.get("DOSSIER_CLOCK_OFFSET") or "+0s")
    return datetime.now(UTC).replace(microsecond=0) + offset


def local_day(at: datetime) -> date:
    """The day of an instant in Europe/Amsterdam."""
    return at.astimezone(ZONE).date()
