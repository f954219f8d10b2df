"""The store itself: transactions on one engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Lock as Mutex
from threading import local

from sqlalchemy import Connection, Engine, select

from vault.adapters.database.audit import SqlAuditStore
from vault.adapters.database.dossiers import SqlDossierStore
from vault.adapters.database.erasures import SqlErasureStore
from vault.adapters.database.invitations import SqlInvitationStore
from vault.adapters.database.leases import Leases, SqlLeaseStore
from vault.adapters.database.people import SqlPeopleStore
from vault.adapters.database.positions import SqlPositionStore
from vault.adapters.database.shares import SqlShareStore
from vault.adapters.database.staging import SqlStagingStore
from vault.adapters.database.tables import practice
from vault.adapters.sql.factory import BUSY_SECONDS, reading, writing
from vault.adapters.sql.postgres import Lock, number_of
from vault.errors import UnavailableError
from vault.ports.leases import Lease
from vault.ports.store import Named

# Locks are always taken in this order, and at most one dossier or name: so there is no deadlock.
_INSTALLATION = 0x76_6C_74_01  # arbitrary numbers, the same in every process
_DOSSIER = 0x76_6C_74_02
_NAMED = 0x76_6C_74_06


class SqlTransaction(
    SqlPeopleStore,
    SqlInvitationStore,
    SqlDossierStore,
    SqlStagingStore,
    SqlShareStore,
    SqlErasureStore,
    SqlAuditStore,
    SqlPositionStore,
    SqlLeaseStore,
):
    """All rows, within one unit of work."""


class SqlStore:
    """Implements `vault.ports.store.Store` on an engine of `sql_engine.database_engine` that has been migrated."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        # SQLite has one writer at a time and the others poll, some of them for seconds (200 threads: 2.0 s at the 99th
        # percentile, 0.5 to 1.2 s behind this lock). Other processes still compete in the database.
        self._queue = Mutex() if engine.dialect.name == "sqlite" else None
        self._here = local()
        self._leases = Leases(engine, self._unlocked)

    @contextmanager
    def transaction(self, of: str | Named | None = None) -> Iterator[SqlTransaction]:
        """See `Store.transaction`; raises UnavailableError when the database cannot take it.

        A unit of work within another of the same thread would deadlock: RuntimeError.
        """
        with self._turn(), writing(self._engine, *_locks(of)) as connection:
            yield SqlTransaction(connection)

    @contextmanager
    def reading(self) -> Iterator[SqlTransaction]:
        """See `Store.reading`; raises UnavailableError when the database does not answer."""
        with reading(self._engine) as connection:
            yield SqlTransaction(connection)

    def leased(self, task: str) -> AbstractContextManager[Lease | None]:
        """See `Store.leased`; raises UnavailableError when the database does not answer."""
        return self._leases.leased(task)

    def check(self) -> None:
        """See `Store.check`."""
        with reading(self._engine) as connection:
            connection.execute(select(practice.c.id)).first()

    @contextmanager
    def _unlocked(self) -> Iterator[Connection]:
        """A unit of work that waits for no other, but on SQLite."""
        with self._turn(), writing(self._engine) as connection:
            yield connection

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if self._queue is None:
            if getattr(self._here, "inside", False):
                raise RuntimeError("a unit of work was begun inside another")
            self._here.inside = True
            try:
                yield
            finally:
                self._here.inside = False
            return
        if not self._queue.acquire(timeout=BUSY_SECONDS):
            raise UnavailableError("the database is busy", advice="Nothing was changed; try again.")
        try:
            yield
        finally:
            self._queue.release()


def _locks(of: str | Named | None) -> tuple[Lock, ...]:
    if of is None:
        return (Lock(_INSTALLATION),)
    one = Lock(_NAMED, number_of(of.name)) if isinstance(of, Named) else Lock(_DOSSIER, number_of(of))
    return (Lock(_INSTALLATION, shared=True), one)
