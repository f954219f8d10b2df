"""What the holder of a link can do. Every refusal is the same answer, byte for byte."""

from __future__ import annotations

from typing import Any, cast

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.dependencies import InHouse, Proofs, link_id, read_body
from gateway.documentation import ID_PATTERN, LINK, LINK_PROOFS, describe
from gateway.http.failures import link_unavailable
from gateway.http.limits import KIB
from gateway.routes.answers import answer
from gateway.routes.bodies import BODY_CODES, BODY_HEADERS, IfRange, Range, send_body
from gateway.wire import shares as wire
from vault.errors import InvalidInputError
from vault.flows.documents.deposit import Body
from vault.flows.shares import pickup
from vault.records import read
from vault.records.encoding import parse_object

router = APIRouter(tags=["pick-up"], prefix="/pickup")
RESUMING: dict[str, Any] = {
    "application/json": {
        "schema": {
            "type": "object",
            "description": "The name of the pick-up that goes on; nothing, or no body, where there is none yet.",
            "properties": {"name": {"type": "string", "pattern": ID_PATTERN}},
        }
    }
}


@router.post(
    "/{share}/cover",
    operation_id="getCover",
    summary="Look at a link: spends nothing",
    **describe(
        {200: wire.Looked}, (*LINK, "too_large", "timeout"), security=LINK_PROOFS, content=RESUMING, required=False
    ),
)
async def cover(request: Request, house: InHouse, proofs: Proofs, share: str) -> Response:
    """With `possess` only the mode; with `open` as well, cover and entries.

    A pick-up that goes on after the last one was used names itself: `{"name": "…"}`, else the body is empty.
    """
    name = _pickup_name(await read_body(request, KIB))
    both = pickup.Proofs(proofs.possess, proofs.open)
    seen = await house.run(pickup.cover, house.ports, link_id(share), both, house.clock(), name)
    mode = cast("Any", seen.mode)
    if seen.cover is None or seen.expires_at is None:
        return answer(wire.CoverMode(mode=mode))
    return answer(
        wire.OpenedCover(
            mode=mode,
            cover=seen.cover,
            entries=[wire.CoverEntry(document=document, entry=entry) for document, entry in seen.entries],
            expires_at=seen.expires_at,
            left=seen.left,
        )
    )


def _pickup_name(raw: bytes) -> bytes | None:
    """The name in the body of a look; anything malformed is a link that is not available."""
    if not raw:
        return None
    try:
        content = parse_object(raw, limit=KIB)
        return bytes.fromhex(read.identifier(content, "name")) if content else None
    except InvalidInputError:
        raise link_unavailable() from None


@router.put(
    "/{share}/{name}",
    operation_id="pickUp",
    summary="Pick up: counted once for each name",
    **describe({200: wire.Released}, LINK, security=LINK_PROOFS),
)
async def pick_up(house: InHouse, proofs: Proofs, share: str, name: str) -> Response:
    """The same name within its hour gets the same answer and counts nothing, so a lost answer costs nothing."""
    released = await house.run(
        pickup.pick_up,
        house.ports,
        link_id(share),
        bytes.fromhex(link_id(name)),
        pickup.Proofs(proofs.possess, proofs.open),
        house.clock(),
    )
    capsules = [wire.ReleasedCapsule(document=document, capsule=capsule) for document, capsule in released.capsules]
    return answer(wire.Released(capsules=capsules, resume_until=released.resume_until))


@router.get(
    "/{share}/{name}/{document}/body",
    operation_id="getPickedUpBody",
    summary="A document's body for a pick-up under way, whole or a range of it",
    **describe(
        {200: None, 206: None},
        (*LINK, *BODY_CODES),
        security=LINK_PROOFS,
        headers=BODY_HEADERS,
        answer_type="application/octet-stream",
    ),
)
async def body(
    request: Request,
    house: InHouse,
    proofs: Proofs,
    share: str,
    name: str,
    document: str,
    _range: Range = None,
    _if_range: IfRange = None,
) -> Response:
    """Ciphertext. Revocation and erasure end it at the next segment: the answer then ends short."""
    link, pick, wanted = link_id(share), bytes.fromhex(link_id(name)), link_id(document)
    both = pickup.Proofs(proofs.possess, proofs.open)

    async def stretch(start: int, length: int | None) -> Body:
        return await house.run(pickup.body, house.ports, link, pick, wanted, both, house.clock, start, length)

    return await send_body(request, house, stretch, link_unavailable())
