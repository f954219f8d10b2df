"""Asking for an erasure, following it, taking it back, and its certificate."""

from __future__ import annotations

from typing import Any, cast

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.dependencies import InHouse, SignedInCaller, known_id, read_json
from gateway.documentation import JSON_BODY, RECORDS, SESSION, SIGNED_IN, describe
from gateway.http import limits
from gateway.routes.answers import answer, made, nothing
from gateway.wire import erasures as wire
from vault.domain.erasures import ErasureRow, ErasureState
from vault.flows.context import Caller, Ports
from vault.flows.erasures import requesting
from vault.rules.verdict import Refused

router = APIRouter(tags=["erasures"])


@router.post(
    "/dossiers/{dossier}/erasure",
    operation_id="requestErasure",
    summary="Ask that a dossier or some of its documents be destroyed",
    **describe(
        {200: wire.Requested, 201: wire.Requested},
        (*SIGNED_IN, *JSON_BODY, *RECORDS, "not_found", "state"),
        body=wire.NewErasure,
        security=SESSION,
    ),
)
async def request_erasure(request: Request, house: InHouse, caller: SignedInCaller, dossier: str) -> Response:
    """Repeating the same request gives the same erasure, whatever has become of it."""
    asked = await read_json(request, house, wire.NewErasure, limits.ERASURE)
    requested = await house.run(
        requesting.request,
        house.ports,
        caller,
        known_id(dossier),
        asked.erasure,
        house.clock(),
        house.erasure_delay,
    )
    erasure = requested.erasure
    body = wire.Requested(erasure=erasure.id, state=_state(erasure), not_before=erasure.not_before)
    return made(body, repeated=requested.repeated)


@router.get(
    "/erasures/{erasure}",
    operation_id="getErasure",
    summary="How far an erasure is",
    **describe({200: wire.Erasure}, (*SIGNED_IN, "not_found"), security=SESSION),
)
async def one(house: InHouse, caller: SignedInCaller, erasure: str) -> Response:
    """The dossier may be gone by then: whoever knows the erasure's id sees it."""
    return answer(_shown(await house.run(requesting.one, house.ports, caller, known_id(erasure))))


@router.delete(
    "/erasures/{erasure}",
    operation_id="withdrawErasure",
    summary="Take staff's own request back before it begins",
    **describe({204: None}, (*SIGNED_IN, "not_found", "state"), security=SESSION),
)
async def take_back(house: InHouse, caller: SignedInCaller, erasure: str) -> Response:
    """What the client asked, what retention began and what has begun stays; repeatable."""
    await house.run(requesting.take_back, house.ports, caller, known_id(erasure), house.clock())
    return nothing()


@router.get(
    "/erasures/{erasure}/certificate",
    operation_id="getCertificate",
    summary="The certificate of destruction, with all that a verifier needs",
    **describe({200: wire.Certificate}, (*SIGNED_IN, "not_found"), security=SESSION),
)
async def certificate(house: InHouse, caller: SignedInCaller, erasure: str) -> Response:
    """There is none before the end. It is verified without the server, from roster 1 on."""
    return await house.run(_certificate, house.ports, caller, known_id(erasure))


def _certificate(ports: Ports, caller: Caller, erasure: str) -> Response | Refused:
    """The whole answer in a thread: a practice may have many rosters."""
    proof = requesting.certificate(ports, caller, erasure)
    if isinstance(proof, Refused):
        return proof
    return answer(
        wire.Certificate(certificate=proof.certificate, tombstones=list(proof.tombstones), rosters=list(proof.rosters))
    )


def _state(erasure: ErasureRow) -> wire.State:
    """Until the fence stands, a client hears `requested`; whether it can still be taken back, it asks by trying."""
    return "requested" if erasure.state is ErasureState.BEGUN else cast("wire.State", erasure.state.value)


def _shown(erasure: ErasureRow) -> wire.Erasure:
    return wire.Erasure(
        erasure=erasure.id,
        dossier=erasure.dossier,
        documents=list(erasure.documents),
        reason=cast("Any", erasure.reason),
        state=_state(erasure),
        requested_at=erasure.requested_at,
        not_before=erasure.not_before,
        shredded_at=erasure.shredded_at,
        verified_at=erasure.verified_at,
    )
