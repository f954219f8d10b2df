"""The gateway: an ASGI application on wired ports. It keeps no state of a caller between two requests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, FastAPI
from starlette.requests import Request
from starlette.responses import Response

from gateway.brand import Brand, read_brand
from gateway.dependencies.standing import WhileOpen
from gateway.dependencies.state import State
from gateway.http import failures
from gateway.http.cookies import OwnCookie
from gateway.http.credentials import PublicUrl
from gateway.http.fair_time import Paced
from gateway.http.forwarded import ForwardedFor
from gateway.http.limits import InFlight
from gateway.http.logs import RequestLog
from gateway.http.request_head import HeadAsGet
from gateway.http.security_headers import SecurityHeaders
from gateway.openapi import document_of, operation_id
from gateway.routes import (
    account,
    audit,
    documents,
    dossiers,
    erasures,
    health,
    invitations,
    page,
    people,
    pickup,
    rosters,
    shares,
)
from gateway.routes import clock as clocks
from vault import wiring
from vault.flows.context import Ports
from vault.flows.health import BACKUP_EVERY
from vault.settings import Role, Settings

API = "/api/v1"
# Routes are tried in this order: the receivers' first, then deposits, of which one command makes hundreds.
ROUTERS: tuple[tuple[APIRouter, str], ...] = (
    *((noun.router, API) for noun in (pickup, documents, people, account, invitations, rosters, clocks)),
    *((noun.router, API) for noun in (dossiers, shares, erasures, audit)),
    *((noun.router, "") for noun in (health, page)),
)
UNMOVED = "+0s"
ERASURE_DELAY = timedelta(hours=24)


def _all_routes() -> APIRouter:
    root = APIRouter(generate_unique_id_function=operation_id)
    for router, prefix in ROUTERS:
        root.include_router(router, prefix=prefix, dependencies=[WhileOpen] if prefix == API else [])
    return root


# FastAPI works out what a route depends on at its first request, and keeps it with the route: applications share them.
ROUTES = _all_routes()


def create_app(
    ports: Ports,
    *,
    public_url: str,
    clock: Callable[[], datetime],
    clock_offset: str = UNMOVED,
    moved: timedelta = timedelta(0),
    erasure_delay: timedelta = ERASURE_DELAY,
    backup_every: timedelta = BACKUP_EVERY,
    brand: Brand | None = None,
    watched: Ports | None = None,
) -> FastAPI:
    """The application. `clock_offset` is shown by health and in a header when it is not `+0s`.

    `moved` is the same as a length of time. `erasure_delay` is how long staff can withdraw an erasure that no client
    asked for. Health says when no backup was made for `backup_every`. `watched` are the ports for looking whether the
    stores answer and belong together: the same by default.
    """
    offset = "" if clock_offset == UNMOVED else clock_offset
    public = PublicUrl(public_url.rstrip("/"))
    app = FastAPI(
        title="dossier vault",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        routes=[*ROUTES.routes],
    )
    state = State(ports, public, clock, offset, moved, erasure_delay, backup_every, brand or Brand(), watched)
    app.state.gateway = state
    failures.register(app)
    document = document_of(app, [router for router, _ in ROUTERS], public_url=public.url, cookie=public.cookie)

    one_at_a_time, built = CapacityLimiter(1), list[bytes]()

    async def openapi(_: Request) -> Response:
        if not built:  # a third of a second of work: the event loop has no time for that
            built.append(await to_thread.run_sync(document, limiter=one_at_a_time))
        return Response(built[0], media_type="application/json")

    app.add_route("/openapi.json", openapi, methods=["GET"], include_in_schema=False)
    # The last middleware added is the outermost: it puts the headers also on the answers of the others.
    app.add_middleware(HeadAsGet)
    app.add_middleware(OwnCookie, name=public.cookie)
    app.add_middleware(Paced, fair=app.state.gateway.fair)
    app.add_middleware(InFlight)
    app.add_middleware(RequestLog)
    app.add_middleware(SecurityHeaders, https=public.https, clock_offset=offset)
    return app


def from_settings(settings: Settings) -> FastAPI:
    """The application on the engines that the settings name."""
    ports = wiring.build(settings, Role.GATEWAY)
    app = create_app(
        ports,
        public_url=settings.public_url,
        clock=settings.clock.now,
        clock_offset=settings.clock.text,
        moved=settings.clock.offset,
        erasure_delay=settings.erasure_delay,
        backup_every=settings.backup_every,
        brand=read_brand(settings.colour, settings.logo_file),
        watched=wiring.watching(settings, ports),
    )
    if settings.trusted_proxies:  # outermost: the middleware that counts by source needs its result
        app.add_middleware(ForwardedFor, trusted=settings.trusted_proxies, carries=settings.proxy_carries)
    return app
