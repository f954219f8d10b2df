"""Whether the four stores belong together: asked at a start, before each task of the worker, and by the gateway.

Every position only grows. So a fault is one that two looks in a row find: a store that moved on between the reading of
one position and of the next shows it once.
"""

from __future__ import annotations

from vault.domain.positions import Fault, Finding, KeystorePosition, ObjectsPosition, Positions, compared
from vault.errors import ConfigurationError
from vault.flows.context import Ports
from vault.flows.erasures.ledger import ledger_name
from vault.flows.positions.copies import copied, end_of
from vault.flows.positions.saying import said

IDENTITY = "ledger/installation"
REFUSED_AT_START = frozenset({Fault.EMPTY, Fault.FOREIGN, Fault.MISSING})
_ID_SIZE = 32


class StoresError(ConfigurationError):
    """The stores do not belong together: nothing is started, released or destroyed."""

    code = "restored"


def standing(ports: Ports) -> tuple[Finding, ...]:
    """The faults of the stores; nothing when they belong together. Raises UnavailableError when one does not answer."""
    return look(ports)[1]


def look(ports: Ports) -> tuple[Positions, tuple[Finding, ...]]:
    """Where the stores stand, and as `standing`."""
    there = positions(ports)
    first = compared(there)
    if not first:
        return there, ()
    there = positions(ports)
    again = compared(there)
    return there, tuple(each for each in first if each in again)


def positions(ports: Ports) -> Positions:
    """Where each store stands. What one has seen of another is read before the other."""
    with ports.store.reading() as tx:
        newest, mark = tx.newest("roster"), tx.seen_mark()
    keystore = ports.keystore.position(mark)
    files = ports.keystore.key_files()
    objects = _objects(ports, keystore, 0 if newest is None else newest.version)
    with ports.store.reading() as tx:
        records = tx.position()
    return Positions(records, keystore, files, objects)


def refusal_of(findings: tuple[Finding, ...]) -> StoresError:
    """The first finding as an error."""
    what, advice = said(findings[0])
    return StoresError(f"{what}; nothing was started", advice=advice)


def _objects(ports: Ports, keystore: KeystorePosition, rosters: int) -> ObjectsPosition:
    return ObjectsPosition(
        installation=identity_in_objects(ports),
        ledger=end_of(lambda number: ports.objects.size(ledger_name(number)) is not None, keystore.ledger),
        roster=copied(ports, "roster", rosters),
    )


def identity_in_objects(ports: Ports) -> str | None:
    """The identity that stands beside the ledger's copy."""
    try:
        text = b"".join(ports.objects.get(IDENTITY)).decode("ascii", "replace").strip()
    except LookupError:
        return None
    return text if len(text) == _ID_SIZE else ""
