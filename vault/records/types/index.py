"""The index of a dossier: the full list of its current records, by which a reader detects an omission."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from vault.records.fields import Hash, Id, Instant, Ordinal, hexadecimal_set
from vault.records.record import Record
from vault.records.standing import StandsOn

MAX_RECORDS = 15_000


@dataclass(frozen=True, slots=True)
class Index(Record):
    """One version of the index; `records` are the hashes of all current records, sorted."""

    standing: StandsOn
    dossier: Id
    sequence: Ordinal
    previous: Hash | None
    records: Annotated[tuple[str, ...], hexadecimal_set(32, 0, MAX_RECORDS)]
    at: Instant
