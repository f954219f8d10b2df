"""Invitations: as a director makes and sees them, and as whoever holds the link answers."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field

from gateway.wire.fields import KIB, Base64, Body, Code, Count, GivenInstant, Id, Instant, Keyring, RequestBody, Secret
from gateway.wire.people import Parameters
from gateway.wire.rosters import MemberDetails, Policies, Rosters
from vault.flows.people import inviting
from vault.flows.people.members import Credentials

# An invitation as an age file: a record of a few hundred bytes, and a stanza of 1.6 kB for each director.
MAX_SEALED = 96 * KIB
Sealed = Annotated[bytes, Base64(200, MAX_SEALED)]
Totp = Annotated[bytes, Base64(16, 64)]


class NewInvitation(RequestBody):
    """A director's invitation; `possess` is the SHA-256 of the proof that the link gives."""

    limit = 2 * MAX_SEALED
    invitation: Id
    possess: Secret
    sealed: Sealed
    expires_at: GivenInstant

    def to_flow(self) -> inviting.NewInvitation:
        """As the flows take it."""
        return inviting.NewInvitation(self.invitation, self.possess, self.sealed, self.expires_at)


class MadeInvitation(Body):
    """An invitation that waits for somebody."""

    invitation: Id
    expires_at: Instant


class JoinedMember(Body):
    """Who has joined: her details, her signing key, and the link's code over both."""

    member: MemberDetails
    signing: Secret
    mac: Secret


class WaitingInvitation(Body):
    """An invitation, and who has joined by it."""

    invitation: Id
    inviter: Id
    sealed: Sealed
    created_at: Instant
    expires_at: Instant
    joined_at: Instant | None
    joined: JoinedMember | None


class Invitations(Body):
    """Every invitation that waits for somebody; no practice has more than a hundred."""

    items: Annotated[list[WaitingInvitation], Field(max_length=100)]

    @classmethod
    def of(cls, found: list[inviting.Waiting]) -> Self:
        """As they are kept."""
        return cls(items=[_waiting(each) for each in found])


class Look(RequestBody):
    """The proof that the caller holds the link, and the versions above which the chains are shown."""

    limit = 8 * KIB
    possess: Secret
    roster: Count = 0
    policy: Count = 0


class Invited(Body):
    """Until when one may join, and the chains that tell which practice it is."""

    expires_at: Instant
    rosters: Rosters
    policies: Policies

    @classmethod
    def of(cls, found: inviting.Invited) -> Self:
        """A page of each chain."""
        rosters, policies = Rosters.page(list(found.rosters.items)), Policies.page(list(found.policies.items))
        return cls(expires_at=found.expires_at, rosters=rosters, policies=policies)


class Join(RequestBody):
    """Whoever joins: details, public key, the link's code over both, and how she will sign in."""

    limit = 64 * KIB
    possess: Secret
    member: MemberDetails
    signing: Secret
    mac: Secret
    parameters: Parameters
    login: Secret
    keyring: Keyring
    lock: Keyring
    totp: Totp
    code: Code

    def to_flow(self) -> inviting.Join:
        """As the flows take it."""
        credentials = Credentials(
            parameters=self.parameters.to_text(),
            login=self.login,
            keyring=self.keyring,
            lock=self.lock,
            totp=self.totp,
        )
        return inviting.Join(self.possess, self.member.to_flow(), self.signing, self.mac, credentials, self.code)


class HasJoined(Body):
    """The id under which a director may confirm her."""

    member: Id


def _waiting(found: inviting.Waiting) -> WaitingInvitation:
    row, joined = found.row, found.joined
    return WaitingInvitation(
        invitation=row.id,
        inviter=row.inviter,
        sealed=row.sealed,
        created_at=row.created_at,
        expires_at=row.expires_at,
        joined_at=row.joined_at,
        joined=None
        if joined is None
        else JoinedMember(member=MemberDetails.of(joined.details), signing=joined.signing, mac=joined.mac),
    )
