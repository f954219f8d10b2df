"""A roster or policy whose row was damaged is put back from its copy beside the objects: without it nobody goes on.

The copy is judged as a reader judges it: by the chain from the roster of the set-up, each signed by a director of the
one before. A copy that does not follow changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress

from vault.domain.people import ChainRow
from vault.errors import IntegrityError
from vault.flows.context import Ports, chain_record, restore
from vault.flows.positions.copies import chain_copy
from vault.flows.repeated import Repeated
from vault.ports.store import Transaction
from vault.records.encoding import RecordError
from vault.records.envelope import Envelope, from_json
from vault.rules.rights import check_signer
from vault.rules.rosters import Rosters, first

logger = logging.getLogger("worker")
_told = Repeated()


def mend_chains(ports: Ports) -> None:
    """Put back what is damaged and has a copy that follows; repeatable. Raises UnavailableError."""
    with ports.store.reading() as tx:
        practice = tx.practice()
        rows = {kind: list(_rows(tx, kind)) for kind in ("roster", "policy")}
    damaged = [(row.kind, row.version) for each in rows.values() for row in each if _whole(row) is None]
    if practice is None or not damaged:
        _told.over()
        return
    mended: list[ChainRow] = []
    try:
        chain = _rosters(ports, rows["roster"], practice.setup, mended)
        _policies(ports, rows["policy"], chain, mended)
    except (IntegrityError, RecordError) as error:
        if _told.due(tuple(damaged)):
            fields = {"damaged": [f"{kind} {version}" for kind, version in damaged], "reason": str(error)}
            logger.exception("damaged rosters or policies have no copy that follows", extra={"fields": fields})
    if mended:
        with ports.store.transaction() as tx:
            for row in mended:
                tx.mend_chain(row)
    for row in mended:
        fields = {"kind": row.kind, "version": str(row.version)}
        logger.error("a damaged row was put back from its copy", extra={"fields": fields})


def _rosters(ports: Ports, rows: list[ChainRow], root: str, mended: list[ChainRow]) -> Rosters:
    """The chain, of the rows or their copies; what came from a copy is added to `mended`."""
    chain: Rosters | None = None
    for row in rows:
        envelope = _whole(row) or _copy(ports, row)
        if chain is None and envelope.hash != root:
            raise IntegrityError("the copy of the first roster is not the one of the set-up")
        chain = first(envelope) if chain is None else chain.append(envelope)
        _keep(row, envelope, chain.newest.version, mended)
    assert chain is not None, "a practice has a roster"
    return chain


def _policies(ports: Ports, rows: list[ChainRow], chain: Rosters, mended: list[ChainRow]) -> None:
    for row in rows:
        if _whole(row) is None:
            envelope = _copy(ports, row)
            check_signer(envelope, chain)
            _keep(row, envelope, int(envelope.fields["version"]), mended)


def _keep(row: ChainRow, envelope: Envelope, version: int, mended: list[ChainRow]) -> None:
    if version != row.version:
        raise IntegrityError(f"{row.kind} {row.version} is another one")
    if _whole(row) is None:
        mended.append(chain_record(envelope, version))


def _rows(tx: Transaction, kind: str) -> Iterator[ChainRow]:
    after = 0
    while page := tx.chain(kind, after=after):
        yield from page
        after = page[-1].version


def _whole(row: ChainRow) -> Envelope | None:
    with suppress(IntegrityError):
        return restore(row.kind, row.record, row.signatures, row.hash)
    return None


def _copy(ports: Ports, row: ChainRow) -> Envelope:
    return from_json(chain_copy(ports, row.kind, row.version), row.kind)
