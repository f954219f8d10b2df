"""The acts of a link's holder. Every refusal is the same answer, byte for byte."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from gateway.declared_codes import declares
from gateway.dependencies.bodies import read_body
from gateway.dependencies.downloads import BODY, SendBody
from gateway.dependencies.flows import Flows, Proofs
from gateway.dependencies.paths import LinkDocumentId, LinkId, PickupName
from gateway.http.failures import link_unavailable
from gateway.wire import pickup as wire
from vault.errors import InvalidInputError
from vault.flows.documents.reading import Body
from vault.flows.shares import pickup
from vault.records import read
from vault.records.strict_json import parse_object

router = APIRouter(tags=["pick-up"], prefix="/pickup")


@declares("too_large", "timeout", body=wire.Resuming, required=False)
async def _resumed(request: Request, _first: Proofs) -> bytes | None:
    """The name in the body of a look; a malformed body is answered like an unavailable link."""
    raw = await read_body(request, wire.Resuming.limit)
    if not raw:
        return None
    try:
        content = parse_object(raw, limit=wire.Resuming.limit)
        return bytes.fromhex(read.identifier(content, "name")) if content else None
    except InvalidInputError:
        raise link_unavailable() from None


Resumed = Annotated[bytes | None, Depends(_resumed)]


@router.post("/{share}/cover")
async def get_cover(flows: Flows, proofs: Proofs, share: LinkId, resumed: Resumed) -> wire.OpenedCover | wire.CoverMode:
    """Look at a link, without using a pick-up.

    With `possess` only the mode; with `open` as well, cover and entries. A pick-up under way is named in the body,
    `{"name": "…"}`, and works on a used-up link too; else the body is empty.
    """
    both = pickup.Proofs(proofs.possess, proofs.open)
    return wire.cover_of(await flows.run(pickup.cover, share, both, flows.now, resumed))


@router.put("/{share}/{name}")
async def pick_up(flows: Flows, proofs: Proofs, share: LinkId, name: PickupName) -> wire.Released:
    """Pick up, counted once for each name.

    The same name within its hour gets the same answer and is not counted again, so a lost answer costs nothing.
    """
    both = pickup.Proofs(proofs.possess, proofs.open)
    return wire.Released.of(await flows.run(pickup.pick_up, share, name, both, flows.now))


@router.get("/{share}/{name}/{document}/body", **BODY)
@declares(frozen=False)
async def get_picked_up_body(
    flows: Flows, proofs: Proofs, share: LinkId, name: PickupName, document: LinkDocumentId, send_body: SendBody
) -> Response:
    """A document's body for a pick-up under way, whole or a range of it.

    Ciphertext. Revocation and erasure end it at the next segment: the answer then ends early.
    """
    both = pickup.Proofs(proofs.possess, proofs.open)

    async def read_range(start: int, length: int | None) -> Body:
        return await flows.run(pickup.body, share, name, document, both, flows.state.clock, start, length)

    return await send_body(read_range, link_unavailable())
