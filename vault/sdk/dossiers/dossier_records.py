"""The records of a dossier beside documents, head and index: profiles, trajectories, shares, erasure requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vault.records import read
from vault.records.envelope import TYPES, Envelope, from_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vault.sdk.dossiers.open_dossier import OpenDossier


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
    for item in dossier.signed_in.api.pages(f"/dossiers/{dossier.id}/records"):
        kind = read.one_of(item, "type", TYPES)
        yield DossierRecord(kind, from_json(read.mapping(item, "record"), kind))
