"""How much the gateway takes at once: bytes of a form, time per body, requests and transfers per process."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager

from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.http.failures import Problem
from vault.records.table import LARGE, SMALL
from vault.records.types.document import SEGMENT_SIZE

KIB, MIB = 1024, 1024 * 1024

# Parts of an inline deposit.
RECORD_PART = 2 * SMALL
HEAD_PART = 4 * KIB
METADATA_PART = 16 * KIB
BODY_PART = SEGMENT_SIZE
INDEX_PART = LARGE * 4 // 3 + 8 * KIB  # as base64 within JSON
FORM = RECORD_PART + HEAD_PART + METADATA_PART + BODY_PART + INDEX_PART + 16 * KIB

IDLE_SECONDS = 30.0
GRACE_SECONDS = 60.0
SLOWEST_BYTES_A_SECOND = 8 * KIB

FLOW_THREADS = 32
TRANSFER_THREADS = 32
UPLOADS = 24
INLINE_BYTES = 48 * MIB
INLINE_WAIT_SECONDS = 20.0
UPLOADS_WAITING = 160
UPLOAD_WAIT_SECONDS = 8.0  # less than our client takes for a server that reads nothing any more
RELAYED_BYTES = 32 * MIB
SMALLEST_BATCH = 256 * KIB
REQUESTS_IN_FLIGHT = 2000


def deadline(size: int) -> float:
    """Seconds within which a body of at most `size` bytes must have arrived."""
    return GRACE_SECONDS + size / SLOWEST_BYTES_A_SECOND


ALWAYS_ANSWERED = frozenset({"/healthz", "/readyz"})


class Room:
    """So much may be taken together; who does not fit waits in turn, for so many seconds and in so long a line."""

    def __init__(self, most: int, *, seconds: float, line: int) -> None:
        self.free = most
        self._seconds = seconds
        self._line = line
        self._waiting: deque[tuple[int, asyncio.Event]] = deque()

    @asynccontextmanager
    async def hold(self, size: int) -> AsyncIterator[None]:
        """Take `size` of it; raises Problem `busy` when the wait or the line is too long."""
        if self._waiting or size > self.free:
            await self._wait(size)
        else:
            self.free -= size
        try:
            yield
        finally:
            self.free += size
            self._admit()

    async def _wait(self, size: int) -> None:
        if len(self._waiting) >= self._line:
            raise _busy()
        place = (size, asyncio.Event())
        self._waiting.append(place)
        try:
            await asyncio.wait_for(place[1].wait(), self._seconds)
        except TimeoutError:
            self._leave(place)
            raise _busy() from None
        except asyncio.CancelledError:
            self._leave(place)
            raise

    def _leave(self, place: tuple[int, asyncio.Event]) -> None:
        if place[1].is_set():
            self.free += place[0]
        else:
            self._waiting.remove(place)
        self._admit()

    def _admit(self) -> None:
        while self._waiting and self._waiting[0][0] <= self.free:
            size, turn = self._waiting.popleft()
            self.free -= size
            turn.set()


def _busy() -> Problem:
    return Problem("busy", headers={"Retry-After": "5"})


class InlineMemory(Room):
    """The bytes that inline bodies may hold in memory together."""

    def __init__(self, most: int = INLINE_BYTES, *, seconds: float = INLINE_WAIT_SECONDS) -> None:
        super().__init__(most, seconds=seconds, line=REQUESTS_IN_FLIGHT)


class UploadSlots(Room):
    """At most so many uploads at once. Of one that waits no more than its beginning is read."""

    def __init__(self, slots: int = UPLOADS, *, seconds: float = UPLOAD_WAIT_SECONDS) -> None:
        super().__init__(slots, seconds=seconds, line=UPLOADS_WAITING)

    def one(self) -> AbstractAsyncContextManager[None]:
        """Hold a slot; raises Problem `busy`."""
        return self.hold(1)


class Relays:
    """How much of their bodies the downloads under way may hold in memory together: the more there are, the less each.

    None waits for another: a receiver who stops reading holds up nobody.
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
        """How many bytes a download may fetch at once while it sends as many; 0: one piece, when the last is sent."""
        each = self._most // (2 * max(1, self.under_way))
        return 0 if each < SMALLEST_BATCH else min(each, MIB)


class InFlight:
    """ASGI middleware: beyond so many requests at once, answer 503 before anything else is done.

    No one source may take more than three quarters, and health is always answered.
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
        source = (scope.get("client") or ("",))[0]
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
