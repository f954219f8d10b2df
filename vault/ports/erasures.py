"""Rows of erasures and of what the worker finds due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from vault.domain.dossiers import DossierRow
from vault.domain.erasures import CheckRow, ErasureRow
from vault.ports.keystore import Subject


class ErasureStore(Protocol):
    """Erasures, what is due, the removal of rows, heartbeats."""

    def add_erasure(self, erasure: ErasureRow) -> None:
        """Raises ConflictError when the id exists."""

    def erasure(self, erasure: str) -> ErasureRow | None: ...
    def erasures_of(self, dossier: str) -> list[ErasureRow]:
        """All erasures of a dossier, by id."""

    def open_erasures(self, now: datetime, limit: int) -> list[ErasureRow]:
        """Erasures neither certified nor withdrawn, with `not_before` reached; oldest first; an indexed query."""

    def erasures_ahead(self, after: datetime, limit: int) -> list[ErasureRow]:
        """Erasures in state `requested` that were asked for after that instant; an indexed query."""

    def reschedule_erasure(self, erasure: str, requested_at: datetime, not_before: datetime) -> bool:
        """Set when it was asked for and when it begins, while it is `requested` (compare-and-swap)."""

    def advance_erasure(self, erasure: ErasureRow) -> bool:
        """Write every field if `ERASURE_TRANSITIONS` permits its state after the stored one (compare-and-swap)."""

    def withdraw_erasure(self, erasure: str) -> bool:
        """Its state alone, to `withdrawn` if that may follow the stored one (compare-and-swap)."""

    def add_check(self, check: CheckRow) -> bool:
        """Whether it was added: one that the member made of this erasure before stays. LookupError: no such erasure."""

    def checks_of(self, erasure: str) -> list[CheckRow]:
        """All checks of its certificate, by member."""

    def due_dossiers(self, now: datetime, limit: int) -> list[DossierRow]:
        """Dossiers with `destroy_on` reached and not fenced; oldest first; an indexed query."""

    def set_destroy_on(self, dossier: str, destroy_on: datetime | None) -> None: ...
    def fence_dossier(self, dossier: str) -> None:
        """Fence the dossier: from now on nobody has access; repeatable."""

    def live_deposits(self, dossier: str, now: datetime, documents: Sequence[str] = ()) -> int:
        """How many of these documents (all of the dossier if empty) have a lease that has not ended, nor is void."""

    def remove_shares(self, dossier: str) -> None:
        """Remove the dossier's shares, entries and pick-ups; disclosures stay."""

    def remove_dossier(self, dossier: str) -> None:
        """Remove every row of the dossier but erasures, audit and disclosures; repeatable."""

    def stored_segments(self, *, after: str = "", limit: int = 1000) -> list[str]:
        """Object names of the segments of every `stored` document, in order."""

    def note_orphans(self, names: Sequence[str], now: datetime) -> None:
        """Note objects that no row owns; the time of the first sighting is kept."""

    def orphans(self, before: datetime, limit: int) -> list[str]:
        """Orphans first seen before that moment."""

    def keep_orphans(self, names: Sequence[str], until: datetime) -> None:
        """Note objects that no row owns and that are kept until then: `orphans` takes that for the first sighting."""

    def kept_orphans(self, now: datetime, limit: int) -> list[str]:
        """The objects that are still kept so, by name."""

    def forget_orphans(self, names: Sequence[str] | None = None) -> None:
        """Forget those names, or all."""

    def without_row(self, subjects: Sequence[Subject]) -> list[Subject]:
        """Those of them that have no row, in order; of kinds that have rows."""

    def note_rowless(self, subjects: Sequence[Subject], now: datetime) -> None:
        """Note subjects that have a key and no row; the time of the first sighting is kept."""

    def rowless(self, before: datetime, limit: int) -> list[Subject]:
        """Those first seen before that moment, the longest first; an indexed query."""

    def keep_rowless(self, subjects: Sequence[Subject], until: datetime) -> None:
        """Note subjects that have no row and are kept until then, as orphans are."""

    def forget_rowless(self, subjects: Sequence[Subject]) -> None:
        """Forget those."""

    def beat(self, name: str, now: datetime) -> None:
        """Note that a sweep has just ended."""

    def heartbeats(self) -> dict[str, datetime]: ...
