"""Whether the process lives, whether the vault can work, and what it can do."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from gateway.dependencies import InHouse
from gateway.documentation import describe
from gateway.routes.answers import answer
from gateway.wire import health as wire
from vault.flows import health

router = APIRouter(tags=["health"])


@router.get("/healthz", operation_id="getHealth", summary="The process answers", **describe({200: wire.Health}, ()))
async def healthz(house: InHouse) -> Response:
    """Asks no engine. A clock offset means a trial, not a practice."""
    return answer(wire.Health(status="ok", clock_offset=house.clock_offset or "+0s"))


@router.get(
    "/readyz",
    operation_id="getReadiness",
    summary="Every engine answers",
    **describe({200: wire.Readiness, 503: wire.Readiness}, ()),
)
async def readyz(house: InHouse) -> Response:
    """503 names what does not, and what to do."""
    checks = await house.run(health.checks, house.ports, house.clock())
    ready = all(check.ok for check in checks)
    body = wire.Readiness(
        status="ready" if ready else "unready",
        checks=[wire.Check(name=check.name, ok=check.ok, advice=check.advice) for check in checks],
    )
    return answer(body, 200 if ready else 503)
