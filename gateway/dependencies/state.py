"""The application's state, shared by all requests: `app.state.gateway`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated

from anyio import CapacityLimiter
from fastapi import Depends
from starlette.requests import Request

from gateway.brand import Brand
from gateway.http.credentials import PublicUrl
from gateway.http.fair_time import FairTime, Holder
from gateway.http.forwarded import source_of
from gateway.http.limits import (
    FLOW_THREADS,
    FLOWS_OF_ONE,
    PARSERS,
    TRANSFER_THREADS,
    BodyMemory,
    InlineMemory,
    Relays,
    Turns,
    UploadSlots,
)
from gateway.readiness import ReadinessWatch
from gateway.stores import StoresWatch
from vault.flows.context import Ports
from vault.flows.health import BACKUP_EVERY


@dataclass(frozen=True, slots=True)
class State:
    """The ports and settings of one process, and its limits on threads, uploads and memory.

    `moved` is how far the settings move the clock, which `clock_offset` says in words. `watched` are the same stores by
    connections of their own: to look at them waits for no work.
    """

    ports: Ports
    public: PublicUrl
    clock: Callable[[], datetime]
    clock_offset: str
    moved: timedelta
    erasure_delay: timedelta
    backup_every: timedelta = BACKUP_EVERY
    brand: Brand = Brand()  # noqa: RUF009 - it cannot be changed
    watched: Ports | None = None
    flow_threads: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(FLOW_THREADS))
    transfer_threads: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(TRANSFER_THREADS))
    fair: FairTime = field(default_factory=FairTime)
    turns: Turns = field(default_factory=lambda: Turns(share=FLOWS_OF_ONE))
    parsing: Turns = field(default_factory=lambda: Turns(PARSERS))
    parse_threads: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(PARSERS))
    bodies: BodyMemory = field(default_factory=BodyMemory)
    uploads: UploadSlots = field(default_factory=UploadSlots)
    inline: InlineMemory = field(default_factory=InlineMemory)
    relays: Relays = field(default_factory=Relays)
    downloads: Turns = field(default_factory=Turns)
    download_threads: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(FLOW_THREADS))
    stores: StoresWatch = field(init=False)
    readiness: ReadinessWatch = field(init=False)

    def __post_init__(self) -> None:
        watched = self.watched or self.ports
        object.__setattr__(self, "stores", StoresWatch(watched))
        watch = ReadinessWatch(watched, self.clock, self.moved, self.stores, self.backup_every)
        object.__setattr__(self, "readiness", watch)


def state_of(request: Request) -> State:
    """The state of the application of this request."""
    state: State = request.app.state.gateway
    return state


def holder_of(request: Request) -> Holder:
    """Whose share of the limits this request takes: the member's once she is known, the source's before."""
    return Holder(source_of(request), getattr(request.state, "holder", ""))


async def _state(request: Request) -> State:  # async, since FastAPI runs a plain function in a thread
    return state_of(request)


AppState = Annotated[State, Depends(_state)]
