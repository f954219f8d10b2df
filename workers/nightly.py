"""Nightly tasks whose tick was lost, or came while the broker or every worker was down: a sweep runs them late."""

from __future__ import annotations

from datetime import datetime, timedelta

from vault.domain.clock import past
from vault.flows.context import Ports
from vault.flows.health import COMPARED

TURNED = "turned"
# A task's name, and the heartbeat it records at its end.
MARKS = {"compare": COMPARED, "turn": TURNED}
LATE_AFTER = timedelta(hours=26)
_AGAIN_AFTER = timedelta(hours=1)


def claim(ports: Ports, now: datetime) -> list[str]:
    """The late nightly tasks, leased to this caller for an hour: no other worker gets them meanwhile."""
    with ports.store.reading() as rows:
        practice, beats = rows.practice(), past(rows.heartbeats(), now)
    if practice is None or not _late(beats, practice.created_at, now):
        return []
    with ports.store.transaction() as tx:
        mine = _late(past(tx.heartbeats(), now), practice.created_at, now)
        for name in mine:
            tx.beat(_begun(name), now)
    return mine


def _late(beats: dict[str, datetime], since: datetime, now: datetime) -> list[str]:
    return [
        name
        for name, mark in MARKS.items()
        if now - beats.get(mark, since) > LATE_AFTER and now - beats.get(_begun(name), since) > _AGAIN_AFTER
    ]


def _begun(name: str) -> str:
    return f"{name} begun"
