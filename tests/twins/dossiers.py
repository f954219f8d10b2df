"""Dossiers, wraps, records, documents, segments; contracts are those of `vault.ports.dossiers.DossierStore`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from tests.twins.rows import Rows, kept, page, refer, to_second
from vault.domain.dossiers import (
    DOCUMENT_TRANSITIONS,
    RECORD_TRANSITIONS,
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
from vault.domain.transitions import sources
from vault.ports.errors import ConflictError
from vault.rules.terms import CLOCK_SLACK

_UNFINISHED = (DocumentState.DEPOSITING, DocumentState.PENDING, DocumentState.REMOVED)


class MemoryDossierStore(Rows):
    """Implements `vault.ports.dossiers.DossierStore`."""

    def add_dossier(self, dossier: DossierRow) -> None:
        if dossier.id in self._tables.dossier:
            raise ConflictError("there is a dossier with this id already")
        self._tables.dossier[dossier.id] = kept(dossier)

    def dossier(self, dossier: str) -> DossierRow | None:
        return self._tables.dossier.get(dossier)

    def held_dossier(self, dossier: str, member: str) -> DossierRow | None:
        row = self.dossier(dossier)
        return None if row is None or self.wrap(dossier, row.epoch, member) is None else row

    def dossiers_of(self, member: str, *, after: str = "", limit: int = 500) -> list[DossierRow]:
        dossiers = self._tables.dossier.values()
        mine = (dossier for dossier in dossiers if (dossier.id, dossier.epoch, member) in self._tables.wrap)
        return page(mine, "id", after, limit)

    def listed_of(self, member: str) -> list[ListedRow]:
        dossiers = sorted(self._tables.dossier.values(), key=lambda each: each.id)
        return [
            ListedRow(each.id, each.version, each.epoch, each.sequence, each.index, each.destroy_on)
            for each in dossiers
            if (each.id, each.epoch, member) in self._tables.wrap and not each.fenced
        ]

    def advance_dossier(self, dossier: DossierRow, *, sequence: int, index: str) -> bool:
        before = self._tables.dossier.get(dossier.id)
        if before is None or (before.sequence, before.index) != (sequence, index):
            return False
        moved = replace(kept(dossier), created_at=before.created_at, fenced=before.fenced)
        self._tables.dossier[dossier.id] = moved
        return True

    def add_index(self, index: IndexRow, *, added: Sequence[str], removed: Sequence[str]) -> None:
        if (index.dossier, index.sequence) in self._tables.index_link:
            raise ConflictError("the dossier has an index of this number already")
        refer(self._tables.dossier, index.dossier, "dossier")
        self._tables.index_link[index.dossier, index.sequence] = index
        for hash_ in removed:
            self._tables.listed.pop((index.dossier, hash_), None)
        self._tables.listed |= {(index.dossier, hash_): hash_ for hash_ in added}

    def indexes(self, dossier: str, *, after: int = 0, limit: int = 500) -> list[IndexRow]:
        mine = [link for (of, number), link in self._tables.index_link.items() if of == dossier and number > after]
        return sorted(mine, key=lambda link: link.sequence)[:limit]

    def listed(self, dossier: str) -> list[str]:
        return sorted(hash_ for of, hash_ in self._tables.listed if of == dossier)

    def put_wraps(self, wraps: Sequence[WrapRow]) -> None:
        for wrap in wraps:
            refer(self._tables.dossier, wrap.dossier, "dossier")
            self._tables.wrap[wrap.dossier, wrap.epoch, wrap.member] = wrap

    def wrap(self, dossier: str, epoch: int, member: str) -> WrapRow | None:
        return self._tables.wrap.get((dossier, epoch, member))

    def set_symmetric(self, dossier: str, epoch: int, member: str, symmetric: bytes) -> bool:
        wrap = self._tables.wrap.get((dossier, epoch, member))
        if wrap is None:
            return False
        self._tables.wrap[dossier, epoch, member] = replace(wrap, symmetric=symmetric)
        return True

    def wraps_of(self, member: str, dossiers: Sequence[str]) -> list[WrapRow]:
        rows = (self._tables.dossier.get(dossier) for dossier in sorted(set(dossiers)))
        found = (self._tables.wrap.get((row.id, row.epoch, member)) for row in rows if row is not None)
        return [wrap for wrap in found if wrap is not None]

    def set_label(self, dossier: str, epoch: int, member: str, label: bytes) -> bool:
        wrap = self._tables.wrap.get((dossier, epoch, member))
        if wrap is None:
            return False
        self._tables.wrap[dossier, epoch, member] = replace(wrap, label=label)
        return True

    def clear_labels(self, dossier: str) -> None:
        for key, wrap in list(self._tables.wrap.items()):
            if wrap.dossier == dossier:
                self._tables.wrap[key] = replace(wrap, label=None)

    def add_record(self, record: RecordRow) -> None:
        if record.hash in self._tables.record:
            raise ConflictError("this record is here already")
        refer(self._tables.dossier, record.dossier, "dossier")
        self._tables.record[record.hash] = kept(record)

    def record(self, hash_: str) -> RecordRow | None:
        return self._tables.record.get(hash_)

    def records(
        self,
        dossier: str,
        *,
        kinds: Sequence[str] = (),
        states: Sequence[RecordState] = (),
        after: str = "",
        limit: int = 500,
    ) -> list[RecordRow]:
        chosen = (
            record
            for record in self._tables.record.values()
            if record.dossier == dossier
            and (not kinds or record.kind in kinds)
            and (not states or record.state in states)
        )
        return page(chosen, "hash", after, limit)

    def records_named(self, dossier: str, hashes: Sequence[str]) -> list[RecordRow]:
        named = (self._tables.record.get(hash_) for hash_ in sorted(set(hashes)))
        return [row for row in named if row is not None and row.dossier == dossier]

    def set_record_states(self, dossier: str, hashes: Sequence[str], state: RecordState) -> int:
        named = (self._tables.record.get(hash_) for hash_ in set(hashes))
        before = sources(RECORD_TRANSITIONS, state)
        mine = [row for row in named if row is not None and row.dossier == dossier and row.state in before]
        for record in mine:
            self._tables.record[record.hash] = replace(record, state=state)
        return len(mine)

    def add_document(self, document: DocumentRow) -> None:
        if document.id in self._tables.document:
            raise ConflictError("there is a document with this id already")
        refer(self._tables.dossier, document.dossier, "dossier")
        self._tables.document[document.id] = kept(document)

    def document(self, document: str) -> DocumentRow | None:
        return self._tables.document.get(document)

    def documents(
        self, dossier: str, *, states: Sequence[DocumentState] = (), after: str = "", limit: int = 500
    ) -> list[DocumentRow]:
        chosen = (
            document
            for document in self._tables.document.values()
            if document.dossier == dossier and (not states or document.state in states)
        )
        return page(chosen, "id", after, limit)

    def set_document_state(self, documents: Sequence[str], state: DocumentState) -> list[str]:
        before, changed = sources(DOCUMENT_TRANSITIONS, state), list[str]()
        for id_ in sorted(set(documents)):
            document = self._tables.document.get(id_)
            if document is not None and document.state in before:
                self._tables.document[id_] = replace(document, state=state)
                changed.append(id_)
        return changed

    def complete_document(self, document: str, *, record: str, head: bytes, metadata: bytes) -> bool:
        row = self._tables.document.get(document)
        if row is None or row.state is not DocumentState.DEPOSITING:
            return False
        self._tables.document[document] = replace(row, record=record, head=head, metadata=metadata)
        if row.record != record:
            self._tables.record.pop(row.record, None)
        return True

    def lease_document(self, document: str, until: datetime) -> bool:
        row = self._tables.document.get(document)
        if row is None or row.state is not DocumentState.DEPOSITING:
            return False
        new = to_second(until)
        later = row.leased_until if new <= row.leased_until <= new + CLOCK_SLACK else new
        self._tables.document[document] = replace(row, leased_until=later)
        return True

    def end_lease(self, document: str, at: datetime) -> None:
        row = self._tables.document.get(document)
        if row is not None:
            self._tables.document[document] = replace(row, leased_until=to_second(at))

    def abandoned_documents(self, before: datetime, ahead: datetime, limit: int) -> list[DocumentRow]:
        moment, last = to_second(before), to_second(ahead)
        abandoned = (
            document
            for document in self._tables.document.values()
            if document.state in _UNFINISHED
            and not moment <= document.leased_until <= last
            and document.created_at < moment
        )
        return sorted(abandoned, key=lambda document: (document.leased_until, document.id))[:limit]

    def remove_documents(self, documents: Sequence[str]) -> None:
        named = set(documents)
        for key in [key for key in self._tables.segment if key[0] in named]:
            del self._tables.segment[key]
        for pair in [pair for pair in self._tables.entry if pair[1] in named]:
            del self._tables.entry[pair]
        for id_ in named:
            document = self._tables.document.pop(id_, None)
            if document is not None:
                self._tables.record.pop(document.record, None)

    def add_segment(self, segment: SegmentRow) -> None:
        key = (segment.document, segment.number)
        refer(self._tables.document, segment.document, "document")
        if self._tables.segment.setdefault(key, segment) != segment:
            raise ConflictError(f"segment {segment.number} is here already, with other bytes")

    def segment(self, document: str, number: int) -> SegmentRow | None:
        return self._tables.segment.get((document, number))

    def segments(self, document: str) -> list[SegmentRow]:
        mine = (segment for segment in self._tables.segment.values() if segment.document == document)
        return sorted(mine, key=lambda segment: segment.number)
