"""Whether the process lives, whether the vault can work, and what it can do."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from gateway.dependencies.flows import Flows
from gateway.dependencies.state import AppState
from gateway.wire import health as wire
from vault.flows import health

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def get_health(state: AppState) -> wire.Health:
    """The process answers.

    Asks no engine. A clock offset means a trial, not a practice.
    """
    return wire.Health(status="ok", clock_offset=state.clock_offset or "+0s")


@router.get("/readyz", responses={503: {"model": wire.Readiness}})
async def get_readiness(flows: Flows, response: Response) -> wire.Readiness:
    """Every engine answers.

    503 names what does not, and what to do.
    """
    readiness = wire.Readiness.of(await flows.run(health.checks, flows.now))
    response.status_code = 200 if readiness.status == "ready" else 503
    return readiness
