"""Invitations on SQL; contracts are those of `vault.ports.invitations.InvitationStore`."""
# ruff: noqa: D102  the port says it

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.exc import IntegrityError

from vault.adapters.database import tables
from vault.adapters.database.rows import Rows
from vault.adapters.sql.factory import undoable
from vault.domain.invitations import InvitationRow
from vault.ports.errors import ConflictError


class SqlInvitationStore(Rows):
    """Implements `vault.ports.invitations.InvitationStore`."""

    def add_invitation(self, invitation: InvitationRow) -> None:
        if not self._insert(tables.invitation, invitation):
            raise ConflictError("there is an invitation with this id already")

    def invitation(self, invitation: str) -> InvitationRow | None:
        return self._one(InvitationRow, select(tables.invitation).where(tables.invitation.c.id == invitation))

    def invitations(self) -> list[InvitationRow]:
        return self._all(InvitationRow, select(tables.invitation).order_by(tables.invitation.c.id))

    def invitation_of(self, member: str) -> InvitationRow | None:
        return self._one(InvitationRow, select(tables.invitation).where(tables.invitation.c.member == member))

    def join(self, invitation: str, member: str, joined: bytes, now: datetime) -> bool:
        table = tables.invitation
        first = update(table).where(table.c.id == invitation, table.c.member.is_(None))
        try:
            with undoable(self._connection):
                return self._changed(first.values(member=member, joined=joined, joined_at=now)) == 1
        except IntegrityError as error:
            raise ConflictError("that id has asked to join by another invitation") from error

    def remove_invitation(self, invitation: str) -> bool:
        return self._changed(delete(tables.invitation).where(tables.invitation.c.id == invitation)) == 1

    def sweep_invitations(self, unused: datetime, waited: datetime, ahead: datetime) -> int:
        table = tables.invitation.c
        expired = and_(table.member.is_(None), table.expires_at < unused)
        over = or_(expired, table.joined_at < waited, table.created_at > ahead)
        return self._changed(delete(tables.invitation).where(over))
