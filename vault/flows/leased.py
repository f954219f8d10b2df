"""A task under a lease: its ports do nothing any more once another worker took the task over.

A process that stood still knows nothing of it when it goes on. So every unit of work asks first whether the lease is
still its own, and so does every step that destroys outside one. Reading goes on: it harms nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any, cast

from vault.flows.context import Ports
from vault.ports.keystore import Keystore
from vault.ports.leases import Lease, LostLeaseError
from vault.ports.objects import Objects
from vault.ports.store import Named, Store, Transaction

# What destroys outside a unit of work of the records.
DESTROYS = frozenset({"shred", "turn", "remove", "remove_below"})
_ADVICE = "Nothing is lost: another worker goes on with it."
# The unit of work that is open: a step that destroys within it asks there, since units do not nest.
_OPEN: ContextVar[Transaction | None] = ContextVar("open", default=None)


@contextmanager
def leased(ports: Ports, task: str) -> Iterator[Ports | None]:
    """The ports for the task as long as its lease lasts; None where another worker is at it.

    What they are asked for raises LostLeaseError once another took the task over.
    """
    with ports.store.leased(task) as lease:
        yield None if lease is None else _fenced(ports, lease)


def _fenced(ports: Ports, lease: Lease) -> Ports:
    store = _FencedStore(ports.store, lease)
    keystore = cast("Keystore", _Fenced(ports.keystore, store.check_lease))
    return replace(
        ports, store=store, keystore=keystore, objects=cast("Objects", _Fenced(ports.objects, store.check_lease))
    )


@dataclass(frozen=True, slots=True)
class _FencedStore:
    """A store of which each unit of work that writes looks at the lease first."""

    _store: Store
    _lease: Lease

    @contextmanager
    def transaction(self, of: str | Named | None = None) -> Iterator[Transaction]:
        """See `Store.transaction`; raises LostLeaseError."""
        with self._store.transaction(of) as tx:
            self._check_in(tx)
            before = _OPEN.set(tx)
            try:
                yield tx
            finally:
                _OPEN.reset(before)

    def reading(self) -> AbstractContextManager[Transaction]:
        """See `Store.reading`."""
        return self._store.reading()

    def leased(self, task: str) -> AbstractContextManager[Lease | None]:
        """See `Store.leased`."""
        return self._store.leased(task)

    def check(self) -> None:
        """See `Store.check`."""
        self._store.check()

    def check_lease(self) -> None:
        """Raise LostLeaseError once another took the task over."""
        unit = _OPEN.get()
        if unit is not None:
            self._check_in(unit)
            return
        with self.transaction(Named(self._lease.task)):
            pass

    def _check_in(self, unit: Transaction) -> None:
        if not unit.holds(self._lease):
            raise LostLeaseError(f"another worker took over: {self._lease.task}", advice=_ADVICE)


@dataclass(frozen=True, slots=True)
class _Fenced:
    """A port of which each call that destroys looks at the lease first."""

    _port: Any
    _check: Callable[[], None]

    def __getattr__(self, name: str) -> Any:
        act = getattr(self._port, name)
        if name not in DESTROYS:
            return act

        def checked(*arguments: Any, **named: Any) -> Any:
            self._check()
            return act(*arguments, **named)

        return checked
