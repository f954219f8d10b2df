"""Health and readiness of the vault."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from gateway.dependencies.state import AppState
from gateway.wire import health as wire

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def get_health(state: AppState) -> wire.Health:
    """The process answers.

    It asks no engine. A clock offset means a trial vault.
    """
    return wire.Health(status="ok", clock_offset=state.clock_offset or "+0s")


@router.get("/readyz", responses={503: {"model": wire.Readiness}})
async def get_readiness(state: AppState, response: Response) -> wire.Readiness:
    """Every engine answered within the last seconds.

    503 names the failed checks, with advice; `restored`: the stores do not belong together, and nothing is written,
    released or destroyed. The check `clock`: the clock is in doubt, and nothing is destroyed or signed by the worker.
    """
    readiness = wire.Readiness.of(await state.readiness.checks())
    response.status_code = 200 if readiness.status == "ready" else 503
    return readiness
