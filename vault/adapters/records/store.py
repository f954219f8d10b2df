"""The store itself: transactions on one engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from sqlalchemy import Engine, select

from vault.adapters.records.audit import SqlAuditRows
from vault.adapters.records.dossiers import SqlDossierRows
from vault.adapters.records.erasures import SqlErasureRows
from vault.adapters.records.people import SqlPeopleRows
from vault.adapters.records.shares import SqlShareRows
from vault.adapters.records.tables import practice
from vault.adapters.sql_engine import BUSY_SECONDS, reading, writing
from vault.errors import UnavailableError


class SqlTransaction(SqlPeopleRows, SqlDossierRows, SqlShareRows, SqlErasureRows, SqlAuditRows):
    """All rows, within one unit of work."""


class SqlStore:
    """Implements `vault.ports.Store` on an engine of `sql_engine.records_engine` that has been migrated."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        # SQLite has one writer at a time and lets the others poll, the unlucky ones for seconds (200 threads: 2.0 s
        # at the 99th percentile, 0.5 to 1.2 s behind this lock). Other processes still meet in the database.
        self._queue = Lock() if engine.dialect.name == "sqlite" else None

    @contextmanager
    def transaction(self, dossier: str | None = None) -> Iterator[SqlTransaction]:  # noqa: ARG002 - all happen alone
        """See `Store.transaction`; raises UnavailableError when the database cannot take it."""
        with self._turn(), writing(self._engine) as connection:
            yield SqlTransaction(connection)

    @contextmanager
    def reading(self) -> Iterator[SqlTransaction]:
        """See `Store.reading`; raises UnavailableError when the database does not answer."""
        with reading(self._engine) as connection:
            yield SqlTransaction(connection)

    def check(self) -> None:
        """See `Store.check`."""
        with reading(self._engine) as connection:
            connection.execute(select(practice.c.id)).first()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if self._queue is None:
            yield
            return
        if not self._queue.acquire(timeout=BUSY_SECONDS):
            raise UnavailableError("the database is busy", advice="Nothing was changed; try again.")
        try:
            yield
        finally:
            self._queue.release()
