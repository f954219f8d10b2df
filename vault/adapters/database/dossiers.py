"""Dossiers, wraps, records, documents, segments on SQL; contracts are those of `vault.ports.dossiers.DossierStore`."""
# ruff: noqa: D102  the port says it

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Executable, and_, bindparam, case, delete, literal, or_, select, text, update

from vault.adapters.database import tables
from vault.adapters.database.rows import Rows, batches, columns
from vault.adapters.sql.column_types import Instant
from vault.adapters.sql.factory import insert_into
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

# What every request asks, built once: to build a statement takes about as long as to execute it.
_DOSSIER = select(tables.dossier).where(tables.dossier.c.id == bindparam("dossier"))
_HELD = _DOSSIER.join(
    tables.wrap, and_(tables.wrap.c.dossier == tables.dossier.c.id, tables.wrap.c.epoch == tables.dossier.c.epoch)
).where(tables.wrap.c.member == bindparam("member"))
_WRAP = select(tables.wrap).where(
    tables.wrap.c.dossier == bindparam("dossier"),
    tables.wrap.c.epoch == bindparam("epoch"),
    tables.wrap.c.member == bindparam("member"),
)
_RECORD = select(tables.record).where(tables.record.c.hash == bindparam("hash"))
_DOCUMENT = select(tables.document).where(tables.document.c.id == bindparam("document"))
_SEGMENT = select(tables.segment).where(
    tables.segment.c.document == bindparam("document"), tables.segment.c.number == bindparam("number")
)
_SEGMENTS = (
    select(tables.segment).where(tables.segment.c.document == bindparam("document")).order_by(tables.segment.c.number)
)
_LEASE_ENDED = update(tables.document).where(tables.document.c.id == bindparam("document"))


def _moving(state: DocumentState) -> Executable:
    """The UPDATE of documents to that state, from each that may become it; it returns which were moved."""
    table = tables.document
    here = table.c.id.in_(bindparam("documents", expanding=True))
    movable = table.c.state.in_(sources(DOCUMENT_TRANSITIONS, state))
    return update(table).where(here, movable).values(state=state).returning(table.c.id)


_MOVED = {state: _moving(state) for state in DocumentState}


