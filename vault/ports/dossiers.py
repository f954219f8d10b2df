"""Rows of dossiers: wraps, records, documents, segments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from vault.domain.dossiers import (
    DocumentRow,
    DocumentState,
    DossierRow,
    IndexRow,
    ListedRow,
    RecordRow,
    RecordState,
    SegmentRow,
    WrapRow,
)


class DossierStore(Protocol):
    """Dossiers, wraps, records, documents, segments."""

    def add_dossier(self, dossier: DossierRow) -> None:
        """Raises ConflictError when the id exists."""

    def dossier(self, dossier: str) -> DossierRow | None: ...
    def held_dossier(self, dossier: str, member: str) -> DossierRow | None:
        """The dossier, if its current epoch has a wrap for the member."""

    def dossiers_of(self, member: str, *, after: str = "", limit: int = 500) -> list[DossierRow]:
        """The dossiers whose current epoch has a wrap for the member, by id."""

    def listed_of(self, member: str) -> list[ListedRow]:
        """All dossiers whose current epoch has a wrap for the member and of which no erasure has begun, by id."""

    def advance_dossier(self, dossier: DossierRow, *, sequence: int, index: str) -> bool:
        """Write the new state if the stored sequence and index equal these (compare-and-swap)."""

    def add_index(self, index: IndexRow, *, added: Sequence[str], removed: Sequence[str]) -> None:
        """Keep a link of the index, and what is listed from now on; ConflictError when that number is taken."""

    def indexes(self, dossier: str, *, after: int = 0, limit: int = 500) -> list[IndexRow]:
        """The links above number `after`, ascending."""

    def listed(self, dossier: str) -> list[str]:
        """The hashes of all records that the newest index lists, ascending."""

    def put_wraps(self, wraps: Sequence[WrapRow]) -> None:
        """Add or replace."""

    def wrap(self, dossier: str, epoch: int, member: str) -> WrapRow | None: ...
    def wraps_of(self, member: str, dossiers: Sequence[str]) -> list[WrapRow]:
        """The member's wraps of these dossiers' current epochs, by dossier."""

    def set_symmetric(self, dossier: str, epoch: int, member: str, symmetric: bytes) -> bool: ...
    def set_label(self, dossier: str, epoch: int, member: str, label: bytes) -> bool: ...
    def clear_labels(self, dossier: str) -> None:
        """Forget every member's label of the dossier."""

    def add_record(self, record: RecordRow) -> None:
        """Raises ConflictError when the hash exists."""

    def record(self, hash_: str) -> RecordRow | None: ...
    def records(
        self,
        dossier: str,
        *,
        kinds: Sequence[str] = (),
        states: Sequence[RecordState] = (),
        after: str = "",
        limit: int = 500,
    ) -> list[RecordRow]:
        """By hash; an empty selection selects all."""

    def records_named(self, dossier: str, hashes: Sequence[str]) -> list[RecordRow]:
        """Those of the dossier that have one of these hashes, by hash."""

    def set_record_states(self, dossier: str, hashes: Sequence[str], state: RecordState) -> int:
        """Set `state` where `RECORD_TRANSITIONS` permits it from the stored state; how many changed."""

    def add_document(self, document: DocumentRow) -> None:
        """Raises ConflictError when the id exists."""

    def document(self, document: str) -> DocumentRow | None: ...
    def documents(
        self, dossier: str, *, states: Sequence[DocumentState] = (), after: str = "", limit: int = 500
    ) -> list[DocumentRow]:
        """By id; an empty selection selects all."""

    def set_document_state(self, documents: Sequence[str], state: DocumentState) -> list[str]:
        """Set `state` where `DOCUMENT_TRANSITIONS` permits it from the stored state; the changed ids, in order."""

    def complete_document(self, document: str, *, record: str, head: bytes, metadata: bytes) -> bool:
        """Give a document that is `depositing` its record, head and metadata; its intent's row is removed."""

    def lease_document(self, document: str, until: datetime) -> bool:
        """Extend the lease of a document that is `depositing`; one that ends much later than `until` is void."""

    def end_lease(self, document: str, at: datetime) -> None:
        """End the lease at that moment: nothing is being written any more."""

    def abandoned_documents(self, before: datetime, ahead: datetime, limit: int) -> list[DocumentRow]:
        """Documents not `stored`, created before that moment and with a lease ended before it; an indexed query.

        A lease that ends after `ahead` is void: it was given by a clock that ran ahead.
        """

    def remove_documents(self, documents: Sequence[str]) -> None:
        """Remove the rows of the documents, with their segments, entries and records."""

    def add_segment(self, segment: SegmentRow) -> None:
        """Repeatable with the same digest; raises ConflictError with another."""

    def segment(self, document: str, number: int) -> SegmentRow | None: ...
    def segments(self, document: str) -> list[SegmentRow]: ...
