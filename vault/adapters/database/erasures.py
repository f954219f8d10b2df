"""Erasures, what is due, the removal of rows, heartbeats on SQL: `vault.ports.erasures.ErasureStore`."""
# ruff: noqa: D102  the port says it

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Executable, and_, delete, func, or_, select, text, update

from vault.adapters.database import tables
from vault.adapters.database.rows import Rows, batches, columns
from vault.adapters.sql.factory import insert_into
from vault.domain.dossiers import DocumentState, DossierRow, last_lease, object_name
from vault.domain.erasures import ERASURE_TRANSITIONS, CheckRow, ErasureRow, ErasureState
from vault.domain.transitions import sources
from vault.ports.errors import ConflictError
from vault.ports.keystore import Subject, SubjectKind
from vault.records.types.certificate import Counts

# The literal texts of the partial indexes' conditions: with bound values the planner would not use the indexes.
_OPEN = text("state NOT IN ('certified', 'withdrawn')")
_DUE = text("destroy_on IS NOT NULL AND NOT fenced")


_ROW_OF = {
    SubjectKind.DOSSIER: (tables.dossier.c.id,),
    SubjectKind.DOCUMENT: (tables.document.c.id,),
    SubjectKind.SHARE: (tables.share.c.id,),
    SubjectKind.MEMBER: (tables.member.c.id, tables.invitation.c.member),
}


