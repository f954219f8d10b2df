"""What a member's device has seen of this installation, and the records lack: then all stores were put back together.

They agree with each other, so no comparison finds it. A device proves it by the worker's own signatures: the newest
checkpoint that it saw, and the ledger with its evidence. Nobody else can make one, and a member cannot freeze the house
by a number. Whatever was erased is erased again, and a director decides on the rest.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from vault.domain.erasures import ErasureState
from vault.domain.positions import ToldRow
from vault.errors import IntegrityError, InvalidInputError
from vault.flows.context import Caller, Ports, chain_envelope, rosters
from vault.flows.erasures.beginning import begin_on
from vault.flows.erasures.ledger import LedgerEntry
from vault.flows.positions.catching_up import Stone, erasure_of, judged, put_in
from vault.flows.positions.catching_up import stone_of as read_stone
from vault.ports.store import Named, Transaction
from vault.records.envelope import Envelope, SignatureError
from vault.records.strict_json import dump
from vault.records.types.checkpoint import Checkpoint
from vault.records.types.tombstone import Tombstone
from vault.rules.rights import check_signer
from vault.rules.rosters import RosterError
from vault.rules.verdict import Refused
from vault.rules.versions import next_signed

logger = logging.getLogger("worker")
CHECKPOINT, TOMBSTONE = "checkpoint", "tombstone"
TOLD = Named("told")
MOST = 100_000


def tell(ports: Ports, caller: Caller, checkpoint: Envelope | None, entries: Sequence[LedgerEntry]) -> bool:
    """Keep what the records lack of it; whether anything is undecided then, and the vault stands still.

    Raises RecordError, RosterError, SignatureError, InvalidInputError: all of it must be signed by this installation.
    """
    with ports.store.reading() as tx:
        rows = [*_checkpoint(tx, checkpoint), *_stones(tx, entries)]
    if rows:
        with ports.store.transaction(TOLD) as tx:
            tx.tell(rows)
        logger.warning("a member's device has seen more than the records hold", extra={"fields": _said(caller, rows)})
    with ports.store.reading() as tx:
        return tx.position().told


def _said(caller: Caller, rows: Sequence[ToldRow]) -> dict[str, str | int]:
    newest = {kind: max(row.version for row in rows if row.kind == kind) for kind in sorted({r.kind for r in rows})}
    return {"member": caller.member, **newest}


def _checkpoint(tx: Transaction, envelope: Envelope | None) -> list[ToldRow]:
    """A number that the chain has not reached, or reached with another record."""
    if envelope is None:
        return []
    check_signer(envelope, rosters(tx))
    sequence = Checkpoint.read(envelope).sequence
    newest, there = tx.newest(CHECKPOINT), tx.chain(CHECKPOINT, after=sequence - 1, limit=1)
    ahead = newest is None or newest.version < sequence
    forked = bool(there) and there[0].version == sequence and there[0].hash != envelope.hash
    return [ToldRow(envelope.hash, CHECKPOINT, sequence, dump(envelope.to_json()))] if ahead or forked else []


def _stones(tx: Transaction, entries: Sequence[LedgerEntry]) -> list[ToldRow]:
    """The tombstones that the chain lacks, those of one erasure together."""
    found: list[ToldRow] = []
    stones = [Stone(each.tombstone, Tombstone.read(each.tombstone), each.evidence) for each in entries]
    for _, group in groupby(zip(stones, entries, strict=True), key=lambda pair: pair[0].tombstone.evidence):
        pairs = list(group)
        if tx.chain_by_hash(TOMBSTONE, [stone.envelope.hash for stone, _ in pairs]):
            continue
        _check(tx, [stone for stone, _ in pairs])
        found += [
            ToldRow(stone.envelope.hash, TOMBSTONE, stone.tombstone.sequence, dump(entry.to_json()))
            for stone, entry in pairs
        ]
    return found


def _check(tx: Transaction, stones: Sequence[Stone]) -> None:
    try:
        judged(tx, stones)
    except (SignatureError, RosterError):
        raise
    except IntegrityError as error:
        raise InvalidInputError("a tombstone comes with the evidence that permits it") from error


def begin_told(ports: Ports, now: datetime) -> None:
    """Begin again every erasure that had begun by what devices have told; it goes on once a director has decided.

    One that nothing permits any more, since its request has expired, is logged: it must be asked for again.
    """
    with ports.store.reading() as tx:
        rows = [row for row in tx.told(MOST) if row.kind == TOMBSTONE]
    for evidence, group in groupby(
        map(read_stone, (row.entry for row in rows)), key=lambda each: each.tombstone.evidence
    ):
        try:
            with ports.store.transaction() as tx:
                _begin(ports, tx, list(group), now)
        except IntegrityError as error:
            logger.exception(
                "an erasure that a device told of cannot begin again",
                extra={"fields": {"evidence": evidence, "reason": str(error)}},
            )


def _begin(ports: Ports, tx: Transaction, stones: Sequence[Stone], now: datetime) -> None:
    """With the tombstones that there were; where the chain went on without them, with new ones on the same evidence."""
    if tx.chain_by_hash(TOMBSTONE, [each.envelope.hash for each in stones]):
        return
    newest = tx.newest(TOMBSTONE)
    before = None if newest is None else Tombstone.read(chain_envelope(newest))
    if not isinstance(next_signed(stones[0].tombstone, before), Refused):
        put_in(tx, stones, now)
        return
    warrant, evidence = judged(tx, stones)
    there = tx.erasure(warrant.erasure)
    if there is None or there.state is ErasureState.REQUESTED:
        erasure = erasure_of(tx, stones, warrant)
        if erasure is not None:
            begin_on(ports, tx, erasure, (evidence, warrant), now)
