"""The invitation: a director's word that whoever holds its secret may ask to join. It travels inside an age file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from vault.records.fields import At, Id, Instant, Key, text, word
from vault.records.record import Record
from vault.records.standing import StandsOn
from vault.records.types.roster import ROLES


@dataclass(frozen=True, slots=True)
class Invitation(Record):
    """Without the signature a server, which knows every recipient, could put one of its own among the others.

    `secret` stands in the link. `replaces` is the member who lost her keys and comes back under a new id.
    """

    standing: StandsOn
    id: Annotated[Id, At("invitation")]
    role: Annotated[str, word(ROLES)]
    email: Annotated[str, text(254)]
    secret: Key
    replaces: Id | None
    expires_at: Instant
    at: Instant

    def __repr__(self) -> str:
        """Without the secret."""
        return f"Invitation(id={self.id!r}, role={self.role!r})"
