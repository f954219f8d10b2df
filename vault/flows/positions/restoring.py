"""A director accepts stores that were put back, and the worker goes on from where they are.

The gateway keeps her record. The worker believes the record and what it finds itself, and nothing that somebody wrote
beside it. Each store's own mark is set last, so that a killed run is repeated.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from vault.domain.positions import Fault, Finding, StoreName
from vault.flows.answers import decide
from vault.flows.audit.auditing import WORKER, note
from vault.flows.context import Caller, Ports, chain_envelope, chain_record, rosters
from vault.flows.erasures.ledger import ledger_name
from vault.flows.erasures.retention import unknown_objects
from vault.flows.erasures.rowless import keep_rowless
from vault.flows.new_records import check_record
from vault.flows.positions.comparing import standing
from vault.flows.positions.copies import note_generation, put
from vault.flows.shares import sharing
from vault.ports.store import Named, Transaction
from vault.records.envelope import Envelope
from vault.records.types.restoration import PutBack, Restoration
from vault.rules.restorations import accepts, read_restoration
from vault.rules.verdict import Refused

logger = logging.getLogger("worker")
KIND = "restoration"
SHOWN = 500
# For another backup of the records to be found. Then objects and keys go that nobody can open: they may be of what
# should have been destroyed meanwhile, and no row says so any more.
KEPT_FOR = timedelta(days=90)
FOLLOWED = Named(KIND)


@dataclass(frozen=True, slots=True)
class PutBackState:
    """What a director is asked to accept, and the objects that are kept since she last did."""

    stores: tuple[PutBack, ...]
    kept: tuple[str, ...]


def put_back(findings: Iterable[Finding]) -> tuple[PutBack, ...] | None:
    """The findings as a director accepts them; None where one of them nobody can accept."""
    found = tuple(findings)
    if any(each.fault is not Fault.BEHIND for each in found):
        return None
    return tuple(sorted(PutBack(str(each.store), each.has, each.seen) for each in found))


def restoration_state(ports: Ports, caller: Caller, now: datetime) -> PutBackState | Refused:
    """For a director: nothing to accept while the stores belong together."""
    found = put_back(standing(ports))
    with ports.store.reading() as tx:
        if caller.member not in rosters(tx).newest.directors:
            return Refused("not_allowed")
        kept = tuple(tx.kept_orphans(now, SHOWN))
    return PutBackState(found or (), kept)


def restore(ports: Ports, caller: Caller, envelope: Envelope) -> Restoration | Refused:
    """Keep a director's restoration of what is found now; repeating it gives the same answer.

    Raises RecordError, RosterError, SignatureError, SeenMoreError.
    """
    new = Restoration.read(envelope)
    found = put_back(standing(ports))

    def work(tx: Transaction) -> Restoration | Refused:
        if tx.chain_by_hash(KIND, [new.hash]):
            return new
        check_record(tx, envelope)
        if new.signer != caller.member or caller.member not in rosters(tx).newest.directors:
            return Refused("not_allowed")
        if not found or set(found) != set(new.stores):
            return Refused("state")
        newest = tx.newest(KIND)
        tx.add_chain(chain_record(envelope, 1 if newest is None else newest.version + 1))
        return new

    return decide(ports.store, work)


def accepted(ports: Ports, findings: Sequence[Finding]) -> Restoration | None:
    """A restoration that a director, still one, signed for these findings, and that was not followed yet."""
    found = put_back(findings)
    with ports.store.reading() as tx:
        newest = tx.newest(KIND)
        if newest is None or not found or _mark(newest.version) in tx.heartbeats():
            return None
        read = read_restoration(chain_envelope(newest), rosters(tx))
    return read if isinstance(read, Restoration) and not isinstance(accepts(read, found), Refused) else None


def _mark(version: int) -> str:
    return f"restoration {version}"


def go_on(ports: Ports, findings: Iterable[Finding], now: datetime) -> None:
    """Take each store as it is; repeatable. At its end the restoration is followed, and never again."""
    for finding in findings:
        match finding.store:
            case StoreName.RECORDS:
                _records(ports, finding.has, now)
            case StoreName.KEYSTORE:
                _keystore(ports)
            case _:
                _objects(ports)
        logger.warning("goes on from a store that was put back", extra={"fields": {"store": str(finding.store)}})
    with ports.store.transaction(FOLLOWED) as tx:
        newest = tx.newest(KIND)
        assert newest is not None, "a restoration that was accepted is there"
        tx.beat(_mark(newest.version), now)


def _records(ports: Ports, audit: int, now: datetime) -> None:
    """Links that were open end, since others may have been revoked or used up; objects and keys without a row stay."""
    with ports.store.transaction() as tx:
        tx.end_sessions()
        ended = tx.end_links(now)
        for share in ended:
            note(tx, share.dossier, "share_ended_by_restore", WORKER, now, share=share.id)
    ports.keystore.shred([sharing.subject_of(share.id) for share in ended])
    keep_rowless(ports, now + KEPT_FOR)
    kept = unknown_objects(ports)
    with ports.store.transaction() as tx:
        tx.keep_orphans(kept, now + KEPT_FOR)
        tx.take_told()
    ports.keystore.turn()
    ports.keystore.witness(audit)


def _keystore(ports: Ports) -> None:
    """The files of newer generations become its own; the turn destroys them, and the records follow its number.

    Keys of shares that are over are there again: the next sweep shreds them once more.
    """
    with ports.store.transaction() as tx:
        tx.unmark_shredded()
    ports.keystore.own_files()
    ports.keystore.turn()
    note_generation(ports)


def _objects(ports: Ports) -> None:
    """The ledger's copy is made whole from the keystore's; objects that are missing are an alarm of their own."""
    after = 0
    while page := ports.keystore.ledger(after=after):
        for row in page:
            put(ports, ledger_name(row.sequence), row.entry)
        after = page[-1].sequence
