"""The worker's rule: it compares the four stores before each task, and does nothing unless they belong together."""

from __future__ import annotations

import logging

from vault.domain.positions import Finding
from vault.flows.context import Ports
from vault.flows.positions.comparing import positions, standing
from vault.flows.positions.replaying import shred_again
from vault.flows.positions.saying import said

logger = logging.getLogger("worker")


def shut(ports: Ports) -> tuple[Finding, ...]:
    """The faults of the stores, each logged. Without one, what a keystore that was put back still opened is shredded.

    Raises UnavailableError when a store does not answer: then nothing may be done either.
    """
    found = standing(ports)
    for finding in found:
        what, advice = said(finding)
        logger.error("frozen: nothing is destroyed", extra={"fields": {"store": what, "advice": advice}})
    if not found:
        end = positions(ports)
        if end.behind_ledger:
            shred_again(ports, end.objects.ledger)
    return found
