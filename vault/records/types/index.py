"""The index of a dossier: the full list of its current records, by which a reader notices what was left out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vault.records import read
from vault.records.encoding import format_instant
from vault.records.envelope import Envelope
from vault.records.standing import Standing, read_standing

MAX_RECORDS = 15_000


@dataclass(frozen=True, slots=True)
class Index:
    """One version of the index; `records` are the hashes of all current records, sorted."""

    hash: str
    standing: Standing
    dossier: str
    sequence: int
    previous: str | None
    records: tuple[str, ...]
    at: datetime
    signer: str

    def content(self) -> dict[str, Any]:
        """The fields of a new record of this index."""
        return {
            "roster": self.standing.to_json(),
            "dossier": self.dossier,
            "sequence": self.sequence,
            "previous": self.previous,
            "records": sorted(self.records),
            "at": format_instant(self.at),
        }


def read_index(envelope: Envelope) -> Index:
    """What an index's record says; raises RecordError."""
    fields = envelope.fields
    return Index(
        hash=envelope.hash,
        standing=read_standing(fields),
        dossier=read.identifier(fields, "dossier"),
        sequence=read.integer(fields, "sequence", least=1),
        previous=read.optional(read.digest, fields, "previous"),
        records=read.sorted_hexadecimal(fields, "records", 32, most=MAX_RECORDS),
        at=read.instant(fields, "at"),
        signer=envelope.signer,
    )
