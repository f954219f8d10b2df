"""The erasure request: the requester, the dossier or its documents to erase, and the basis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from vault.records.encoding import RecordError
from vault.records.fields import At, Hash, Id, Instant, Listed, OmittedEmpty, hexadecimal_set, one_of
from vault.records.record import Record
from vault.records.standing import StandsOn

CLIENT, STAFF = "client", "staff"
BASES = frozenset({CLIENT, STAFF})
MAX_DOCUMENTS = 500


@dataclass(frozen=True, slots=True)
class ErasureRequest(Record):
    """`documents` are ids, empty for the whole dossier; `basis` tells whether the client or staff requested it.

    `records` are the hashes of the documents' records in the same order: by them a reader who never saw a document can
    match its tombstone with an entry of the index.
    """

    standing: StandsOn
    dossier: Id
    id: Annotated[Id, At("erasure")]
    documents: Annotated[tuple[str, ...], hexadecimal_set(16, 0, MAX_DOCUMENTS)]
    basis: Annotated[str, one_of(BASES)]
    at: Instant
    records: Annotated[tuple[Hash, ...], Listed(0, MAX_DOCUMENTS), OmittedEmpty()] = ()

    @property
    def whole(self) -> bool:
        """Whether it requests the erasure of the whole dossier."""
        return not self.documents

    def check(self) -> None:
        """Raise RecordError when some documents have a record and others none."""
        if self.records and len(self.records) != len(self.documents):
            raise RecordError("field 'records' must name one record for every document")
