"""Shares as the members of a dossier make, see and end them."""

from __future__ import annotations

from typing import Any, cast

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.dependencies import After, InHouse, Limit, SignedInCaller, known_id, read_json
from gateway.documentation import JSON_BODY, RECORDS, SESSION, SIGNED_IN, describe
from gateway.http import limits
from gateway.routes.answers import answer, made, next_after, nothing
from gateway.routes.dossiers import INDEX
from gateway.wire import shares as wire
from vault.flows.shares import sharing

router = APIRouter(tags=["shares"])


@router.post(
    "/dossiers/{dossier}/shares",
    operation_id="share",
    summary="Make a share, with the index that lists it",
    **describe(
        {200: wire.Shared, 201: wire.Shared},
        (*SIGNED_IN, *JSON_BODY, *RECORDS, *INDEX, "consent_required", "limit", "state"),
        body=wire.NewShare,
        security=SESSION,
    ),
)
async def share(request: Request, house: InHouse, caller: SignedInCaller, dossier: str) -> Response:
    """A disclosure to a third party needs a live consent of the client."""
    asked = await read_json(request, house, wire.NewShare, limits.SHARE)
    entries = tuple(sharing.NewEntry(entry.document, entry.entry, entry.capsule) for entry in asked.entries)
    new = sharing.NewShare(asked.share, asked.text, asked.cover, entries, asked.index)
    shared = await house.run(sharing.share, house.ports, caller, known_id(dossier), new, house.clock())
    return made(wire.Shared(share=shared.share, expires_at=shared.expires_at), repeated=shared.repeated)


@router.get(
    "/dossiers/{dossier}/shares",
    operation_id="listShares",
    summary="The shares of a dossier with every pick-up, by id",
    **describe({200: wire.Shares}, (*SIGNED_IN, "not_found", "invalid"), security=SESSION),
)
async def shares(
    house: InHouse, caller: SignedInCaller, dossier: str, after: After = "", limit: Limit = 500
) -> Response:
    """Who picked up is not known here; when, is."""
    rows = await house.run(sharing.shares, house.ports, caller, known_id(dossier), after, limit, house.clock())
    last = next_after(rows, limit)
    return answer(wire.Shares(items=[_listed(row) for row in rows], next=None if last is None else last.share.id))


@router.get(
    "/shares/{share}",
    operation_id="getShare",
    summary="One share with every pick-up",
    **describe({200: wire.ListedShare}, (*SIGNED_IN, "not_found"), security=SESSION),
)
async def one(house: InHouse, caller: SignedInCaller, share: str) -> Response:
    """As it stands in the list."""
    return answer(_listed(await house.run(sharing.one, house.ports, caller, known_id(share), house.clock())))


@router.delete(
    "/shares/{share}",
    operation_id="revokeShare",
    summary="End a share at once",
    **describe({204: None}, (*SIGNED_IN, "not_found"), security=SESSION),
)
async def revoke(house: InHouse, caller: SignedInCaller, share: str) -> Response:
    """Pick-ups under way end at their next segment; repeatable."""
    await house.run(sharing.revoke, house.ports, caller, known_id(share), house.clock())
    return nothing()


def _listed(view: sharing.ShareView) -> wire.ListedShare:
    row = view.share
    return wire.ListedShare(
        share=row.id,
        record=view.envelope,
        text=view.text,
        state=cast("Any", view.state),
        used=row.used,
        max=row.max,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        pickups=[
            wire.Pickup(started_at=pickup.started_at, last_at=pickup.last_at, finished_at=pickup.finished_at)
            for pickup in view.pickups
        ],
    )
