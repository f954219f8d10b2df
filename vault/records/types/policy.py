"""The policy: the practice's name, how long things are kept, and what a share may ask for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vault.records import read
from vault.records.encoding import format_instant
from vault.records.envelope import Envelope
from vault.records.standing import Standing, read_standing

DEFAULT_MONTHS = {"client": 60, "commissioner": 60}
MAX_MONTHS = 60
MAX_DAYS = 90


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of the policy; `months` is the term of retention by kind of dossier, 60 at most (R6)."""

    hash: str
    standing: Standing
    version: int
    previous: str | None
    name: str
    months: dict[str, int]
    share_days: int
    share_max: int
    at: datetime

    def content(self) -> dict[str, Any]:
        """The fields of a new record of this policy."""
        return {
            "roster": self.standing.to_json(),
            "version": self.version,
            "previous": self.previous,
            "name": self.name,
            "retention": dict(self.months),
            "limits": {"share_days": self.share_days, "share_max": self.share_max},
            "at": format_instant(self.at),
        }


def read_policy(envelope: Envelope) -> Policy:
    """What a policy's record says; raises RecordError."""
    fields = envelope.fields
    retention, limits = read.mapping(fields, "retention"), read.mapping(fields, "limits")
    return Policy(
        hash=envelope.hash,
        standing=read_standing(fields),
        version=read.integer(fields, "version", least=1),
        previous=read.optional(read.digest, fields, "previous"),
        name=read.text(fields, "name", limit=200),
        months={kind: read.integer(retention, kind, least=1, most=MAX_MONTHS) for kind in DEFAULT_MONTHS},
        share_days=read.integer(limits, "share_days", least=1, most=MAX_DAYS),
        share_max=read.integer(limits, "share_max", least=1, most=10_000),
        at=read.instant(fields, "at"),
    )
