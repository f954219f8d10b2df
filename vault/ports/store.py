"""Units of work over all rows."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from vault.ports.audit import AuditStore
from vault.ports.dossiers import DossierStore
from vault.ports.erasures import ErasureStore
from vault.ports.people import PeopleStore
from vault.ports.shares import ShareStore


class Transaction(PeopleStore, DossierStore, ShareStore, ErasureStore, AuditStore, Protocol):
    """All rows, within one serialisable unit of work."""


@dataclass(frozen=True, slots=True)
class Named:
    """What a unit of work is of when it writes no dossier's rows; no id of a dossier is ever taken for one."""

    name: str


class Store(Protocol):
    """The records store."""

    def transaction(self, of: str | Named | None = None) -> AbstractContextManager[Transaction]:
        """A unit of work `of` a dossier (its id): commits when the block ends, rolls back when it raises.

        One of nothing happens alone; those of the same dossier, or of the same `Named`, happen one after another. To
        name either is a promise to write only that dossier's rows, or none's (and sessions, throttles, beats), so that
        others may go on beside.
        """

    def reading(self) -> AbstractContextManager[Transaction]:
        """One consistent view of everything that was committed before; it writes nothing and waits for no writer."""

    def alone(self, task: str) -> AbstractContextManager[bool]:
        """True within the block while nobody else, here or in another process, is within it for that task.

        No unit of work, and it waits for nobody: whoever comes second is told False. It ends with its holder's process
        or connection; so nothing may rest on it but that two do not do the same work at the same time.
        """

    def check(self) -> None:
        """Raise UnavailableError unless the store answers."""
