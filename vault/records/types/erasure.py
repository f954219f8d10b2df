"""The erasure request: the requester, the dossier or its documents to erase, and the basis."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from vault.records.encoding import RecordError
from vault.records.fields import At, Hash, Id, Instant, Listed, OmittedEmpty, hexadecimal_set, word
from vault.records.seen import MemberRecord
from vault.records.standing import StandsOn

CLIENT, STAFF = "client", "staff"
BASES = frozenset({CLIENT, STAFF})
MAX_DOCUMENTS = 500
LIFE = timedelta(days=90)  # what a client gives a request; an engine that is away for weeks does not undo it
LONGEST_LIFE = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class ErasureRequest(MemberRecord):
    """`documents` are ids, empty for the whole dossier; `basis` tells whether the client or staff requested it.

    It is a warrant from `not_before` until `expires`. `records` are the hashes of the documents' records in the same
    order: by them a reader who never saw a document knows which entry of the index its tombstone explains.
    """

    standing: StandsOn
    dossier: Id
    id: Annotated[Id, At("erasure")]
    documents: Annotated[tuple[str, ...], hexadecimal_set(16, 0, MAX_DOCUMENTS)]
    basis: Annotated[str, word(BASES)]
    not_before: Instant
    expires: Instant
    at: Instant
    records: Annotated[tuple[Hash, ...], Listed(0, MAX_DOCUMENTS), OmittedEmpty()] = ()

    @property
    def whole(self) -> bool:
        """Whether it requests the erasure of the whole dossier."""
        return not self.documents

    def check(self) -> None:
        """Raise RecordError where some documents have a record and others none, or it is a warrant for no time."""
        if self.records and len(self.records) != len(self.documents):
            raise RecordError("field 'records' must name one record for every document")
        if not self.not_before < self.expires <= self.not_before + LONGEST_LIFE:
            raise RecordError("an erasure request is a warrant for a year at most")
