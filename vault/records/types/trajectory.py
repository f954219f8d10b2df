"""The trajectory record: when guidance began and ended, which starts the clock of retention."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from vault.records import read
from vault.records.encoding import RecordError, check_year, format_instant
from vault.records.envelope import Envelope
from vault.records.standing import Standing, read_standing


@dataclass(frozen=True, slots=True)
class Trajectory:
    """One version of a trajectory; `policy` is the hash of the policy whose term holds for it. Dates are local."""

    hash: str
    standing: Standing
    dossier: str
    id: str
    version: int
    previous: str | None
    start: date
    end: date | None
    policy: str
    at: datetime
    signer: str

    def content(self) -> dict[str, Any]:
        """The fields of a new record of this trajectory."""
        return {
            "roster": self.standing.to_json(),
            "dossier": self.dossier,
            "trajectory": self.id,
            "version": self.version,
            "previous": self.previous,
            "start": self.start.isoformat(),
            "end": None if self.end is None else self.end.isoformat(),
            "policy": self.policy,
            "at": format_instant(self.at),
        }


def read_trajectory(envelope: Envelope) -> Trajectory:
    """What a trajectory's record says; raises RecordError."""
    fields = envelope.fields
    start, end = _day(fields, "start"), read.optional(_day, fields, "end")
    if end is not None and end < start:
        raise RecordError("a trajectory ends before it starts")
    return Trajectory(
        hash=envelope.hash,
        standing=read_standing(fields),
        dossier=read.identifier(fields, "dossier"),
        id=read.identifier(fields, "trajectory"),
        version=read.integer(fields, "version", least=1),
        previous=read.optional(read.digest, fields, "previous"),
        start=start,
        end=end,
        policy=read.digest(fields, "policy"),
        at=read.instant(fields, "at"),
        signer=envelope.signer,
    )


def _day(fields: read.Fields, name: str) -> date:
    value = read.text(fields, name)
    try:
        day = date.fromisoformat(value)
    except ValueError as error:
        raise RecordError(f"field {name!r} must be a date") from error
    if day.isoformat() != value:
        raise RecordError(f"field {name!r} must be written YYYY-MM-DD")
    check_year(day)
    return day
