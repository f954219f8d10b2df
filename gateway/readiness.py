"""Whether every part answers: from one look at a time beside the requests, by connections of their own.

A part that hangs keeps one thread of its own waiting, and nobody else: no request, and no other part. It is known
within five seconds: a result is at most `FRESH` seconds old, and a look takes `WITHIN` at most.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from anyio import CapacityLimiter, to_thread

from gateway.stores import StoresWatch
from vault.flows import health
from vault.flows.context import Ports
from vault.flows.health import BACKUP_EVERY, Check

FRESH = 2.0
WITHIN = 2.0
SILENT = "It does not answer. See whether it runs, and whether this machine reaches it."


class ReadinessWatch:
    """The last look at every part, renewed by whoever asks for it when it is old."""

    def __init__(
        self,
        ports: Ports,
        clock: Callable[[], datetime],
        moved: timedelta,
        stores: StoresWatch,
        backup_every: timedelta = BACKUP_EVERY,
    ) -> None:
        self._ports, self._clock, self._moved, self._stores = ports, clock, moved, stores
        self._backup_every = backup_every
        self.fresh = FRESH
        self._threads = CapacityLimiter(len(health.ENGINES) + 1)
        self._asking: dict[str, asyncio.Task[list[Check]]] = {}
        self._checks: list[Check] = []
        self._looked = 0.0
        self._looking: asyncio.Task[None] | None = None

    async def checks(self) -> list[Check]:
        """Every part, as it was a moment ago."""
        if not self._checks or time.monotonic() - self._looked > self.fresh:
            if self._looking is None:
                self._looking = asyncio.create_task(self._look())
            await asyncio.shield(self._looking)  # whoever goes away ends it for nobody else
        return self._checks

    async def _look(self) -> None:
        try:
            engines = [self._part(name, partial(health.engine, self._ports, name)) for name in health.ENGINES]
            work = partial(health.work, self._ports, self._clock(), self._moved, self._backup_every)
            looks = asyncio.gather(*engines, self._part(health.WORK, work), return_exceptions=True)
            stores = health.together(await self._stores.findings(WITHIN))
            *answered, told = await looks
            found = [*_of(answered), stores]
            if found[0].ok:
                found += _of([told])
            self._checks, self._looked = found, time.monotonic()
        finally:
            self._looking = None

    async def _part(self, name: str, ask: Callable[[], list[Check]]) -> list[Check]:
        """What it says of itself, or that it does not answer; a thread that hangs stays the only one that asks it."""
        if name not in self._asking:
            self._asking[name] = asyncio.create_task(self._ask(name, ask))
        answered, _ = await asyncio.wait({self._asking[name]}, timeout=WITHIN)
        return answered.pop().result() if answered else [Check(name, ok=False, advice=SILENT)]

    async def _ask(self, name: str, ask: Callable[[], list[Check]]) -> list[Check]:
        try:
            return await to_thread.run_sync(ask, limiter=self._threads)
        finally:
            del self._asking[name]


def _of(looks: Sequence[list[Check] | BaseException]) -> list[Check]:
    """What they found; raises what one of them raised."""
    found: list[Check] = []
    for look in looks:
        if isinstance(look, BaseException):
            raise look
        found += look
    return found
