"""Invitations; contracts are those of `vault.ports.invitations.InvitationStore`."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from tests.twins.rows import Rows, kept, to_second
from vault.domain.invitations import InvitationRow
from vault.ports.errors import ConflictError


class MemoryInvitationStore(Rows):
    """Implements `vault.ports.invitations.InvitationStore`."""

    def add_invitation(self, invitation: InvitationRow) -> None:
        if invitation.id in self._tables.invitation:
            raise ConflictError("there is an invitation with this id already")
        self._tables.invitation[invitation.id] = kept(invitation)

    def invitation(self, invitation: str) -> InvitationRow | None:
        return self._tables.invitation.get(invitation)

    def invitations(self) -> list[InvitationRow]:
        return [row for _, row in sorted(self._tables.invitation.items())]

    def invitation_of(self, member: str) -> InvitationRow | None:
        return next((row for row in self._tables.invitation.values() if row.member == member), None)

    def join(self, invitation: str, member: str, joined: bytes, now: datetime) -> bool:
        row = self._tables.invitation.get(invitation)
        if row is None or row.member is not None:
            return False
        if self.invitation_of(member) is not None:
            raise ConflictError("that id has asked to join by another invitation")
        self._tables.invitation[invitation] = replace(row, member=member, joined=joined, joined_at=to_second(now))
        return True

    def remove_invitation(self, invitation: str) -> bool:
        return self._tables.invitation.pop(invitation, None) is not None

    def sweep_invitations(self, unused: datetime, waited: datetime, ahead: datetime) -> int:
        over = [row.id for row in self._tables.invitation.values() if _is_over(row, unused, waited, ahead)]
        for id_ in over:
            del self._tables.invitation[id_]
        return len(over)


def _is_over(row: InvitationRow, unused: datetime, waited: datetime, ahead: datetime) -> bool:
    if row.created_at > to_second(ahead):
        return True
    if row.joined_at is None:
        return row.expires_at < to_second(unused)
    return row.joined_at < to_second(waited)
