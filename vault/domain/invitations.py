"""Invitations, as the server knows them: to whom they are addressed it cannot read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

MOST_INVITATIONS = 100


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """One invitation that is not confirmed, revoked or forgotten yet.

    `possess` is the SHA-256 of the proof that whoever holds the link gives; `sealed` the signed invitation as an age
    file to the directors. `member` is the id under which somebody has asked to join; `joined`, sealed by that member's
    subject, her details, keys and credentials.
    """

    id: str
    inviter: str
    possess: bytes
    sealed: bytes
    created_at: datetime
    expires_at: datetime
    member: str | None = None
    joined: bytes | None = None
    joined_at: datetime | None = None

    def open(self, now: datetime) -> bool:
        """Whether somebody may join by it still."""
        return self.member is None and now < self.expires_at
