"""Whether the server's clock is believed: the worker asks before each task, and does nothing by a clock in doubt.

What it knows is kept without the offset of the settings (`offset`). Who moves the clock there says so, and a jump of
the machine's own is noticed all the same.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from vault.domain.clock import ClockWord, Doubt, doubt
from vault.flows.answers import decide
from vault.flows.context import Caller, Ports, rosters, whole_chain
from vault.flows.repeated import Repeated
from vault.ports.store import Named, Transaction
from vault.records import read
from vault.rules.terms import CLOCK_SLACK
from vault.rules.verdict import Refused

logger = logging.getLogger("worker")
BELIEVED, DOUBTED = "clock", "clock in doubt"
_BEAT = Named("clock")
_MOVED_SECONDS = 300.0
_told = Repeated()
_shift: list[float] = []  # how far the clock was from one that nobody sets, when it was doubted last
_NEVER = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class ClockState:
    """What the server's clock says, and since when it is in doubt; `last` is None while it is not."""

    now: datetime
    last: datetime | None


def doubtful(ports: Ports, now: datetime, offset: timedelta) -> Doubt | None:
    """For the worker: the doubt, logged and left for health to tell; without one, the clock is believed until now."""
    with ports.store.reading() as tx:
        found, beats = _doubt(tx, now - offset), tx.heartbeats()
    if found is None:
        _told.over()
        with ports.store.transaction(_BEAT) as tx:
            tx.beat(BELIEVED, now - offset)
            if beats.get(DOUBTED, _NEVER) != _NEVER:
                tx.beat(DOUBTED, _NEVER)
        return None
    if beats.get(DOUBTED) != found.last:
        with ports.store.transaction(_BEAT) as tx:
            tx.beat(DOUBTED, found.last)
    _say(found)
    return found


def _say(found: Doubt) -> None:
    """In the log, as what lasts; a clock that was moved again is another doubt."""
    shift = found.now.timestamp() - time.monotonic()
    if not _shift or abs(shift - _shift[0]) > _MOVED_SECONDS:
        _shift[:] = [shift]
    if _told.due((found.last, _shift[0])):
        fields = {"believed": f"{found.last:%Y-%m-%d %H:%M}", "says": f"{found.now:%Y-%m-%d %H:%M}"}
        logger.error(
            "the clock is in doubt: nothing is destroyed until somebody agrees with it", extra={"fields": fields}
        )


def believed(ports: Ports, now: datetime, offset: timedelta) -> bool:
    """For the worker, before it knows whether it may write: as `doubtful`, and nothing is left for anybody."""
    with ports.store.reading() as tx:
        return _doubt(tx, now - offset) is None


def in_doubt(tx: Transaction, now: datetime, offset: timedelta) -> Doubt | None:
    """For everybody else: by this process's clock, or as the worker has found its own."""
    beats, machine = tx.heartbeats(), now - offset
    last = beats.get(DOUBTED, _NEVER)
    return _doubt(tx, machine) if last == _NEVER else Doubt(last, machine)


def clock_state(ports: Ports, caller: Caller, now: datetime, offset: timedelta) -> ClockState | Refused:
    """For a director, before she agrees."""
    with ports.store.reading() as tx:
        if caller.member not in rosters(tx).newest.directors:
            return Refused("not_allowed")
        found = in_doubt(tx, now, offset)
    return ClockState(now, None if found is None else found.last + offset)


def agree(ports: Ports, caller: Caller, at: datetime, now: datetime, offset: timedelta) -> Refused | None:
    """A director says that `at` is the time, by another clock; far from this one it is refused. Repeatable."""

    def work(tx: Transaction) -> Refused | None:
        if caller.member not in rosters(tx).newest.directors:
            return Refused("not_allowed")
        if abs(at - now) > CLOCK_SLACK:
            return Refused("clock_wrong")
        tx.keep_word(ClockWord(caller.member, now - offset))
        return None

    return decide(ports.store, work, Named(caller.member))


def _doubt(tx: Transaction, now: datetime) -> Doubt | None:
    if tx.practice() is None:
        return None
    last = tx.heartbeats().get(BELIEVED) or _newest_signed(tx)
    newest = rosters(tx).newest
    return doubt(now, last, tx.clock_words(), newest.directors, newest.active)


def _newest_signed(tx: Transaction) -> datetime | None:
    """The worker's newest signature: its heartbeat is younger, but a row that anybody may lose."""
    signed = [row for row in (tx.newest("checkpoint"), tx.newest("tombstone")) if row is not None]
    return max((read.instant(each.fields, "at") for each in whole_chain(signed)), default=None)
