"""Erasures that were asked for while the server's clock ran ahead: once it is mended they begin when they should have.

A row says when an erasure was asked for and when it begins, both by that clock. The signed request has a day of its
own, by the device's clock: where that ran ahead as well, nobody may begin before it, and another request replaces it.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta

from vault.domain.clock import from_ahead
from vault.domain.erasures import ErasureRow, ErasureState
from vault.errors import IntegrityError
from vault.flows.context import Ports, restore
from vault.ports.store import Transaction
from vault.records.encoding import RecordError
from vault.records.types.erasure import CLIENT, STAFF, ErasureRequest
from vault.rules.terms import CLOCK_SLACK

logger = logging.getLogger("worker")
MOST = 1000


def bring_back(ports: Ports, now: datetime) -> None:
    """Give each its time by the clock as it is; repeatable. One whose signed day lies ahead stays as it is."""
    with ports.store.reading() as tx:
        found = tx.erasures_ahead(now + CLOCK_SLACK, MOST)
    for erasure in found:
        with ports.store.transaction(erasure.dossier) as tx:
            moved = _by(tx, erasure, now)
            if moved is not None and tx.reschedule_erasure(moved.id, moved.requested_at, moved.not_before):
                fields = {"erasure": moved.id, "begins": f"{moved.not_before:%Y-%m-%d %H:%M}"}
                logger.warning("an erasure asked for by a clock that ran ahead", extra={"fields": fields})


def _by(tx: Transaction, erasure: ErasureRow, now: datetime) -> ErasureRow | None:
    day = _signed_day(tx, erasure)
    if day is None or from_ahead(day, now):
        return None
    delay = erasure.not_before - erasure.requested_at if erasure.reason == STAFF else timedelta(0)
    return replace(erasure, requested_at=now, not_before=max(day, now + delay))


def _signed_day(tx: Transaction, erasure: ErasureRow) -> datetime | None:
    """The day of the signed request; None where it is not there or damaged: the worker then destroys nothing anyhow."""
    row = tx.record(erasure.request or "")
    if row is None:
        return None
    try:
        return ErasureRequest.read(restore(row.kind, row.record, row.signatures, row.hash)).not_before
    except (IntegrityError, RecordError):
        return None


def replaceable(erasure: ErasureRow, basis: str, now: datetime) -> bool:
    """Whether a new request may take its place: it was asked for from ahead, and staff puts off no client's wish."""
    asked = erasure.state is ErasureState.REQUESTED and from_ahead(erasure.requested_at, now)
    return asked and (basis in (CLIENT, erasure.reason))
