"""The store itself: transactions on one engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, select

from vault.adapters.records.dossiers import SqlDossierRows
from vault.adapters.records.people import SqlPeopleRows
from vault.adapters.records.shares import SqlShareRows
from vault.adapters.records.tables import practice
from vault.adapters.sql_engine import reading, writing


class SqlTransaction(SqlPeopleRows, SqlDossierRows, SqlShareRows):
    """All rows, within one unit of work."""


class SqlStore:
    """Implements `vault.ports.Store` on an engine of `sql_engine.records_engine` that has been migrated."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def transaction(self) -> Iterator[SqlTransaction]:
        """See `Store.transaction`; raises UnavailableError when the database cannot take it."""
        with writing(self._engine) as connection:
            yield SqlTransaction(connection)

    def check(self) -> None:
        """See `Store.check`."""
        with reading(self._engine) as connection:
            connection.execute(select(practice.c.id)).first()
