"""Whose time this process spends: whoever asks for much waits, so that others hardly notice her.

Python runs one thread at a time, so many cheap requests of one holder would make everybody slow: limits on how many run
at once do not help. Each holder therefore has a share of a processor's time. What she takes beyond it and a burst is a
debt, and her next request waits until it is paid. Who is alone waits for nothing, and owes nothing afterwards.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.http.sources import network_of

T = TypeVar("T")
Sleep = Callable[[float], Awaitable[None]]
SHARE = 0.3  # of a processor
BURST = 0.5  # seconds of it, at once
LONGEST = 60.0  # a wait; a debt is not counted beyond it, and so many who wait do not all come at once
ACTIVE = 2.0  # whoever asked within so many seconds is there
REQUEST = 0.002  # what the event loop spends on one request
DEPOSIT = 0.01  # taken before it is known what a request or a thread costs, and given back afterwards
CONNECTION = 0.001  # and on one connection
HOLDERS = 10_000
LOOK, LATE, MOST_STRAIN = 0.1, 0.02, 5.0  # seconds between two looks; so late, a share is half; and the least share


@dataclass(frozen=True, slots=True)
class Holder:
    """Who asks: a source, and the member once she is known."""

    source: str
    member: str = ""

    @property
    def key(self) -> str:
        """What her debt is kept by. A member's is hers wherever she is."""
        return self.member or self.source

    def is_apart_from(self, other: Holder) -> bool:
        """Whether the other one is another: people behind one address are told apart by their sign-in alone."""
        if other.source != self.source:
            return not self.member or other.member != self.member
        return bool(self.member and other.member) and other.member != self.member


class FairTime:
    """The debts of all holders; `clock` counts seconds and never goes back, `sleep` waits for some of them."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, sleep: Sleep = asyncio.sleep) -> None:
        self._clock, self._sleep = clock, sleep
        self.strain = 1.0  # how many times as much a second of a processor is worth now
        self._debts: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._there: OrderedDict[Holder, float] = OrderedDict()

    def spend(self, holder: Holder, seconds: float) -> None:
        """So many seconds of a processor were spent for her."""
        now = self._clock()
        self._owe(holder, self._debt(holder, now) + seconds, now)

    @contextmanager
    def spending(self, holder: Holder) -> Iterator[None]:
        """What the block takes of this thread was spent for her."""
        start = time.thread_time()
        try:
            yield
        finally:
            self.spend(holder, time.thread_time() - start)

    def wait(self, holder: Holder) -> float:
        """Seconds that her next request waits."""
        now = self._clock()
        self._there[holder] = now
        self._there.move_to_end(holder)
        debt = self._debt(holder, now) - BURST
        if debt <= 0:
            return 0.0
        if not self._others(holder, now):
            self._owe(holder, BURST, now)
            return 0.0
        return debt / self._share

    async def watch(self) -> None:
        """Let a share be smaller while the event loop comes late: then processors are scarce, whoever has them."""
        late = 0.0
        while True:
            start = self._clock()
            await self._sleep(LOOK)
            late += (max(0.0, self._clock() - start - LOOK) - late) / 5
            self.strain = min(MOST_STRAIN, 1 + late / LATE)

    async def turn(self, holder: Holder) -> None:
        """Wait as long as she has to."""
        if (seconds := self.wait(holder)) > 0:
            await self._sleep(seconds)

    def _debt(self, holder: Holder, now: float) -> float:
        debt, at = self._debts.get(holder.key, (0.0, now))
        return max(0.0, debt - self._share * (now - at))

    @property
    def _share(self) -> float:
        return SHARE / self.strain

    def _owe(self, holder: Holder, debt: float, now: float) -> None:
        self._debts[holder.key] = min(max(debt, 0.0), BURST + self._share * LONGEST), now
        self._debts.move_to_end(holder.key)
        if len(self._debts) > HOLDERS:
            self._debts.popitem(last=False)

    def _others(self, holder: Holder, now: float) -> bool:
        """Whether anybody else asked within the last moments."""
        while self._there and next(iter(self._there.values())) < now - ACTIVE:
            self._there.popitem(last=False)
        return any(holder.is_apart_from(other) for other in reversed(self._there))


class Paced:
    """ASGI middleware: a request waits for its source's debt before any other work.

    Its deposit is given back at its end: what is asked for at the same moment is not taken for nothing.
    """

    def __init__(self, app: ASGIApp, *, fair: FairTime) -> None:
        self.app = app
        self._fair = fair

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count it, then let it wait."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        holder = Holder(network_of((scope.get("client") or ("",))[0]))
        self._fair.spend(holder, DEPOSIT)
        try:
            await self._fair.turn(holder)
            await self.app(scope, receive, send)
        finally:
            self._fair.spend(holder, REQUEST - DEPOSIT)


async def in_thread(fair: FairTime, limiter: CapacityLimiter, holder: Holder, work: Callable[[], T]) -> T:
    """Its result, worked out in a thread in her turn; the processor's time that it took was spent for that holder."""
    spent = 0.0
    fair.spend(holder, DEPOSIT)

    def timed() -> T:
        nonlocal spent
        start = time.thread_time()
        try:
            return work()
        finally:
            spent = time.thread_time() - start

    try:
        await fair.turn(holder)
        return await to_thread.run_sync(timed, limiter=limiter)
    finally:
        fair.spend(holder, spent - DEPOSIT)
