"""Inviting somebody: a signed invitation, sealed to every director, and its link (FORMAT.md, "Invitations")."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime

from vault.errors import InvalidInputError
from vault.records.encoding import fold_address, format_instant, new_id, to_base64url
from vault.records.types.invitation import Invitation
from vault.records.types.roster import ROLES
from vault.rules.terms import INVITATION_LIFE
from vault.sdk.people.appointing import check_email
from vault.sdk.people.finding import members
from vault.sdk.people.invitation_links import SECRET_SIZE, InvitationLink, possess_of
from vault.sdk.people.session import SignedIn
from vault.sdk.server.retry import again
from vault.secret import Secret


@dataclass(frozen=True, slots=True)
class Invited:
    """A new invitation; `link` is shown once, and to be handed to the invited alone."""

    id: str
    link: InvitationLink = field(repr=False)
    expires_at: datetime


def invite(signed_in: SignedIn, email: str, role: str, *, replaces: str | None = None) -> Invited:
    """Invite the person with this address, as a director; `replaces` is the member whose keys are lost.

    Raises InvalidInputError for no address, an unknown role, or the address of somebody who is there.
    """
    if role not in ROLES:
        raise InvalidInputError(f"a role is one of {', '.join(sorted(ROLES))}")
    email = check_email(email)
    signed_in.refresh()
    _check_nobody_there(signed_in, email, replaces)
    now, secret = signed_in.now(), Secret(secrets.token_bytes(SECRET_SIZE))
    invitation = Invitation(
        signed_in.standing, new_id(), role, email, bytes(secret), replaces, now + INVITATION_LIFE, now
    )
    envelope = signed_in.sign("invitation", invitation.content())
    request = {
        "invitation": invitation.id,
        "possess": to_base64url(hashlib.sha256(possess_of(secret)).digest()),
        "sealed": to_base64url(_sealed(signed_in, envelope.to_bytes())),
        "expires_at": format_instant(invitation.expires_at),
    }
    again(lambda: signed_in.api.post("/invitations", json=request))
    root = hashlib.sha256(signed_in.rosters.newest.root).digest()
    link = InvitationLink(signed_in.policy.public_url, invitation.id, secret, root)
    return Invited(invitation.id, link, invitation.expires_at)


def revoke_invitation(signed_in: SignedIn, invitation: str) -> None:
    """End an invitation, used or not; whoever had joined by it is never confirmed. Repeatable."""
    again(lambda: signed_in.api.delete(f"/invitations/{invitation}"))


def _check_nobody_there(signed_in: SignedIn, email: str, replaces: str | None) -> None:
    """Raise InvalidInputError where the address is another member's already, or oneself would be replaced."""
    if replaces == signed_in.member:
        raise InvalidInputError("nobody invites somebody in her own place", advice="Another director can: ask her.")
    for member in members(signed_in):
        there = member.entry.active and member.email and fold_address(member.email) == fold_address(email)
        if there and member.id != replaces:
            raise InvalidInputError(
                f"a member of the practice has this address: {member.name}",
                advice="Who lost her keys is invited in her own place: dossier invite … --instead-of NAME",
            )


def _sealed(signed_in: SignedIn, record: bytes) -> bytes:
    """An age file to every director: any of them, on any device, can confirm who joins."""
    from vault.age import encrypt, parse_recipient  # noqa: PLC0415 - loads `cryptography`

    directors = sorted(signed_in.rosters.newest.directors)
    return encrypt(record, [parse_recipient(signed_in.recipient_of(director)) for director in directors])
