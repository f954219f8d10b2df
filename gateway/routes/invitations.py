"""Invitations: made, seen and ended by directors; answered by whoever holds the link."""

from __future__ import annotations

from fastapi import APIRouter

from gateway.declared_codes import declares
from gateway.dependencies.answers import MADE, NO_CONTENT
from gateway.dependencies.bodies import Json
from gateway.dependencies.flows import Flows, MemberFlows
from gateway.dependencies.paths import InvitationId, InvitationLinkId
from gateway.wire import invitations as wire
from vault.flows.people import inviting

router = APIRouter(tags=["people"])


@router.post("/invitations", **MADE)
@declares("not_allowed", "limit", "conflict", "setup_open")
async def invite(flows: MemberFlows, body: Json[wire.NewInvitation]) -> wire.MadeInvitation:
    """Make an invitation, valid for a week at most.

    The server cannot read whom it is for. Repeating it gives the same answer.
    """
    made = await flows.run(inviting.invite, body.to_flow(), flows.now)
    return wire.MadeInvitation(invitation=made.id, expires_at=made.expires_at)


@router.get("/invitations")
@declares("not_allowed")
async def list_invitations(flows: MemberFlows) -> wire.Invitations:
    """For directors: the invitations that wait for somebody.

    Whoever has joined by one is confirmed by the next roster.
    """
    return wire.Invitations.of(await flows.run(inviting.invitations))


@router.delete("/invitations/{invitation}", **NO_CONTENT)
@declares("not_allowed")
async def revoke_invitation(flows: MemberFlows, invitation: InvitationId) -> None:
    """End an invitation, used or not.

    Repeatable.
    """
    await flows.run(inviting.revoke, invitation)


@router.post("/invitations/{invitation}/chains")
@declares("link_unavailable")
async def look_at_invitation(flows: Flows, invitation: InvitationLinkId, body: Json[wire.Look]) -> wire.Invited:
    """The chains of the practice, for whoever holds the link of an invitation.

    Looking uses nothing up.
    """
    found = await flows.run(inviting.look, invitation, body.possess, (body.roster, body.policy), flows.now)
    return wire.Invited.of(found)


@router.post("/invitations/{invitation}/join", **MADE)
@declares("link_unavailable", "code_wrong", "conflict", "invalid")
async def join(flows: Flows, invitation: InvitationLinkId, body: Json[wire.Join]) -> wire.HasJoined:
    """Join by the link of an invitation, once.

    It gives no right yet: a director confirms. Repeating it gives the same answer.
    """
    return wire.HasJoined(member=await flows.run(inviting.join, invitation, body.to_flow(), flows.now))
