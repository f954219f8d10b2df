"""Shares, entries, pick-ups, disclosures; contracts are those of `vault.ports.shares.ShareStore`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from tests.twins.rows import Rows, kept, page, refer, to_second
from vault.domain.dossiers import DocumentState
from vault.domain.shares import EXPIRED_FOR, DisclosureRow, EntryRow, PickupRow, ShareRow
from vault.ports.errors import ConflictError


class MemoryShareStore(Rows):
    """Implements `vault.ports.shares.ShareStore`."""

    def add_share(self, share: ShareRow, entries: Sequence[EntryRow]) -> None:
        if share.id in self._tables.share:
            raise ConflictError("there is a share with this id already")
        refer(self._tables.dossier, share.dossier, "dossier")
        if not 0 <= share.used <= share.max:
            raise LookupError("a new share breaks a check: more pick-ups used than it has")
        self._tables.share[share.id] = kept(share)
        for entry in entries:
            refer(self._tables.share, entry.share, "share")
            refer(self._tables.document, entry.document, "document")
            positions = {other.position for other in self.entries(entry.share)}
            if (entry.share, entry.document) in self._tables.entry or entry.position in positions:
                raise ConflictError("a share names a document or a position twice")
            self._tables.entry[entry.share, entry.document] = entry

    def share(self, share: str) -> ShareRow | None:
        return self._tables.share.get(share)

    def shares(self, dossier: str, *, after: str = "", limit: int = 500) -> list[ShareRow]:
        mine = (share for share in self._tables.share.values() if share.dossier == dossier)
        return page(mine, "id", after, limit)

    def entries(self, share: str) -> list[EntryRow]:
        mine = (entry for entry in self._tables.entry.values() if entry.share == share)
        return sorted(mine, key=lambda entry: entry.position)

    def offered(self, share: str) -> list[EntryRow]:
        documents = self._tables.document
        return [entry for entry in self.entries(share) if documents[entry.document].state is DocumentState.STORED]

    def entry(self, share: str, document: str) -> EntryRow | None:
        return self._tables.entry.get((share, document))

    def claim_pickup(self, share: str, now: datetime) -> bool:
        row = self._tables.share.get(share)
        if row is None or row.used >= row.max or not row.open_at(to_second(now)):
            return False
        self._tables.share[share] = replace(row, used=row.used + 1)
        return True

    def add_pickup(self, pickup: PickupRow) -> bool:
        refer(self._tables.share, pickup.share, "share")
        key = (pickup.share, pickup.name)
        if key in self._tables.pickup:
            return False
        self._tables.pickup[key] = kept(pickup)
        return True

    def pickup(self, share: str, name: bytes) -> PickupRow | None:
        return self._tables.pickup.get((share, name))

    def pickups(self, share: str) -> list[PickupRow]:
        mine = (pickup for pickup in self._tables.pickup.values() if pickup.share == share)
        return sorted(mine, key=lambda pickup: (pickup.started_at, pickup.name))

    def touch_pickup(self, share: str, name: bytes, now: datetime, *, finished: bool = False) -> None:
        pickup = self._tables.pickup.get((share, name))
        if pickup is None:
            return
        at = to_second(now)
        ended = pickup.finished_at or (at if finished else None)
        self._tables.pickup[share, name] = replace(pickup, last_at=at, finished_at=ended)

    def add_disclosures(self, disclosures: Sequence[DisclosureRow]) -> None:
        self._tables.disclosure.extend(kept(disclosure) for disclosure in disclosures)

    def disclosures(self, share: str) -> list[DisclosureRow]:
        return [disclosure for disclosure in self._tables.disclosure if disclosure.share == share]

    def revoke_share(self, share: str, now: datetime) -> bool:
        row = self._tables.share.get(share)
        if row is None or row.revoked_at is not None:
            return False
        self._tables.share[share] = replace(row, revoked_at=to_second(now))
        return True

    def end_links(self, now: datetime) -> list[ShareRow]:
        still = [row for row in self._tables.share.values() if row.open_at(now) and not row.spent]
        for row in still:
            self._tables.share[row.id] = replace(row, revoked_at=to_second(now))
        return sorted(still, key=lambda row: row.id)

    def over_shares(self, now: datetime, limit: int) -> list[ShareRow]:
        moment = to_second(now)
        left = sorted((row for row in self._tables.share.values() if not row.shredded_at), key=lambda row: row.id)
        revoked = [(row.revoked_at, row.id, row) for row in left if row.revoked_at]
        others = [row for row in left if not row.revoked_at]
        expired = [(row.expires_at, row.id, row) for row in others if row.expires_at <= moment - EXPIRED_FOR]
        spent = [row for row in others if row.spent and not any(each.holds(moment) for each in self.pickups(row.id))]
        ended = [row for group in (revoked, expired) for _, _, row in sorted(group, key=lambda each: each[:2])]
        return list(dict.fromkeys([*ended, *spent]))[:limit]

    def mark_shredded(self, share: str, now: datetime) -> bool:
        row = self._tables.share.get(share)
        if row is None or row.shredded_at is not None:
            return False
        self._tables.share[share] = replace(row, shredded_at=to_second(now))
        return True

    def unmark_shredded(self) -> None:
        for share, row in self._tables.share.items():
            self._tables.share[share] = replace(row, shredded_at=None)

    def set_attempts(self, share: str, failures: int, retry_at: datetime | None) -> None:
        row = self._tables.share.get(share)
        if row is not None:
            moment = None if retry_at is None else to_second(retry_at)
            self._tables.share[share] = replace(row, failures=failures, retry_at=moment)
