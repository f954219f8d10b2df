"""Shares as the members of a dossier make, see and end them."""

from __future__ import annotations

from fastapi import APIRouter

from gateway.declared_codes import INDEX, RECORDS, declares
from gateway.dependencies.answers import MADE, NO_CONTENT, Made
from gateway.dependencies.bodies import Json
from gateway.dependencies.flows import MemberFlows
from gateway.dependencies.paths import DossierId, ShareId
from gateway.dependencies.queries import After, Limit
from gateway.wire import shares as wire
from vault.flows.shares import sharing

router = APIRouter(tags=["shares"])


@router.post("/dossiers/{dossier}/shares", **MADE)
@declares(*RECORDS, *INDEX, "consent_required", "limit", "state")
async def share(flows: MemberFlows, dossier: DossierId, body: Json[wire.NewShare], made: Made) -> wire.Shared:
    """Make a share, with the index that lists it.

    A disclosure to a third party needs a live consent of the client.
    """
    shared = await flows.run(sharing.share, dossier, body.to_flow(), flows.now)
    return made(
        wire.Shared(share=shared.share, expires_at=shared.expires_at, index=shared.index), repeated=shared.repeated
    )


@router.get("/dossiers/{dossier}/shares")
@declares("not_found")
async def list_shares(flows: MemberFlows, dossier: DossierId, after: After = "", limit: Limit = 500) -> wire.Shares:
    """The shares of a dossier with every pick-up, by id.

    The server knows the time of a pick-up, but not the person.
    """
    return wire.Shares.page(await flows.run(sharing.shares, dossier, after, limit, flows.now), limit)


@router.get("/shares/{share}")
@declares("not_found")
async def get_share(flows: MemberFlows, share: ShareId) -> wire.ListedShare:
    """One share with every pick-up.

    As in the list.
    """
    return wire.ListedShare.of(await flows.run(sharing.one, share, flows.now))


@router.delete("/shares/{share}", **NO_CONTENT)
@declares("not_found")
async def revoke_share(flows: MemberFlows, share: ShareId) -> None:
    """End a share at once.

    Pick-ups under way end at their next segment; repeatable.
    """
    await flows.run(sharing.revoke, share, flows.now)
