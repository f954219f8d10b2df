"""Shares, entries, pick-ups, disclosures on SQL; contracts are those of `vault.ports.shares.ShareStore`."""
# ruff: noqa: D102  the port says it

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, insert, literal, or_, select, text, update

from vault.adapters.database import tables
from vault.adapters.database.rows import Rows, columns
from vault.adapters.sql.column_types import Instant
from vault.adapters.sql.factory import insert_into
from vault.domain.dossiers import DocumentState
from vault.domain.shares import (
    EXPIRED_FOR,
    LONGEST_PICKUP,
    RESUME_WITHIN,
    DisclosureRow,
    EntryRow,
    PickupRow,
    ShareRow,
)
from vault.ports.errors import ConflictError
from vault.rules.terms import CLOCK_SLACK

# Built once: these queries run at every view, pick-up and segment.
_SHARE = select(tables.share).where(tables.share.c.id == bindparam("share"))
_ENTRIES = select(tables.entry).where(tables.entry.c.share == bindparam("share")).order_by(tables.entry.c.position)
_ENTRY = select(tables.entry).where(
    tables.entry.c.share == bindparam("share"), tables.entry.c.document == bindparam("document")
)
_OFFERED = _ENTRIES.join(tables.document, tables.document.c.id == tables.entry.c.document).where(
    tables.document.c.state == DocumentState.STORED
)
_PICKUP = select(tables.pickup).where(
    tables.pickup.c.share == bindparam("share"), tables.pickup.c.name == bindparam("name")
)

# The literal texts of the partial indexes' conditions: with bound values the planner would not use the indexes.
_REVOKED = text("shredded_at IS NULL AND revoked_at IS NOT NULL")
_UNREVOKED = text("shredded_at IS NULL AND revoked_at IS NULL")
_SPENT = text("shredded_at IS NULL AND revoked_at IS NULL AND used >= max")


class SqlShareStore(Rows):
    """Implements `vault.ports.shares.ShareStore`."""

    def add_share(self, share: ShareRow, entries: Sequence[EntryRow]) -> None:
        if not self._insert(tables.share, share):
            raise ConflictError("there is a share with this id already")
        statement = insert_into(self._connection, tables.entry).on_conflict_do_nothing()
        rows = [columns(entry) for entry in entries]
        if rows and self._write(statement, tables.entry, *rows) != len(rows):
            raise ConflictError("a share names a document or a position twice")

    def share(self, share: str) -> ShareRow | None:
        return self._one(ShareRow, _SHARE, {"share": share})

    def shares(self, dossier: str, *, after: str = "", limit: int = 500) -> list[ShareRow]:
        table = tables.share
        query = select(table).where(table.c.dossier == dossier, table.c.id > after)
        return self._all(ShareRow, query.order_by(table.c.id).limit(limit))

    def entries(self, share: str) -> list[EntryRow]:
        return self._all(EntryRow, _ENTRIES, {"share": share})

    def offered(self, share: str) -> list[EntryRow]:
        return self._all(EntryRow, _OFFERED, {"share": share})

    def entry(self, share: str, document: str) -> EntryRow | None:
        return self._one(EntryRow, _ENTRY, {"share": share, "document": document})

    def claim_pickup(self, share: str, now: datetime) -> bool:
        table = tables.share
        statement = update(table).where(table.c.id == share, _left(now)).values(used=table.c.used + 1)
        return self._connection.scalar(statement.returning(table.c.used)) is not None

    def add_pickup(self, pickup: PickupRow) -> bool:
        return self._insert(tables.pickup, pickup)

    def pickup(self, share: str, name: bytes) -> PickupRow | None:
        return self._one(PickupRow, _PICKUP, {"share": share, "name": name})

    def pickups(self, share: str) -> list[PickupRow]:
        table = tables.pickup
        query = select(table).where(table.c.share == share)
        return self._all(PickupRow, query.order_by(table.c.started_at, table.c.name))

    def touch_pickup(self, share: str, name: bytes, now: datetime, *, finished: bool = False) -> None:
        table = tables.pickup
        statement = update(table).where(table.c.share == share, table.c.name == name).values(last_at=now)
        if finished:
            statement = statement.values(finished_at=func.coalesce(table.c.finished_at, literal(now, Instant)))
        self._changed(statement)

    def add_disclosures(self, disclosures: Sequence[DisclosureRow]) -> None:
        if disclosures:
            lines = [columns(disclosure) for disclosure in disclosures]
            self._changed(insert(tables.disclosure).values(lines))

    def disclosures(self, share: str) -> list[DisclosureRow]:
        table = tables.disclosure
        query = select(table.c.share, table.c.pickup, table.c.document, table.c.at, table.c.consent)
        return self._all(DisclosureRow, query.where(table.c.share == share).order_by(table.c.number))

    def revoke_share(self, share: str, now: datetime) -> bool:
        table = tables.share
        statement = update(table).where(table.c.id == share, table.c.revoked_at.is_(None)).values(revoked_at=now)
        return self._changed(statement) == 1

    def end_links(self, now: datetime) -> list[ShareRow]:
        table = tables.share
        ended = self._all(ShareRow, select(table).where(_left(now)).order_by(table.c.id))
        self._changed(update(table).where(_left(now)).values(revoked_at=now))
        return ended

    def over_shares(self, now: datetime, limit: int) -> list[ShareRow]:
        share, pickup = tables.share.c, tables.pickup.c
        ahead = now + CLOCK_SLACK  # what was counted later than that was counted by a wrong clock
        busy = or_(pickup.finished_at.is_(None), pickup.last_at.between(now - RESUME_WITHIN, ahead))
        under_way = pickup.started_at.between(now - LONGEST_PICKUP, ahead)
        held = exists().where(pickup.share == share.id, under_way, busy)
        revoked = select(tables.share).where(_REVOKED).order_by(share.revoked_at, share.id)
        expired = select(tables.share).where(_UNREVOKED, share.expires_at <= now - EXPIRED_FOR)
        spent = select(tables.share).where(_SPENT, ~held).order_by(share.id)
        found: dict[str, ShareRow] = {}
        for query in (revoked, expired.order_by(share.expires_at, share.id), spent):
            found |= {row.id: row for row in self._all(ShareRow, query.limit(limit)) if row.id not in found}
        return list(found.values())[:limit]

    def mark_shredded(self, share: str, now: datetime) -> bool:
        table = tables.share
        statement = update(table).where(table.c.id == share, table.c.shredded_at.is_(None)).values(shredded_at=now)
        return self._changed(statement) == 1

    def unmark_shredded(self) -> None:
        table = tables.share
        self._changed(update(table).where(table.c.shredded_at.is_not(None)).values(shredded_at=None))

    def set_attempts(self, share: str, failures: int, retry_at: datetime | None) -> None:
        table = tables.share
        self._changed(update(table).where(table.c.id == share).values(failures=failures, retry_at=retry_at))


def _left(now: datetime) -> ColumnElement[bool]:
    """Open, with a pick-up left."""
    share = tables.share.c
    return and_(share.used < share.max, share.revoked_at.is_(None), share.shredded_at.is_(None), share.expires_at > now)
