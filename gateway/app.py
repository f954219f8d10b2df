"""The gateway: wired ports in, an ASGI application out. It keeps nothing between two requests."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, timedelta

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from gateway.dependencies import build_house
from gateway.documentation import schema_of
from gateway.http import failures
from gateway.http.forwarded import ForwardedFor
from gateway.http.headers import SecurityHeaders
from gateway.http.limits import InFlight
from gateway.http.logs import RequestLog
from gateway.routes import audit, documents, dossiers, erasures, health, page, people, pickup, rosters, shares
from vault import wiring
from vault.flows.context import Ports
from vault.settings import Settings

PREFIX = "/api/v1"
UNMOVED = "+0s"
ERASURE_DELAY = timedelta(hours=24)


def create_app(
    ports: Ports,
    *,
    public_url: str,
    clock: Callable[[], datetime],
    clock_offset: str = UNMOVED,
    erasure_delay: timedelta = ERASURE_DELAY,
) -> FastAPI:
    """The application. `clock_offset` is shown by health and in a header when it is not `+0s`.

    `erasure_delay` is how long staff can take an erasure back that no client asked for.
    """
    offset = "" if clock_offset == UNMOVED else clock_offset
    app = FastAPI(
        title="dossier vault", version="1", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False
    )
    house = build_house(ports, public_url, clock, offset, erasure_delay)
    app.state.house = house
    failures.register(app)
    # Routes are tried in this order: first what anybody may ask, and receivers at once.
    for module in (pickup, people, rosters, dossiers, documents, shares, erasures, audit):
        app.include_router(module.router, prefix=PREFIX)
    app.include_router(health.router)
    app.include_router(page.router)
    document = schema_of(app, public_url=house.public.url, cookie=house.public.cookie)

    async def openapi(_: Request) -> Response:
        return Response(document(), media_type="application/json")

    app.add_route("/openapi.json", openapi, methods=["GET"], include_in_schema=False)
    # The last one added is the outermost: headers stand on every answer, also on those of the two within.
    app.add_middleware(InFlight)
    app.add_middleware(RequestLog)
    app.add_middleware(SecurityHeaders, https=house.public.https, clock_offset=offset)
    return app


def from_environment() -> FastAPI:
    """The application as `DOSSIER_*` describes it; a factory for ASGI servers."""
    return from_settings(Settings.from_environment(os.environ))


def from_settings(settings: Settings) -> FastAPI:
    """The application on the engines that the settings name."""
    app = create_app(
        wiring.build(settings),
        public_url=settings.public_url,
        clock=settings.clock.now,
        clock_offset=settings.clock.text,
        erasure_delay=settings.erasure_delay,
    )
    if settings.trusted_proxies:  # outermost: whoever counts by the source comes after it
        app.add_middleware(ForwardedFor, trusted=settings.trusted_proxies)
    return app
