"""The worker's steps of an erasure: one commit for each, every step repeatable after a kill.

Nothing is destroyed on the word of a row: the signed evidence is verified before a tombstone is signed, and again
before each step that follows (`vault.flows.erasures.evidence`).

Steps, with the state each ends in (design section 3, "Erasure"): shut off and tombstone signed; ledger written and no
deposit live (*fenced*); keys destroyed and generation turned (*shredded*); objects removed (*removed*); looked again
(*verified*); rows removed; certificate signed (*certified*).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from vault.domain.erasures import ErasureRow, ErasureState
from vault.errors import VaultError
from vault.flows.context import Ports
from vault.flows.erasures.ahead import bring_back
from vault.flows.erasures.beginning import begin_due, shut_off
from vault.flows.erasures.certifying import certify
from vault.flows.erasures.destroying import fence, remove, shred, verify
from vault.flows.erasures.evidence import check_begun
from vault.flows.erasures.sweep_faults import RefusedError, collected, refused_of
from vault.flows.health import JUDGED, REFUSED
from vault.flows.installation_keys import unlisted
from vault.ports.store import Named
from vault.records.types.roster import LEDGER


@dataclass(frozen=True, slots=True)
class Erased:
    """What a sweep over the erasures did: begun by retention, found open, certified now.

    `refused` are the dossiers that a row would have destroyed, and nothing that was signed: an alarm. So are
    `unlisted`, the uses for which the roster does not list the worker's key.
    """

    begun: int
    found: int
    certified: int
    refused: tuple[str, ...] = ()
    unlisted: tuple[str, ...] = ()


def sweep(ports: Ports, now: datetime, limit: int = 10_000) -> Erased:
    """Begin due erasures, then advance every open one as far as possible; repeatable at any point.

    A waiting erasure does not block others: `limit` only bounds the memory of one sweep.
    """
    faults: list[VaultError] = []
    bring_back(ports, now)
    with ports.store.reading() as tx:
        # Without its key in the roster a worker begins nothing and certifies nothing; what has begun goes on.
        signs = LEDGER not in unlisted(ports, tx, now)
    begun = begin_due(ports, now, limit, faults) if signs else 0
    with ports.store.reading() as tx:
        found = tx.open_erasures(now, limit)

    def each(state: ErasureState, act: Callable[[Ports, ErasureRow, datetime], None]) -> None:
        for erasure in _permitted(ports, found, state, faults):
            with collected(faults):
                act(ports, erasure, now)

    if signs:
        each(ErasureState.REQUESTED, shut_off)
    each(ErasureState.BEGUN, fence)
    with collected(faults):
        shred(ports, _permitted(ports, found, ErasureState.FENCED, faults), now)
    each(ErasureState.SHREDDED, remove)
    each(ErasureState.REMOVED, verify)
    if signs:
        each(ErasureState.VERIFIED, certify)
    refused = tuple(sorted({each.dossier for each in faults if isinstance(each, RefusedError)}))
    _judged(ports, now, sound=not refused)
    others = [fault for fault in faults if not isinstance(fault, RefusedError)]
    if others:
        raise others[0]
    certified = sum(erasure.state is ErasureState.CERTIFIED for erasure in _again(ports, found))
    return Erased(begun, len(found), certified, refused)


def _permitted(
    ports: Ports, found: Sequence[ErasureRow], state: ErasureState, faults: list[VaultError]
) -> list[ErasureRow]:
    """Those that are in that state and may go on from there."""
    permitted = []
    for erasure in _again(ports, found):
        if erasure.state is state:
            with collected(faults), refused_of(erasure.dossier):
                if erasure.under_way:
                    with ports.store.reading() as tx:
                        check_begun(tx, erasure)
                permitted.append(erasure)
    return permitted


def _judged(ports: Ports, now: datetime, *, sound: bool) -> None:
    """What health says of it: red from the first sweep that refused something to the first that refused nothing."""
    with ports.store.transaction(Named(JUDGED)) as tx:
        tx.beat(JUDGED, now)
        if not sound:
            tx.beat(REFUSED, now)


def _again(ports: Ports, found: Sequence[ErasureRow]) -> list[ErasureRow]:
    with ports.store.reading() as tx:
        rows = [tx.erasure(erasure.id) for erasure in found]
    return [row for row in rows if row is not None]
