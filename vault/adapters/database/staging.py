"""What is laid by for the next identity of a dossier, on SQL; contracts are those of `vault.ports.staging`."""
# ruff: noqa: D102  the port says it

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, Table, and_, delete, exists, select, update

from vault.adapters.database import tables
from vault.adapters.database.rows import Rows, columns
from vault.adapters.sql.factory import insert_into
from vault.domain.dossiers import DocumentState, StagedKind, StagedRow

_SHOWN = (DocumentState.PENDING, DocumentState.STORED)


class SqlStagingStore(Rows):
    """Implements `vault.ports.staging.StagingStore`."""

    def stage(self, rows: Sequence[StagedRow]) -> None:
        statement = insert_into(self._connection, tables.staged)
        replaced = {name: statement.excluded[name] for name in ("head", "content", "staged_at")}
        key = ["dossier", "identity", "kind", "subject"]
        if rows:
            statement = statement.on_conflict_do_update(index_elements=key, set_=replaced)
            self._write(statement, tables.staged, *(columns(row) for row in rows))

    def unstaged(self, dossier: str, identity: str) -> list[str]:
        document, record = tables.document.c, tables.record.c
        shown = select(document.id).where(document.dossier == dossier, document.state.in_(_SHOWN))
        texts = select(record.hash).where(record.dossier == dossier, record.text.is_not(None))
        return [
            *self._lacking(shown, _of(dossier, identity, StagedKind.DOCUMENT, document.id)),
            *self._lacking(texts, _of(dossier, identity, StagedKind.RECORD, record.hash)),
        ]

    def _lacking(self, query: Select[tuple[str]], staged: ColumnElement[bool]) -> list[str]:
        return list(self._connection.scalars(query.where(~exists().where(staged)).limit(1)))

    def take_staged(self, dossier: str, identity: str) -> None:
        document, record, staged = tables.document, tables.record, tables.staged.c
        self._take(
            document,
            and_(_of(dossier, identity, StagedKind.DOCUMENT, document.c.id), staged.head.is_not(None)),
            dossier,
            head=staged.head,
            metadata=staged.content,
        )
        here = and_(_of(dossier, identity, StagedKind.RECORD, record.c.hash), staged.content.is_not(None))
        self._take(record, here, dossier, text=staged.content)
        self._changed(delete(tables.staged).where(staged.dossier == dossier))

    def _take(self, table: Table, staged: ColumnElement[bool], dossier: str, **values: ColumnElement[bytes]) -> None:
        self._changed(update(table).where(table.c.dossier == dossier, staged).values(values))

    def staged_dossiers(self, before: datetime, limit: int) -> list[str]:
        table = tables.staged.c
        query = select(table.dossier).where(table.staged_at < before).order_by(table.staged_at).limit(limit)
        return sorted(set(self._connection.scalars(query)))

    def forget_staged(self, dossier: str, before: datetime) -> None:
        table = tables.staged
        self._changed(delete(table).where(table.c.dossier == dossier, table.c.staged_at < before))

    def drop_wraps(self, dossier: str, *, before: int) -> None:
        self._changed(delete(tables.wrap).where(tables.wrap.c.dossier == dossier, tables.wrap.c.epoch < before))


def _of(dossier: str, identity: str, kind: StagedKind, subject: ColumnElement[str]) -> ColumnElement[bool]:
    table = tables.staged.c
    return and_(table.dossier == dossier, table.identity == identity, table.kind == kind, table.subject == subject)
