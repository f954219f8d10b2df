"""Rows of erasures and of what the worker finds due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from vault.domain.dossiers import DossierRow
from vault.domain.erasures import ErasureRow


class ErasureStore(Protocol):
    """Erasures, what is due, the removal of rows, heartbeats."""

    def add_erasure(self, erasure: ErasureRow) -> None:
        """Raises ConflictError when the id exists."""

    def erasure(self, erasure: str) -> ErasureRow | None: ...
    def erasures_of(self, dossier: str) -> list[ErasureRow]:
        """All of a dossier, by id."""

    def open_erasures(self, now: datetime, limit: int) -> list[ErasureRow]:
        """Neither certified nor withdrawn, and `not_before` is not ahead; oldest first; an indexed query."""

    def advance_erasure(self, erasure: ErasureRow) -> bool:
        """Write every field if `ERASURE_TRANSITIONS` lets its state follow the stored one (compare-and-swap)."""

    def due_dossiers(self, now: datetime, limit: int) -> list[DossierRow]:
        """`destroy_on` is not ahead and not fenced; oldest first; an indexed query."""

    def set_destroy_on(self, dossier: str, destroy_on: datetime | None) -> None: ...
    def fence_dossier(self, dossier: str) -> None:
        """From now on nobody holds it; repeatable."""

    def live_deposits(self, dossier: str, now: datetime, documents: Sequence[str] = ()) -> int:
        """How many documents (of these; all of the dossier if none are named) have a lease that is not over."""

    def remove_shares(self, dossier: str) -> None:
        """The dossier's shares, entries and pick-ups; disclosures stay."""

    def remove_dossier(self, dossier: str) -> None:
        """Every row of the dossier but erasures, audit and disclosures; repeatable."""

    def stored_segments(self, *, after: str = "", limit: int = 1000) -> list[str]:
        """Object names of the segments of every `stored` document, in order."""

    def note_orphans(self, names: Sequence[str], now: datetime) -> None:
        """Objects that no row owns; the first sighting stays."""

    def orphans(self, before: datetime, limit: int) -> list[str]:
        """Those first seen before that."""

    def forget_orphans(self, names: Sequence[str] | None = None) -> None:
        """Those names, or all."""

    def beat(self, name: str, now: datetime) -> None:
        """That a sweep has just been through."""

    def heartbeats(self) -> dict[str, datetime]: ...
