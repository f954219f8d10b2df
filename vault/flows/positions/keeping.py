"""The worker's rule: it compares the four stores before each task, and does nothing unless they belong together."""

from __future__ import annotations

import logging
from datetime import datetime

from vault.domain.positions import Fault, Finding, StoreName
from vault.flows.context import Ports
from vault.flows.positions.catching_up import catch_up
from vault.flows.positions.comparing import look, standing
from vault.flows.positions.replaying import shred_again
from vault.flows.positions.restoring import accepted, go_on
from vault.flows.positions.saying import said
from vault.flows.positions.told import begin_told
from vault.flows.repeated import Repeated

_RECORDS_BEHIND = Finding(StoreName.RECORDS, Fault.BEHIND)
# What makes neither the ledger doubtful, nor the keys under which the keystore is turned. Records that are behind have
# got their tombstones by then.
_LEDGER_HOLDS = (Finding(StoreName.KEYSTORE, Fault.BEHIND), _RECORDS_BEHIND)
logger = logging.getLogger("worker")
_told = Repeated()


def shut(ports: Ports, now: datetime, *, believed: bool = True) -> tuple[Finding, ...]:
    """The faults of the stores, each logged as what lasts; none once a director has accepted them.

    What a keystore that was put back still opens is shredded first, and records that were put back get their chains.
    By a clock that is not `believed` nothing is signed and no store is gone on from: that waits for it.

    Raises UnavailableError when a store does not answer: then nothing may be done either.
    """
    there, found = look(ports)
    behind = _RECORDS_BEHIND in found and all(each.fault is Fault.BEHIND for each in found)
    if behind:
        # They stay behind by their audit: only a director ends that.
        catch_up(ports, max(there.objects.ledger, there.keystore.ledger), there.keystore.audit, now)
        there, found = look(ports)
    if there.behind_ledger and all(each in _LEDGER_HOLDS for each in found):
        shred_again(ports, there.objects.ledger)
        found = standing(ports)
    agreed = found if believed and found and accepted(ports, found) else ()
    if believed and behind:
        begin_told(ports, now)  # it moves the records on: what a director has agreed to was found before
    if agreed:
        go_on(ports, agreed, now)
    if agreed or behind:
        found = standing(ports)
    _say(found)
    return found


def _say(found: tuple[Finding, ...]) -> None:
    if not found:
        _told.over()
    elif _told.due(found):
        for finding in found:
            what, advice = said(finding)
            logger.error("frozen: nothing is destroyed", extra={"fields": {"store": what, "advice": advice}})