class SqlErasureStore(Rows):
    """Implements `vault.ports.erasures.ErasureStore`."""

    def add_erasure(self, erasure: ErasureRow) -> None:
        statement = insert_into(self._connection, tables.erasure).values(_row(erasure))
        if not self._changed(statement.on_conflict_do_nothing()):
            raise ConflictError("there is an erasure with this id already")

    def erasure(self, erasure: str) -> ErasureRow | None:
        found = self._erasures(select(tables.erasure).where(tables.erasure.c.id == erasure))
        return found[0] if found else None

    def erasures_of(self, dossier: str) -> list[ErasureRow]:
        table = tables.erasure
        return self._erasures(select(table).where(table.c.dossier == dossier).order_by(table.c.id))

    def open_erasures(self, now: datetime, limit: int) -> list[ErasureRow]:
        table = tables.erasure
        query = select(table).where(_OPEN, table.c.not_before <= now)
        return self._erasures(query.order_by(table.c.not_before, table.c.id).limit(limit))

    def erasures_ahead(self, after: datetime, limit: int) -> list[ErasureRow]:
        table = tables.erasure
        ahead = and_(_OPEN, table.c.not_before > after, table.c.requested_at > after)
        query = select(table).where(ahead, table.c.state == ErasureState.REQUESTED)
        return self._erasures(query.order_by(table.c.not_before, table.c.id).limit(limit))

    def reschedule_erasure(self, erasure: str, requested_at: datetime, not_before: datetime) -> bool:
        table = tables.erasure
        asked = and_(table.c.id == erasure, table.c.state == ErasureState.REQUESTED)
        times = {"requested_at": requested_at, "not_before": not_before}
        return self._changed(update(table).where(asked).values(times)) == 1

    def advance_erasure(self, erasure: ErasureRow) -> bool:
        table = tables.erasure
        movable = and_(table.c.id == erasure.id, table.c.state.in_(sources(ERASURE_TRANSITIONS, erasure.state)))
        return self._changed(update(table).where(movable).values(_row(erasure))) == 1

    def withdraw_erasure(self, erasure: str) -> bool:
        table, state = tables.erasure, ErasureState.WITHDRAWN
        movable = and_(table.c.id == erasure, table.c.state.in_(sources(ERASURE_TRANSITIONS, state)))
        return self._changed(update(table).where(movable).values(state=state)) == 1

    def add_check(self, check: CheckRow) -> bool:
        statement = insert_into(self._connection, tables.certificate_check).values(columns(check))
        return bool(self._changed(statement.on_conflict_do_nothing()))

    def checks_of(self, erasure: str) -> list[CheckRow]:
        table = tables.certificate_check
        return self._all(CheckRow, select(table).where(table.c.erasure == erasure).order_by(table.c.member))

    def due_dossiers(self, now: datetime, limit: int) -> list[DossierRow]:
        table = tables.dossier
        query = select(table).where(_DUE, table.c.destroy_on <= now)
        return self._all(DossierRow, query.order_by(table.c.destroy_on, table.c.id).limit(limit))

    def set_destroy_on(self, dossier: str, destroy_on: datetime | None) -> None:
        self._changed(update(tables.dossier).where(tables.dossier.c.id == dossier).values(destroy_on=destroy_on))

    def fence_dossier(self, dossier: str) -> None:
        self._changed(update(tables.dossier).where(tables.dossier.c.id == dossier).values(fenced=True))

    def live_deposits(self, dossier: str, now: datetime, documents: Sequence[str] = ()) -> int:
        table = tables.document
        leased = and_(table.c.leased_until > now, table.c.leased_until <= last_lease(now))
        live = select(func.count()).select_from(table).where(table.c.dossier == dossier, leased)
        if not documents:
            return self._connection.scalars(live).one()
        return sum(self._connection.scalars(live.where(table.c.id.in_(group))).one() for group in batches(documents))

    def remove_shares(self, dossier: str) -> None:
        mine = select(tables.share.c.id).where(tables.share.c.dossier == dossier)
        for table in (tables.entry, tables.pickup):
            self._changed(delete(table).where(table.c.share.in_(mine)))
        self._changed(delete(tables.share).where(tables.share.c.dossier == dossier))

    def remove_dossier(self, dossier: str) -> None:
        self.remove_shares(dossier)
        mine = select(tables.document.c.id).where(tables.document.c.dossier == dossier)
        for table in (tables.segment, tables.entry):
            self._changed(delete(table).where(table.c.document.in_(mine)))
        for table in (tables.document, tables.record, tables.index_link, tables.listed, tables.wrap, tables.staged):
            self._changed(delete(table).where(table.c.dossier == dossier))
        self._changed(delete(tables.dossier).where(tables.dossier.c.id == dossier))

    def stored_segments(self, *, after: str = "", limit: int = 1000) -> list[str]:
        document, segment = tables.document.c, tables.segment.c
        dossier, id_, number = [*after.split("/"), "", ""][:3]
        further = or_(id_ < document.id, and_(document.id == id_, segment.number > int(number or -1)))
        query = select(document.dossier, document.id, segment.number).where(
            segment.document == document.id,
            document.state == DocumentState.STORED,
            document.dossier >= dossier,  # implied by the OR, but needed: else no engine seeks in the index
            or_(document.dossier > dossier, further),
        )
        rows = self._connection.execute(query.order_by(document.dossier, document.id, segment.number).limit(limit))
        return [object_name(*row) for row in rows]

    def note_orphans(self, names: Sequence[str], now: datetime) -> None:
        if names:
            statement = insert_into(self._connection, tables.orphan).on_conflict_do_nothing()
            self._connection.execute(statement, [{"name": name, "seen_at": now} for name in names])

    def orphans(self, before: datetime, limit: int) -> list[str]:
        table = tables.orphan.c
        query = select(table.name).where(table.seen_at < before).order_by(table.seen_at, table.name).limit(limit)
        return list(self._connection.scalars(query))

    def keep_orphans(self, names: Sequence[str], until: datetime) -> None:
        if names:
            statement = insert_into(self._connection, tables.orphan)
            kept = statement.on_conflict_do_update(index_elements=["name"], set_={"seen_at": until})
            self._connection.execute(kept, [{"name": name, "seen_at": until} for name in names])

    def kept_orphans(self, now: datetime, limit: int) -> list[str]:
        table = tables.orphan.c
        query = select(table.name).where(table.seen_at > now).order_by(table.name).limit(limit)
        return list(self._connection.scalars(query))

    def forget_orphans(self, names: Sequence[str] | None = None) -> None:
        if names is None:
            self._changed(delete(tables.orphan))
            return
        for group in batches(names):
            self._changed(delete(tables.orphan).where(tables.orphan.c.name.in_(group)))

    def without_row(self, subjects: Sequence[Subject]) -> list[Subject]:
        left = {subject for subject in subjects if subject.kind in _ROW_OF}
        for kind, column in ((kind, column) for kind, columns_ in _ROW_OF.items() for column in columns_):
            for group in batches(subject.id for subject in subjects if subject.kind is kind):
                found = self._connection.scalars(select(column).where(column.in_(group)))
                left.difference_update(Subject(kind, id_) for id_ in found)
        return sorted(left)

    def note_rowless(self, subjects: Sequence[Subject], now: datetime) -> None:
        if subjects:
            statement = insert_into(self._connection, tables.rowless).on_conflict_do_nothing()
            self._connection.execute(statement, [columns(subject) | {"seen_at": now} for subject in subjects])

    def rowless(self, before: datetime, limit: int) -> list[Subject]:
        table = tables.rowless.c
        query = select(table.kind, table.id).where(table.seen_at < before)
        return self._all(Subject, query.order_by(table.seen_at, table.kind, table.id).limit(limit))

    def keep_rowless(self, subjects: Sequence[Subject], until: datetime) -> None:
        if subjects:
            statement = insert_into(self._connection, tables.rowless)
            kept = statement.on_conflict_do_update(index_elements=["kind", "id"], set_={"seen_at": until})
            self._connection.execute(kept, [columns(subject) | {"seen_at": until} for subject in subjects])

    def forget_rowless(self, subjects: Sequence[Subject]) -> None:
        table = tables.rowless
        for kind in SubjectKind:
            for group in batches(subject.id for subject in subjects if subject.kind is kind):
                self._changed(delete(table).where(table.c.kind == kind, table.c.id.in_(group)))

    def beat(self, name: str, now: datetime) -> None:
        statement = insert_into(self._connection, tables.heartbeat).values(name=name, at=now)
        self._changed(statement.on_conflict_do_update(index_elements=["name"], set_={"at": now}))

    def heartbeats(self) -> dict[str, datetime]:
        table = tables.heartbeat.c
        rows = self._connection.execute(select(table.name, table.at))
        return {row.name: row.at for row in rows}

    def _erasures(self, query: Executable) -> list[ErasureRow]:
        found = []
        for row in self._connection.execute(query).mappings():
            counts = Counts(**{what: row[f"counted_{what}"] for what in tables.COUNTED})
            rest = {name: value for name, value in row.items() if not name.startswith("counted_")}
            found.append(ErasureRow(**rest, counts=counts))
        return found


def _row(erasure: ErasureRow) -> dict[str, Any]:
    counted = {f"counted_{what}": getattr(erasure.counts, what) for what in tables.COUNTED}
    return columns(erasure, "counts") | counted
