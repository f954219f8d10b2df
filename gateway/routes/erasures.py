"""Requesting an erasure, following it, withdrawing it, and its certificate."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from gateway.declared_codes import RECORDS, declares
from gateway.dependencies.answers import MADE, NO_CONTENT, Made, json_response
from gateway.dependencies.bodies import Json
from gateway.dependencies.flows import MemberFlows
from gateway.dependencies.paths import DossierId, ErasureId
from gateway.wire import erasures as wire
from vault.flows.context import Caller, Ports
from vault.flows.erasures import checking, requesting
from vault.rules.verdict import Refused

router = APIRouter(tags=["erasures"])


@router.post("/dossiers/{dossier}/erasure", **MADE)
@declares(*RECORDS, "not_found", "state")
async def request_erasure(
    flows: MemberFlows, dossier: DossierId, body: Json[wire.NewErasure], made: Made
) -> wire.Requested:
    """Request the erasure of a dossier or of some of its documents.

    Repeating the same request gives the same erasure, in its present state.
    """
    asked = await flows.run(requesting.request, dossier, body.erasure, flows.now, flows.state.erasure_delay)
    return made(wire.Requested.of(asked.erasure), repeated=asked.repeated)


@router.get("/erasures/{erasure}")
@declares("not_found")
async def get_erasure(flows: MemberFlows, erasure: ErasureId) -> wire.Erasure:
    """The state of an erasure.

    The dossier may be gone by then, so every member who knows the erasure's id may read it.
    """
    return wire.Erasure.of(await flows.run(requesting.one, erasure))


@router.post("/erasures/{erasure}/withdrawal", **NO_CONTENT)
@declares(*RECORDS, "not_found", "state")
async def withdraw_erasure(flows: MemberFlows, erasure: ErasureId, body: Json[wire.Withdrawal]) -> None:
    """Take staff's own request back before it begins, by a signed withdrawal.

    An erasure requested by the client, due by retention, or begun, cannot be withdrawn; repeatable.
    """
    await flows.run(requesting.take_back, erasure, body.withdrawal, flows.now)


@router.get("/erasures/{erasure}/certificate", response_model=wire.Certificate)
@declares("not_found")
async def get_certificate(flows: MemberFlows, erasure: ErasureId) -> Response:
    """The certificate of destruction, with everything for its verification.

    It exists only at the end. It is verified without the server, from roster 1 on.
    """
    return await flows.run(_certificate, erasure)


def _certificate(ports: Ports, caller: Caller, erasure: str) -> Response | Refused:
    """The answer, serialised in a thread: a practice may have many rosters."""
    proof = requesting.certificate(ports, caller, erasure)
    return proof if isinstance(proof, Refused) else json_response(wire.Certificate.of(proof))


@router.post("/erasures/{erasure}/checks", **MADE)
@declares(*RECORDS, "not_found")
async def check_certificate(
    flows: MemberFlows, erasure: ErasureId, body: Json[wire.NewCheck], made: Made
) -> wire.CertificateChecks:
    """Keep beside the certificate that the member's device verified it.

    Each member has one; repeating it gives what is there, and her first one stays.
    """
    checked = await flows.run(checking.add_check, erasure, body.check)
    return made(wire.CertificateChecks.of(checked), repeated=checked.repeated)
