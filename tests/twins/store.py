"""The twin of the records store: one transaction at a time, rollback to a snapshot, every promise checked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, local

from tests.twins.audit import MemoryAuditStore
from tests.twins.dossiers import MemoryDossierStore
from tests.twins.erasures import MemoryErasureStore
from tests.twins.invitations import MemoryInvitationStore
from tests.twins.leases import MemoryLeaseStore
from tests.twins.people import MemoryPeopleStore
from tests.twins.positions import MemoryPositionStore
from tests.twins.promises import check_promise
from tests.twins.rows import Tables
from tests.twins.shares import MemoryShareStore
from tests.twins.staging import MemoryStagingStore
from vault.ports.leases import Lease
from vault.ports.store import Named


class MemoryTransaction(
    MemoryPeopleStore,
    MemoryInvitationStore,
    MemoryDossierStore,
    MemoryStagingStore,
    MemoryShareStore,
    MemoryErasureStore,
    MemoryAuditStore,
    MemoryPositionStore,
    MemoryLeaseStore,
):
    """All rows, within one unit of work."""


class MemoryStore:
    """Implements `vault.ports.store.Store`."""

    def __init__(self) -> None:
        self._tables = Tables()
        self._lock = Lock()
        self._thread = local()
        self._tasks: dict[str, Lock] = {}

    @contextmanager
    def transaction(self, of: str | Named | None = None) -> Iterator[MemoryTransaction]:
        """See `Store.transaction`; raises RuntimeError when the unit breaks the promise of its name."""
        with self._one_unit_a_thread(), self._lock:
            before, working = self._tables, self._tables.copy()
            yield MemoryTransaction(working)
            if of is not None:
                check_promise(before, working, of)
            self._tables = working

    @contextmanager
    def reading(self) -> Iterator[MemoryTransaction]:
        """See `Store.reading`; raises RuntimeError when something was written."""
        with self._one_unit_a_thread():
            seen = self._tables
            view = seen.copy()
            yield MemoryTransaction(view)
            if view != seen:
                raise RuntimeError("a unit of work that only reads has written")

    @contextmanager
    def leased(self, task: str) -> Iterator[Lease | None]:
        """See `Store.leased`: in memory nobody stands still."""
        lock = self._tasks.setdefault(task, Lock())
        mine = lock.acquire(blocking=False)
        try:
            yield self._raise_fence(task) if mine else None
        finally:
            if mine:
                lock.release()

    def _raise_fence(self, task: str) -> Lease:
        with self._lock:
            fence = self._tables.lease.get(task, 0) + 1
            self._tables = self._tables.copy()
            self._tables.lease[task] = fence
        return Lease(task, fence)

    def check(self) -> None:
        """See `Store.check`: memory always answers."""

    @contextmanager
    def _one_unit_a_thread(self) -> Iterator[None]:
        """On an engine the inner unit would wait for the outer one, or for a connection that the outer one holds."""
        if getattr(self._thread, "inside", False):
            raise RuntimeError("units of work do not nest: the inner one could wait for the outer one for ever")
        self._thread.inside = True
        try:
            yield
        finally:
            self._thread.inside = False
