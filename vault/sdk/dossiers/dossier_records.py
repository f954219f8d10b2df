"""The other records of a dossier: profiles, trajectories, shares, erasure requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vault.records import read
from vault.records.envelope import Envelope, from_json
from vault.records.table import RESERVED, among_records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vault.sdk.dossiers.open_dossier import OpenDossier

# Reserved types are skipped by name, so that this version can read a later version's dossier.
_KINDS = frozenset(among_records()) | RESERVED


@dataclass(frozen=True, slots=True)
class DossierRecord:
    """A record from the server; only its form is verified."""

    kind: str
    envelope: Envelope

    @property
    def hash(self) -> str:
        """The record's hash."""
        return self.envelope.hash


def dossier_records(dossier: OpenDossier) -> Iterator[DossierRecord]:
    """All of them, current or not; raises RecordError for a malformed one."""
    for item in dossier.pages("records"):
        kind = read.one_of(item, "type", _KINDS)
        yield DossierRecord(kind, from_json(read.mapping(item, "record"), kind))
