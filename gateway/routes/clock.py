"""The server's clock while it is in doubt."""

from __future__ import annotations

from fastapi import APIRouter

from gateway.declared_codes import declares
from gateway.dependencies.answers import NO_CONTENT
from gateway.dependencies.bodies import Json
from gateway.dependencies.flows import MemberFlows
from gateway.wire import clock as wire
from vault.flows.clock import trusting
from vault.records.encoding import parse_instant

router = APIRouter(tags=["clock"])


@router.get("/clock")
@declares("not_allowed")
async def get_clock(flows: MemberFlows) -> wire.ClockState:
    """For directors: what the server's clock says, and since when it is in doubt.

    It moved on by more than a day, or went back. Until somebody agrees with it the worker destroys and signs nothing.
    """
    return wire.ClockState.of(await flows.run(trusting.clock_state, flows.now, flows.state.moved))


@router.post("/clock", **NO_CONTENT)
@declares("not_allowed", "clock_wrong", "record_invalid", frozen=True)
async def agree(flows: MemberFlows, body: Json[wire.ClockWord]) -> None:
    """A director agrees with the server's clock: `at` is the time by another one.

    Within seconds the worker goes on. A director who signs in from another machine agrees as well, and so do two
    members.
    """
    await flows.run(trusting.agree, parse_instant(body.at), flows.now, flows.state.moved)
