"""Rows of invitations that wait for somebody."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from vault.domain.invitations import InvitationRow


class InvitationStore(Protocol):
    """Invitations: gone once they are confirmed, revoked or forgotten."""

    def add_invitation(self, invitation: InvitationRow) -> None:
        """Raises ConflictError when there is one with this id."""

    def invitation(self, invitation: str) -> InvitationRow | None: ...
    def invitations(self) -> list[InvitationRow]:
        """All, by id."""

    def invitation_of(self, member: str) -> InvitationRow | None:
        """The one by which that id has asked to join."""

    def join(self, invitation: str, member: str, joined: bytes, now: datetime) -> bool:
        """Conditional update: True only for the first who joins by it.

        Raises ConflictError when that id has asked to join by another one.
        """

    def remove_invitation(self, invitation: str) -> bool:
        """Whether it was there."""

    def sweep_invitations(self, unused: datetime, waited: datetime, ahead: datetime) -> int:
        """Remove those that expired before `unused` and nobody joined by, or that were joined before `waited`.

        Those too that were made after `ahead`; how many.
        """
