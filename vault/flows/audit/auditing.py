"""The audit: a hash chain for each dossier, written in the unit of work of the act (design section 3, "Audit")."""

from __future__ import annotations

from datetime import datetime, timedelta

from vault.domain.clock import from_ahead
from vault.domain.erasures import AuditRow
from vault.flows.answers import NOT_FOUND
from vault.flows.audit.installation_signature import sign_as_installation
from vault.flows.context import Caller, ChainPage, Ports, chain_record, held, rosters, whole_chain
from vault.flows.installation_keys import unlisted
from vault.ports.store import Transaction
from vault.records.encoding import to_base64url
from vault.records.envelope import Envelope
from vault.records.standing import new_salt
from vault.records.strict_json import dump
from vault.records.types.checkpoint import Checkpoint, heads_digest, leaf
from vault.records.types.roster import CHECKPOINT
from vault.rules.audit_entries import GENESIS, details_digest, entry_hash
from vault.rules.verdict import Refused

WORKER = "worker"  # the actor of what no member does
OVERDUE = timedelta(minutes=65)


def note(tx: Transaction, dossier: str, event: str, actor: str, now: datetime, **details: str | int) -> AuditRow:
    """Append to the dossier's chain; `actor` is a member's id, `link`, or `worker`; details contain only ids."""
    head = tx.audit_head(dossier)
    sequence, previous = (1, GENESIS) if head is None else (head.sequence + 1, head.hash)
    at = now.replace(microsecond=0)
    raw = dump({"salt": to_base64url(new_salt()), **details})
    digest = details_digest(raw)
    hash_ = entry_hash(dossier, sequence, previous, at, event, actor, digest)
    entry = AuditRow(dossier, sequence, previous, hash_, at, event, actor, digest, raw)
    tx.add_audit(entry)
    return entry


def entries(ports: Ports, caller: Caller, dossier: str, after: int, limit: int) -> list[AuditRow] | Refused:
    """A dossier's chain, for its holders; a destroyed dossier's chain, for every director."""
    with ports.store.reading() as tx:
        gone = tx.dossier(dossier) is None and caller.member in rosters(tx).newest.directors
        if not gone and held(tx, caller, dossier) is None:
            return NOT_FOUND
        found = tx.audit(dossier, after=after, limit=limit)
    return found if found or not gone else NOT_FOUND


def checkpoint(ports: Ports, now: datetime) -> Checkpoint | None:
    """Sign the heads of all chains; None while there is no practice. Of two racing workers one gets ConflictError.

    Reading the heads blocks no writer. They are never older than the previous checkpoint's: a checkpoint made in
    between would have taken this one's sequence.
    """
    with ports.store.reading() as tx:
        if tx.practice() is None:
            return None
        newest, ledger = tx.newest("checkpoint"), tx.newest("tombstone")
        leaves = _leaves(tx)
        content = Checkpoint(
            standing=rosters(tx).standing,
            sequence=1 if newest is None else newest.version + 1,
            previous=None if newest is None else newest.hash,
            chains=len(leaves),
            heads=heads_digest(leaves),
            ledger=0 if ledger is None else ledger.version,
            at=now,
        ).content()
        envelope = sign_as_installation(ports, tx, "checkpoint", content)
    with ports.store.transaction() as tx:
        tx.add_chain(chain_record(envelope, int(content["sequence"])))
        tx.keep_leaves(int(content["sequence"]), b"".join(leaves))
    return Checkpoint.read(envelope)


def catch_up(ports: Ports, now: datetime) -> Checkpoint | None:
    """Sign a checkpoint when the hourly one is late or there is none yet; None when there is nothing to do.

    Nothing is to do either while the roster does not list the key: `look_at_keys` says so.
    """
    with ports.store.reading() as tx:
        newest, waits = tx.newest("checkpoint"), CHECKPOINT in unlisted(ports, tx, now)
    if waits:
        return None
    last = whole_chain([] if newest is None else [newest])
    if last and not from_ahead(at := Checkpoint.read(last[0]).at, now) and now - at < OVERDUE:
        return None
    return checkpoint(ports, now)


def _leaves(tx: Transaction) -> list[bytes]:
    leaves: list[bytes] = []
    after = ""
    while page := tx.audit_heads(after=after):
        leaves.extend(leaf(entry.dossier, entry.sequence, entry.hash) for entry in page)
        after = page[-1].dossier
    return leaves


def newest_checkpoint(ports: Ports) -> tuple[Envelope, bytes] | Refused:
    """The newest checkpoint and its leaves: members recognise those of their own chains and learn nothing else.

    A damaged one is as good as none, until the next.
    """
    with ports.store.reading() as tx:
        row, kept = tx.newest("checkpoint"), tx.leaves()
    newest = whole_chain([] if row is None else [row])
    return NOT_FOUND if not newest or kept is None else (newest[0], kept[1])


def chain(ports: Ports, kind: str, after: int, limit: int) -> ChainPage:
    """Checkpoints or tombstones above `after`, ascending, for members, without those that are damaged."""
    with ports.store.reading() as tx:
        rows = tx.chain(kind, after=after, limit=limit)
    return ChainPage(tuple(whole_chain(rows)), rows[-1].version if len(rows) >= limit else None)
