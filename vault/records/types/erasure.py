"""The erasure request: who asked that a dossier or some of its documents be destroyed, and on what basis."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vault.records import read
from vault.records.encoding import RecordError, format_instant
from vault.records.envelope import Envelope
from vault.records.standing import Standing, read_standing

CLIENT, STAFF = "client", "staff"
BASES = frozenset({CLIENT, STAFF})
MAX_DOCUMENTS = 500


@dataclass(frozen=True, slots=True)
class ErasureRequest:
    """`documents` are ids, none of them means the whole dossier; `basis` says whether the client asked or staff.

    `records` are the hashes of the documents' records in the same order: by them a reader who never saw a document
    knows which entry of the index its tombstone explains.
    """

    hash: str
    standing: Standing
    dossier: str
    id: str
    documents: tuple[str, ...]
    basis: str
    at: datetime
    signer: str
    records: tuple[str, ...] = ()

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
            **({"records": list(self.records)} if self.records else {}),
            "basis": self.basis,
            "at": format_instant(self.at),
        }


def read_erasure(envelope: Envelope) -> ErasureRequest:
    """What an erasure request says; raises RecordError."""
    fields = envelope.fields
    documents = read.sorted_hexadecimal(fields, "documents", 16, most=MAX_DOCUMENTS)
    records = read.items({"records": [], **fields}, "records", most=MAX_DOCUMENTS)
    if records and len(records) != len(documents):
        raise RecordError("field 'records' must name one record for every document")
    return ErasureRequest(
        hash=envelope.hash,
        standing=read_standing(fields),
        dossier=read.identifier(fields, "dossier"),
        id=read.identifier(fields, "erasure"),
        documents=documents,
        basis=read.one_of(fields, "basis", BASES),
        at=read.instant(fields, "at"),
        signer=envelope.signer,
        records=tuple(read.digest({"record": each}, "record") for each in records),
    )
