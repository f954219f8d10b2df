"""The twin of the records store: one transaction at a time, a snapshot to go back to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, get_ident

from vault.adapters.memory.audit import MemoryAuditRows
from vault.adapters.memory.dossiers import MemoryDossierRows
from vault.adapters.memory.erasures import MemoryErasureRows
from vault.adapters.memory.people import MemoryPeopleRows
from vault.adapters.memory.rows import Tables
from vault.adapters.memory.shares import MemoryShareRows


class MemoryTransaction(MemoryPeopleRows, MemoryDossierRows, MemoryShareRows, MemoryErasureRows, MemoryAuditRows):
    """All rows, within one unit of work."""


class MemoryStore:
    """Implements `vault.ports.Store`."""

    def __init__(self) -> None:
        self._tables = Tables()
        self._lock = Lock()
        self._holder: int | None = None

    @contextmanager
    def transaction(self, dossier: str | None = None) -> Iterator[MemoryTransaction]:  # noqa: ARG002 - all happen alone
        """See `Store.transaction`; a transaction within a transaction of the same thread raises RuntimeError."""
        if self._holder == get_ident():
            raise RuntimeError("transactions do not nest: the inner one would wait for the outer one for ever")
        with self._lock:
            self._holder = get_ident()
            working = self._tables.copy()
            try:
                yield MemoryTransaction(working)
                self._tables = working
            finally:
                self._holder = None

    @contextmanager
    def reading(self) -> Iterator[MemoryTransaction]:
        """See `Store.reading`; raises RuntimeError when something was written."""
        seen = self._tables
        view = seen.copy()
        yield MemoryTransaction(view)
        if view != seen:
            raise RuntimeError("a unit of work that only reads has written")

    def check(self) -> None:
        """See `Store.check`: memory always answers."""
