"""The erasure request: who asked that a dossier or some of its documents be destroyed, and on what basis."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vault.records import fields as read
from vault.records.encoding import format_instant
from vault.records.envelope import Envelope
from vault.records.standing import Standing, read_standing

CLIENT, STAFF = "client", "staff"
BASES = frozenset({CLIENT, STAFF})
MAX_DOCUMENTS = 500


@dataclass(frozen=True, slots=True)
class ErasureRequest:
    """`documents` are ids, none of them means the whole dossier; `basis` says whether the client asked or staff."""

    hash: str
    standing: Standing
    dossier: str
    id: str
    documents: tuple[str, ...]
    basis: str
    at: datetime
    signer: str

    @property
    def whole(self) -> bool:
        """Whether the dossier itself is to be destroyed."""
        return not self.documents

    def content(self) -> dict[str, Any]:
        """The fields of a new record of this request."""
        return {
            "roster": self.standing.to_json(),
            "dossier": self.dossier,
            "erasure": self.id,
            "documents": sorted(self.documents),
            "basis": self.basis,
            "at": format_instant(self.at),
        }


def read_erasure(envelope: Envelope) -> ErasureRequest:
    """What an erasure request says; raises RecordError."""
    fields = envelope.fields
    return ErasureRequest(
        hash=envelope.hash,
        standing=read_standing(fields),
        dossier=read.identifier(fields, "dossier"),
        id=read.identifier(fields, "erasure"),
        documents=read.sorted_hexadecimal(fields, "documents", 16, most=MAX_DOCUMENTS),
        basis=read.one_of(fields, "basis", BASES),
        at=read.instant(fields, "at"),
        signer=envelope.signer,
    )
