"""Rows of shares: entries, pick-ups, disclosures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from vault.domain.shares import DisclosureRow, EntryRow, PickupRow, ShareRow


class ShareStore(Protocol):
    """Shares, entries, pick-ups, disclosures."""

    def add_share(self, share: ShareRow, entries: Sequence[EntryRow]) -> None: ...
    def share(self, share: str) -> ShareRow | None: ...
    def shares(self, dossier: str, *, after: str = "", limit: int = 500) -> list[ShareRow]: ...
    def entries(self, share: str) -> list[EntryRow]:
        """By position."""

    def offered(self, share: str) -> list[EntryRow]:
        """By position, only entries whose document is `stored`: one that is being erased is not offered."""

    def entry(self, share: str, document: str) -> EntryRow | None: ...
    def claim_pickup(self, share: str, now: datetime) -> bool:
        """One conditional UPDATE: used + 1 if used < max, not revoked and not expired. True when it was counted."""

    def add_pickup(self, pickup: PickupRow) -> bool:
        """False when that receiver already has one."""

    def pickup(self, share: str, name: bytes) -> PickupRow | None: ...
    def pickups(self, share: str) -> list[PickupRow]: ...
    def touch_pickup(self, share: str, name: bytes, now: datetime, *, finished: bool = False) -> None: ...
    def add_disclosures(self, disclosures: Sequence[DisclosureRow]) -> None: ...
    def disclosures(self, share: str) -> list[DisclosureRow]: ...
    def revoke_share(self, share: str, now: datetime) -> bool:
        """True for the first call only."""

    def end_links(self, now: datetime) -> list[ShareRow]:
        """Revoke every share that is open still; those that were, by id."""

    def over_shares(self, now: datetime, limit: int) -> list[ShareRow]:
        """Shares that are over and not marked as shredded, by indexed queries.

        First the revoked, then those expired for longer than `EXPIRED_FOR`, then those used up that no pick-up `holds`.
        """

    def mark_shredded(self, share: str, now: datetime) -> bool:
        """True for the first call only."""

    def unmark_shredded(self) -> None:
        """Take every mark back: a keystore that was put back may hold the keys again."""

    def set_attempts(self, share: str, failures: int, retry_at: datetime | None) -> None: ...
