"""What the routes depend on: the house they stand in, the caller, and a JSON body read strictly and within a limit."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import Depends, Query, Request
from pydantic import BaseModel, ValidationError

from gateway.http.credentials import LinkProofs, PublicUrl, read_proofs, read_token
from gateway.http.failures import Problem, invalid, link_unavailable, refusal, unwrap
from gateway.http.limits import FLOW_THREADS, KIB, TRANSFER_THREADS, InlineMemory, Relays, UploadSlots
from gateway.http.streams import arriving
from vault.flows.answers import Missing, Stale, Throttled
from vault.flows.context import Caller, Ports
from vault.flows.people import signing_in
from vault.records.encoding import parse_object
from vault.rules.verdict import Refused

P = ParamSpec("P")
T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)
PARSE_INLINE = 32 * KIB
_ID = re.compile(r"[0-9a-f]{32}\Z")


@dataclass(frozen=True, slots=True)
class House:
    """Everything a route needs beside its request."""

    ports: Ports
    public: PublicUrl
    clock: Callable[[], datetime]
    clock_offset: str
    erasure_delay: timedelta
    flows: CapacityLimiter
    transfers: CapacityLimiter
    uploads: UploadSlots
    inline: InlineMemory
    relays: Relays

    async def run(
        self, flow: Callable[P, T | Refused | Throttled | Stale | Missing], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """The result of a blocking flow, run in one of a bounded number of threads; raises Problem for a refusal."""
        return unwrap(await to_thread.run_sync(partial(flow, *args, **kwargs), limiter=self.flows))

    async def transfer(
        self, flow: Callable[P, T | Refused | Throttled | Stale | Missing], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """As `run`, for a flow that waits for a sender: it may not take the threads of short ones."""
        return unwrap(await to_thread.run_sync(partial(flow, *args, **kwargs), limiter=self.transfers))


def build_house(
    ports: Ports, public_url: str, clock: Callable[[], datetime], clock_offset: str, erasure_delay: timedelta
) -> House:
    """The house of one process."""
    return House(
        ports,
        PublicUrl(public_url.rstrip("/")),
        clock,
        clock_offset,
        erasure_delay,
        CapacityLimiter(FLOW_THREADS),
        CapacityLimiter(TRANSFER_THREADS),
        UploadSlots(),
        InlineMemory(),
        Relays(),
    )


async def house_of(request: Request) -> House:
    """The house this application was created in. Async, for FastAPI runs any other dependency in a thread."""
    house: House = request.app.state.house
    return house


InHouse = Annotated[House, Depends(house_of)]


async def caller_of(request: Request, house: InHouse) -> Caller:
    """Who is signed in; raises Problem `sign_in`."""
    token = read_token(request, house.public)
    caller = None
    if token is not None:
        caller = await house.run(signing_in.authenticate, house.ports, token, house.clock())
    if caller is None:
        raise refusal("sign_in")
    return caller


SignedInCaller = Annotated[Caller, Depends(caller_of)]


async def proofs_of(request: Request) -> LinkProofs:
    """The link's proofs; raises the one refusal of links."""
    return read_proofs(request.headers.get("authorization"))


Proofs = Annotated[LinkProofs, Depends(proofs_of)]
After = Annotated[
    str, Query(pattern="^[0-9a-f]{0,64}$", description="Continue after this one: `next` of the page before.")
]
Version = Annotated[int, Query(ge=0, le=2**53 - 1, description="Only versions above this one.")]
Limit = Annotated[int, Query(ge=1, le=500, description="At most so many items.")]


def source_of(request: Request) -> str:
    """Where a request comes from, for counting failures; never written to a log.

    Of an IPv6 address its first 64 bits: one subscriber has all the addresses behind them.
    """
    host = "" if request.client is None else request.client.host
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    return host if address.version == 4 else str(ipaddress.ip_network((address, 64), strict=False))  # noqa: PLR2004


def known_id(value: str) -> str:
    """An id from a path; one that cannot exist is not found, like one that does not."""
    if not _ID.match(value):
        raise Problem("not_found")
    return value


def link_id(value: str) -> str:
    """As `known_id`, within a link."""
    if not _ID.match(value):
        raise link_unavailable()
    return value


async def read_body(request: Request, limit: int) -> bytes:
    """The whole body of at most `limit` bytes; raises Problem `too_large` or `timeout`."""
    content = bytearray()
    async for chunk in arriving(request, limit=limit):
        content += chunk
    return bytes(content)


async def read_json(request: Request, house: House, model: type[M], limit: int) -> M:
    """The body as strict JSON (duplicate keys, floats, deep nesting refused), of the model's form.

    The limit holds before anything is parsed. Raises Problem `unsupported_type`, `too_large`, `timeout`, `invalid`,
    and RecordError for an envelope that breaks the format.
    """
    kind = request.headers.get("content-type", "")
    if kind.partition(";")[0].strip().lower() != "application/json":
        raise Problem("unsupported_type")
    raw = await read_body(request, limit)
    if len(raw) <= PARSE_INLINE:
        return _parse(raw, model)
    return await to_thread.run_sync(_parse, raw, model, limiter=house.flows)


def _parse(raw: bytes, model: type[M]) -> M:
    try:
        return model.model_validate(parse_object(raw, limit=len(raw)))
    except ValidationError as error:
        raise invalid(error.errors(include_url=False, include_context=False, include_input=False)) from None
