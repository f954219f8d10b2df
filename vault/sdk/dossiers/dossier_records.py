"""The records of a dossier beside documents, head and index: profiles, trajectories, shares, erasure requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vault.records import read
from vault.records.envelope import Envelope, from_json
from vault.records.table import RESERVED, among_records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vault.sdk.dossiers.open_dossier import OpenDossier

# A reserved type is passed over by name, so that this version reads a dossier that a later one writes.
_KINDS = frozenset(among_records()) | RESERVED


@dataclass(frozen=True, slots=True)
class DossierRecord:
    """A record as the server shows it; nothing but its form is verified yet."""

    kind: str
    envelope: Envelope

    @property
    def hash(self) -> str:
        """The record's hash."""
        return self.envelope.hash


def dossier_records(dossier: OpenDossier) -> Iterator[DossierRecord]:
    """All of them, current or not; raises RecordError for one that is none."""
    for item in dossier.pages("records"):
        kind = read.one_of(item, "type", _KINDS)
        yield DossierRecord(kind, from_json(read.mapping(item, "record"), kind))
