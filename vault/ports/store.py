"""Units of work over all rows."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from vault.ports.audit import AuditStore
from vault.ports.dossiers import DossierStore
from vault.ports.erasures import ErasureStore
from vault.ports.invitations import InvitationStore
from vault.ports.leases import Lease, LeaseStore
from vault.ports.people import PeopleStore
from vault.ports.positions import PositionStore
from vault.ports.shares import ShareStore
from vault.ports.staging import StagingStore


class Transaction(
    PeopleStore,
    InvitationStore,
    DossierStore,
    StagingStore,
    ShareStore,
    ErasureStore,
    AuditStore,
    PositionStore,
    LeaseStore,
    Protocol,
):
    """All rows, within one serialisable unit of work."""


@dataclass(frozen=True, slots=True)
class Named:
    """The name of a unit of work that writes no dossier's rows; never equal to a dossier's id."""

    name: str


class Store(Protocol):
    """The records store."""

    def transaction(self, of: str | Named | None = None) -> AbstractContextManager[Transaction]:
        """A unit of work `of` a dossier (its id): commits when the block ends, rolls back when it raises.

        Without `of` it is exclusive: no other unit of work writes meanwhile. With a dossier's id or a `Named` it
        excludes only those of the same name, and promises to write only that dossier's rows, or no dossier's (and
        sessions, throttles, spent one-time steps, former credentials, beats, the position).
        """

    def reading(self) -> AbstractContextManager[Transaction]:
        """A consistent snapshot of everything committed before; it writes nothing and waits for no writer."""

    def leased(self, task: str) -> AbstractContextManager[Lease | None]:
        """A lease of a task, across processes: None for anyone who comes second. It waits for nobody.

        It gives signs of life by itself until the block ends. It is lost with its holder's process or connection, and
        half a minute after the last sign of life of one that stands still, who may wake up and not know it. So what is
        done under it asks `LeaseStore.holds` in each unit of work (`vault.flows.leased`).
        """

    def check(self) -> None:
        """Raise UnavailableError unless the store answers."""
