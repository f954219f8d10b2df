"""The gateway's limits: bytes of a form, time for a body, requests and transfers of a process."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.http.failures import Problem
from gateway.http.sources import network_of
from vault.records.table import LARGE, SMALL
from vault.records.types.document import SEGMENT_SIZE

KIB, MIB = 1024, 1024 * 1024

# Parts of an inline deposit.
RECORD_PART = 2 * SMALL
HEAD_PART = 4 * KIB
METADATA_PART = 16 * KIB
BODY_PART = SEGMENT_SIZE
INDEX_PART = LARGE * 4 // 3 + 8 * KIB  # as base64 within JSON
COMPLETION = RECORD_PART + HEAD_PART + METADATA_PART + 16 * KIB
FORM = COMPLETION + BODY_PART + INDEX_PART

IDLE_SECONDS = 30.0
GRACE_SECONDS = 60.0
SLOWEST_BYTES_A_SECOND = 8 * KIB

FLOW_THREADS = 32
FLOWS_OF_ONE = 8  # half of the connections to a database are never one holder's; as many as a client of ours sends
TRANSFER_THREADS = 32
UPLOADS = 24
INLINE_BYTES = 48 * MIB
INLINE_WAIT_SECONDS = 20.0
JSON_BYTES = 16 * MIB  # parsed, it takes several times as much
SMALL_JSON = 4 * KIB  # as many of them as there may be requests take 8 MiB
PARSERS = 2  # of bodies above 4 KiB: one for whoever sends many of them, and one for the others
TURN_WAIT_SECONDS = 20.0
UPLOADS_WAITING = 160
UPLOAD_WAIT_SECONDS = 8.0  # below the timeout after which our client gives up on sending
RELAYED_BYTES = 32 * MIB
SMALLEST_BATCH = 256 * KIB
REQUESTS_IN_FLIGHT = 2000


def deadline(size: int) -> float:
    """Seconds allowed for a body of at most `size` bytes."""
    return GRACE_SECONDS + size / SLOWEST_BYTES_A_SECOND


ALWAYS_ANSWERED = frozenset({"/healthz", "/readyz"})


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """One who waits: for so much, for whom, and whether it is her turn."""

    size: int
    by: str
    turn: asyncio.Event = field(default_factory=asyncio.Event)


class FairSemaphore:
    """A semaphore over an amount, with limits on time and queue: first come, first served, but no holder takes all.

    One holder has a share of the amount (three quarters) and half of the queue at most; who waits only for her own
    others is passed over. `by` names the holder; without a name it is nobody's.
    """

    def __init__(self, most: int, *, seconds: float, queue: int, share: int | None = None) -> None:
        self.free = most
        self._seconds = seconds
        self._queue = queue
        self._share = max(1, most * 3 // 4) if share is None else share
        self._held: Counter[str] = Counter()
        self._waiting: deque[_Place] = deque()

    @asynccontextmanager
    async def hold(self, size: int, by: str = "") -> AsyncIterator[None]:
        """Take `size` of it; raises Problem `busy` when the wait or the queue is too long."""
        place = _Place(size, by)
        self._waiting.append(place)
        self._admit()
        if not place.turn.is_set():
            await self._wait(place)
        try:
            yield
        finally:
            self._give_back(place)

    async def _wait(self, place: _Place) -> None:
        if self._beyond_queue(place):
            self._leave(place)
            raise _busy()
        try:
            await asyncio.wait_for(place.turn.wait(), self._seconds)
        except TimeoutError:
            self._leave(place)
            raise _busy() from None
        except asyncio.CancelledError:
            self._leave(place)
            raise

    def _beyond_queue(self, place: _Place) -> bool:
        own = sum(other.by == place.by for other in self._waiting) if place.by else 0
        return len(self._waiting) > self._queue or own > max(1, self._queue // 2)

    def _leave(self, place: _Place) -> None:
        if place.turn.is_set():
            self._give_back(place)
        else:
            self._waiting.remove(place)
            self._admit()

    def _give_back(self, place: _Place) -> None:
        self.free += place.size
        self._held[place.by] -= place.size
        if not self._held[place.by]:
            del self._held[place.by]
        self._admit()

    def _admit(self) -> None:
        for place in list(self._waiting):
            if self._has_her_share(place):
                continue
            if place.size > self.free:
                return
            self._waiting.remove(place)
            self.free -= place.size
            self._held[place.by] += place.size
            place.turn.set()

    def _has_her_share(self, place: _Place) -> bool:
        held = self._held[place.by] if place.by else 0
        return held > 0 and held + place.size > self._share


def _busy() -> Problem:
    return Problem("busy", headers={"Retry-After": "5"})


class InlineMemory(FairSemaphore):
    """The limit on memory for all inline bodies together."""

    def __init__(self, most: int = INLINE_BYTES, *, seconds: float = INLINE_WAIT_SECONDS) -> None:
        super().__init__(most, seconds=seconds, queue=REQUESTS_IN_FLIGHT)


class UploadSlots(FairSemaphore):
    """The limit on concurrent uploads. Only the beginning of a waiting one is read."""

    def __init__(self, slots: int = UPLOADS, *, seconds: float = UPLOAD_WAIT_SECONDS) -> None:
        super().__init__(slots, seconds=seconds, queue=UPLOADS_WAITING)

    def one(self, by: str = "") -> AbstractAsyncContextManager[None]:
        """Hold a slot; raises Problem `busy`."""
        return self.hold(1, by)


class Turns(FairSemaphore):
    """Whose flow runs next: a member's (or, before it is known who asks, a source's) many do not keep others out."""

    def __init__(
        self, most: int = FLOW_THREADS, *, seconds: float = TURN_WAIT_SECONDS, share: int | None = None
    ) -> None:
        super().__init__(most, seconds=seconds, queue=REQUESTS_IN_FLIGHT, share=share)


class BodyMemory(FairSemaphore):
    """The limit on memory for all JSON bodies together that are not small, until they are answered."""

    def __init__(self, most: int = JSON_BYTES, *, seconds: float = INLINE_WAIT_SECONDS) -> None:
        super().__init__(most, seconds=seconds, queue=REQUESTS_IN_FLIGHT)


class Relays:
    """The limit on memory for all downloads together, shared equally: the more downloads, the smaller each batch.

    No download waits for another: a receiver that stops reading blocks nobody.
    """

    def __init__(self, most: int = RELAYED_BYTES) -> None:
        self.under_way = 0
        self._most = most

    @contextmanager
    def one(self) -> Iterator[None]:
        """Count a download in and out."""
        self.under_way += 1
        try:
            yield
        finally:
            self.under_way -= 1

    @property
    def batch(self) -> int:
        """How many bytes a download may prefetch while it sends as many; 0: no prefetch, one piece at a time."""
        each = self._most // (2 * max(1, self.under_way))
        return 0 if each < SMALLEST_BATCH else min(each, MIB)


class InFlight:
    """ASGI middleware: beyond so many concurrent requests, answer 503 before any other work.

    A single source may take three quarters at most, and health is always answered.
    """

    def __init__(self, app: ASGIApp, *, most: int = REQUESTS_IN_FLIGHT) -> None:
        self.app = app
        self.most = most
        self.count = 0
        self.by_source: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the request in and out."""
        if scope["type"] != "http" or scope["path"] in ALWAYS_ANSWERED:
            await self.app(scope, receive, send)
            return
        source = network_of((scope.get("client") or ("",))[0])
        if self.count >= self.most or self.by_source[source] >= max(1, self.most * 3 // 4):
            await Problem("busy", headers={"Retry-After": "1"}).response()(scope, receive, send)
            return
        self.count += 1
        self.by_source[source] += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self.by_source[source] -= 1
            if not self.by_source[source]:
                del self.by_source[source]
            self.count -= 1
