"""Values of the settings: the clock, the places for documents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import TypeAlias

from vault.secret import SecretText

Network: TypeAlias = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Clock:
    """The time of this installation: the machine's, shifted by an offset for trials and tests."""

    offset: timedelta = timedelta(0)

    def now(self) -> datetime:
        """The current time, aware, in UTC."""
        return datetime.now(UTC) + self.offset

    @property
    def text(self) -> str:
        """The offset as `DOSSIER_CLOCK_OFFSET` writes it, in the largest whole unit: `+1827d`, `-2h`, `+0s`."""
        seconds = int(self.offset.total_seconds())
        for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
            if seconds and seconds % size == 0:
                return f"{seconds // size:+d}{unit}"
        return f"{seconds:+d}s"


@dataclass(frozen=True, slots=True)
class Folder:
    """Objects in a directory."""

    path: Path


@dataclass(frozen=True, slots=True)
class Bucket:
    """Objects in an S3 bucket."""

    name: str
    endpoint: str
    region: str
    access_key: str  # the account's name, no secret: every request and the bucket's policy contain it
    secret_key: SecretText