class SqlDossierStore(Rows):
    """Implements `vault.ports.dossiers.DossierStore`."""

    def add_dossier(self, dossier: DossierRow) -> None:
        if not self._insert(tables.dossier, dossier):
            raise ConflictError("there is a dossier with this id already")

    def dossier(self, dossier: str) -> DossierRow | None:
        return self._one(DossierRow, _DOSSIER, {"dossier": dossier})

    def held_dossier(self, dossier: str, member: str) -> DossierRow | None:
        return self._one(DossierRow, _HELD, {"dossier": dossier, "member": member})

    def dossiers_of(self, member: str, *, after: str = "", limit: int = 500) -> list[DossierRow]:
        mine = and_(tables.wrap.c.dossier == tables.dossier.c.id, tables.wrap.c.epoch == tables.dossier.c.epoch)
        query = select(tables.dossier).join(tables.wrap, mine)
        query = query.where(tables.wrap.c.member == member, tables.dossier.c.id > after)
        return self._all(DossierRow, query.order_by(tables.dossier.c.id).limit(limit))

    def listed_of(self, member: str) -> list[ListedRow]:
        table = tables.dossier.c
        mine = and_(tables.wrap.c.dossier == table.id, tables.wrap.c.epoch == table.epoch)
        shown = (table.id, table.version, table.epoch, table.sequence, table.index, table.destroy_on)
        query = select(*shown).join(tables.wrap, mine).where(tables.wrap.c.member == member, ~table.fenced)
        return [ListedRow(*row) for row in self._connection.execute(query.order_by(table.id))]

    def advance_dossier(self, dossier: DossierRow, *, sequence: int, index: str) -> bool:
        table = tables.dossier
        unchanged = and_(table.c.id == dossier.id, table.c.sequence == sequence, table.c.index == index)
        return self._changed(update(table).where(unchanged).values(columns(dossier, "id", "created_at", "fenced"))) == 1

    def add_index(self, index: IndexRow, *, added: Sequence[str], removed: Sequence[str]) -> None:
        if not self._insert(tables.index_link, index):
            raise ConflictError("the dossier has an index of this number already")
        for group in batches(removed):
            mine = and_(tables.listed.c.dossier == index.dossier, tables.listed.c.hash.in_(group))
            self._changed(delete(tables.listed).where(mine))
        if added:
            rows = ({"dossier": index.dossier, "hash": hash_} for hash_ in added)
            self._write(insert_into(self._connection, tables.listed).on_conflict_do_nothing(), tables.listed, *rows)

    def indexes(self, dossier: str, *, after: int = 0, limit: int = 500) -> list[IndexRow]:
        table = tables.index_link
        query = select(table).where(table.c.dossier == dossier, table.c.sequence > after)
        return self._all(IndexRow, query.order_by(table.c.sequence).limit(limit))

    def listed(self, dossier: str) -> list[str]:
        table = tables.listed.c
        return list(self._connection.scalars(select(table.hash).where(table.dossier == dossier).order_by(table.hash)))

    def put_wraps(self, wraps: Sequence[WrapRow]) -> None:
        statement = insert_into(self._connection, tables.wrap)
        replaced = {name: statement.excluded[name] for name in ("wrap", "symmetric", "label")}
        statement = statement.on_conflict_do_update(index_elements=["dossier", "epoch", "member"], set_=replaced)
        if wraps:
            self._write(statement, tables.wrap, *(columns(wrap) for wrap in wraps))

    def wrap(self, dossier: str, epoch: int, member: str) -> WrapRow | None:
        return self._one(WrapRow, _WRAP, {"dossier": dossier, "epoch": epoch, "member": member})

    def set_symmetric(self, dossier: str, epoch: int, member: str, symmetric: bytes) -> bool:
        statement = update(tables.wrap).where(_wrap_is(dossier, epoch, member)).values(symmetric=symmetric)
        return self._changed(statement) == 1

    def wraps_of(self, member: str, dossiers: Sequence[str]) -> list[WrapRow]:
        wrap, found = tables.wrap, list[WrapRow]()
        current = and_(tables.dossier.c.id == wrap.c.dossier, tables.dossier.c.epoch == wrap.c.epoch)
        query = select(wrap).join(tables.dossier, current).where(wrap.c.member == member)
        for group in batches(sorted(dossiers)):
            found.extend(self._all(WrapRow, query.where(wrap.c.dossier.in_(group)).order_by(wrap.c.dossier)))
        return found

    def set_label(self, dossier: str, epoch: int, member: str, label: bytes) -> bool:
        statement = update(tables.wrap).where(_wrap_is(dossier, epoch, member)).values(label=label)
        return self._changed(statement) == 1

    def clear_labels(self, dossier: str) -> None:
        table = tables.wrap
        self._changed(update(table).where(table.c.dossier == dossier, table.c.label.is_not(None)).values(label=None))

    def add_record(self, record: RecordRow) -> None:
        if not self._insert(tables.record, record):
            raise ConflictError("this record is here already")

    def record(self, hash_: str) -> RecordRow | None:
        return self._one(RecordRow, _RECORD, {"hash": hash_})

    def records(
        self,
        dossier: str,
        *,
        kinds: Sequence[str] = (),
        states: Sequence[RecordState] = (),
        after: str = "",
        limit: int = 500,
    ) -> list[RecordRow]:
        table = tables.record
        query = select(table).where(table.c.dossier == dossier, table.c.hash > after)
        if kinds:
            query = query.where(table.c.kind.in_(kinds))
        if states:
            query = query.where(table.c.state.in_(states))
        return self._all(RecordRow, query.order_by(table.c.hash).limit(limit))

    def records_named(self, dossier: str, hashes: Sequence[str]) -> list[RecordRow]:
        table, found = tables.record, list[RecordRow]()
        for group in batches(sorted(hashes)):
            query = select(table).where(table.c.dossier == dossier, table.c.hash.in_(group))
            found.extend(self._all(RecordRow, query.order_by(table.c.hash)))
        return found

    def set_record_states(self, dossier: str, hashes: Sequence[str], state: RecordState) -> int:
        table = tables.record
        movable = and_(table.c.dossier == dossier, table.c.state.in_(sources(RECORD_TRANSITIONS, state)))
        statement = update(table).where(movable).values(state=state)
        return sum(self._changed(statement.where(table.c.hash.in_(group))) for group in batches(hashes))

    def add_document(self, document: DocumentRow) -> None:
        if not self._insert(tables.document, document):
            raise ConflictError("there is a document with this id already")

    def document(self, document: str) -> DocumentRow | None:
        return self._one(DocumentRow, _DOCUMENT, {"document": document})

    def documents(
        self, dossier: str, *, states: Sequence[DocumentState] = (), after: str = "", limit: int = 500
    ) -> list[DocumentRow]:
        table = tables.document
        query = select(table).where(table.c.dossier == dossier, table.c.id > after)
        if states:
            query = query.where(table.c.state.in_(states))
        return self._all(DocumentRow, query.order_by(table.c.id).limit(limit))

    def set_document_state(self, documents: Sequence[str], state: DocumentState) -> list[str]:
        moved: list[str] = []
        for group in batches(documents):
            moved.extend(self._connection.scalars(_MOVED[state], {"documents": group}))
        return sorted(moved)

    def complete_document(self, document: str, *, record: str, head: bytes, metadata: bytes) -> bool:
        table = tables.document
        depositing = and_(table.c.id == document, table.c.state == DocumentState.DEPOSITING)
        intent = self._connection.scalar(select(table.c.record).where(depositing))
        if intent is None:
            return False
        self._changed(update(table).where(depositing).values(record=record, head=head, metadata=metadata))
        if intent != record:
            self._changed(delete(tables.record).where(tables.record.c.hash == intent))
        return True

    def lease_document(self, document: str, until: datetime) -> bool:
        table = tables.document
        # One from ahead of the clock is void, so the new one counts although it ends earlier.
        renewed = or_(table.c.leased_until < until, table.c.leased_until > until + CLOCK_SLACK)
        later = case((renewed, literal(until, Instant)), else_=table.c.leased_until)
        depositing = and_(table.c.id == document, table.c.state == DocumentState.DEPOSITING)
        return self._changed(update(table).where(depositing).values(leased_until=later)) == 1

    def end_lease(self, document: str, at: datetime) -> None:
        self._changed(_LEASE_ENDED, {"document": document, "leased_until": at})

    def abandoned_documents(self, before: datetime, ahead: datetime, limit: int) -> list[DocumentRow]:
        table = tables.document
        # The literal text of the partial index's condition: with bound values the planner would not use the index.
        unfinished = text("state <> 'stored'")
        found: list[DocumentRow] = []
        for over in (table.c.leased_until < before, table.c.leased_until > ahead):  # one seek each; OR would scan
            query = select(table).where(unfinished, over, table.c.created_at < before)
            query = query.order_by(table.c.leased_until, table.c.id)
            found += self._all(DocumentRow, query.limit(limit - len(found)))
        return found

    def remove_documents(self, documents: Sequence[str]) -> None:
        table = tables.document
        for group in batches(documents):
            mine = table.c.id.in_(group)
            hashes = list(self._connection.scalars(select(table.c.record).where(mine)))
            self._changed(delete(tables.segment).where(tables.segment.c.document.in_(group)))
            self._changed(delete(tables.entry).where(tables.entry.c.document.in_(group)))
            self._changed(delete(table).where(mine))
            self._changed(delete(tables.record).where(tables.record.c.hash.in_(hashes)))

    def add_segment(self, segment: SegmentRow) -> None:
        if self._insert(tables.segment, segment):
            return
        if self.segment(segment.document, segment.number) != segment:
            raise ConflictError(f"segment {segment.number} is here already, with other bytes")

    def segment(self, document: str, number: int) -> SegmentRow | None:
        return self._one(SegmentRow, _SEGMENT, {"document": document, "number": number})

    def segments(self, document: str) -> list[SegmentRow]:
        return self._all(SegmentRow, _SEGMENTS, {"document": document})


def _wrap_is(dossier: str, epoch: int, member: str) -> ColumnElement[bool]:
    table = tables.wrap.c
    return and_(table.dossier == dossier, table.epoch == epoch, table.member == member)
