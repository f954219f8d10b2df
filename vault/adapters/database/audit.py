"""The chains of the audit on SQL; contracts are those of `vault.ports.audit.AuditStore`."""
# ruff: noqa: D102  the port says it

from __future__ import annotations

from sqlalchemy import and_, func, select, update

from vault.adapters.database import tables
from vault.adapters.database.rows import Rows
from vault.adapters.sql.factory import insert_into
from vault.domain.erasures import AuditRow
from vault.ports.errors import ConflictError

_ENTRY = [column for column in tables.audit.c if column.name != "number"]


class SqlAuditStore(Rows):
    """Implements `vault.ports.audit.AuditStore`."""

    def add_audit(self, entry: AuditRow) -> None:
        if not self._insert(tables.audit, entry):
            raise ConflictError(f"the chain has an entry {entry.sequence} already")

    def audit(self, dossier: str, *, after: int = 0, limit: int = 500) -> list[AuditRow]:
        table = tables.audit
        query = select(*_ENTRY).where(table.c.dossier == dossier, table.c.sequence > after)
        return self._all(AuditRow, query.order_by(table.c.sequence).limit(limit))

    def audit_head(self, dossier: str) -> AuditRow | None:
        table = tables.audit
        query = select(*_ENTRY).where(table.c.dossier == dossier).order_by(table.c.sequence.desc()).limit(1)
        return self._one(AuditRow, query)

    def audit_heads(self, *, after: str = "", limit: int = 500) -> list[AuditRow]:
        table = tables.audit
        newest = select(table.c.dossier, func.max(table.c.sequence).label("sequence")).where(table.c.dossier > after)
        heads = newest.group_by(table.c.dossier).order_by(table.c.dossier).limit(limit).subquery()
        is_head = and_(table.c.dossier == heads.c.dossier, table.c.sequence == heads.c.sequence)
        return self._all(AuditRow, select(*_ENTRY).join(heads, is_head).order_by(table.c.dossier))

    def keep_leaves(self, checkpoint: int, leaves: bytes) -> None:
        kept = {"checkpoint": checkpoint, "leaves": leaves}
        statement = insert_into(self._connection, tables.leaves).values(id=1, **kept)
        self._changed(statement.on_conflict_do_update(index_elements=["id"], set_=kept))

    def leaves(self) -> tuple[int, bytes] | None:
        table = tables.leaves.c
        row = self._connection.execute(select(table.checkpoint, table.leaves)).one_or_none()
        return None if row is None else (row.checkpoint, row.leaves)

    def clear_audit_details(self, dossier: str) -> None:
        self._changed(update(tables.audit).where(tables.audit.c.dossier == dossier).values(details=None))
