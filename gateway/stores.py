"""Whether this gateway may serve: the four stores are compared at its start and every few seconds, beside the requests.

Comparing waits for stores, also for one that hangs. So requests ask for the last result, and one thread of its own
looks. Until a first look has ended, nothing is written or released.
"""

from __future__ import annotations

import asyncio
import logging
import time

from anyio import CapacityLimiter, to_thread

from vault.domain.positions import Finding
from vault.errors import VaultError
from vault.flows.context import Ports
from vault.flows.positions.comparing import standing
from vault.flows.positions.saying import said

logger = logging.getLogger("gateway")
EVERY = 5.0
FIRST_WITHIN = 5.0


class StoresWatch:
    """The last comparison of the stores, renewed in the background while requests come."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._thread = CapacityLimiter(1)
        self._findings: tuple[Finding, ...] | None = None
        self._looked = 0.0
        self._looking: asyncio.Task[None] | None = None

    async def findings(self, within: float = FIRST_WITHIN) -> tuple[Finding, ...] | None:
        """The faults that were found last; None while no look has ended yet.

        Where there are any, or none was looked for yet, a look that is under way is waited for so many seconds.
        """
        if self._looking is None and (self._findings is None or time.monotonic() - self._looked > EVERY):
            self._looking = asyncio.create_task(self._look())
        if self._findings != () and self._looking is not None:  # nothing is known, or it may be open again
            await asyncio.wait({self._looking}, timeout=within)
        return self._findings

    async def _look(self) -> None:
        try:
            found = await to_thread.run_sync(standing, self._ports, limiter=self._thread)
        except VaultError:
            return  # readiness names the store that does not answer; what was found before stands
        else:
            self._tell(found)
            self._findings = found
        finally:
            self._looked = time.monotonic()
            self._looking = None

    def _tell(self, found: tuple[Finding, ...]) -> None:
        if found != (self._findings or ()):
            stores = [said(each)[0] for each in found]
            logger.error("frozen" if found else "open again", extra={"fields": {"stores": stores}})
