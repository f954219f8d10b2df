"""Accepting the next index of a dossier: what turns new records current and batches of deposits stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from vault.domain.dossiers import DocumentState, DossierRow, RecordRow, RecordState
from vault.flows.answers import Stale
from vault.flows.audit.auditing import note
from vault.flows.context import Caller, restore, rosters, stored_signatures
from vault.ports.store import Transaction
from vault.records.envelope import Envelope
from vault.records.types.dossier import Dossier
from vault.records.types.index import Index
from vault.rules.authority import Heads, check_holder
from vault.rules.verdict import Refused

UNLISTED = frozenset({"dossier", "index", "wrap", "erasure"})
VERSIONED = frozenset({"profile", "trajectory"})


@dataclass(frozen=True, slots=True)
class Advanced:
    """The index now in force."""

    sequence: int
    index: str


def newest_head(tx: Transaction, dossier: DossierRow) -> Heads:
    """The dossier's newest head: all that is needed to judge a new record."""
    row = tx.record(dossier.head)
    assert row is not None, "a dossier's head is stored with it"
    return Heads((Dossier.read(restore("dossier", row.record, row.signatures)),))


def every_record(tx: Transaction, dossier: str, *, states: Sequence[RecordState]) -> Iterator[RecordRow]:
    """All records in these states, page by page."""
    after = ""
    while page := tx.records(dossier, states=states, after=after):
        yield from page
        after = page[-1].hash


def index_envelope(tx: Transaction, dossier: DossierRow) -> Envelope:
    """The newest index as it was signed."""
    row = tx.record(dossier.index)
    assert row is not None, "a dossier's index is stored with it"
    return restore("index", row.record, row.signatures)


def advance(
    tx: Transaction, caller: Caller, dossier: DossierRow, envelope: Envelope, now: datetime
) -> Advanced | Stale | Refused:
    """Accept the next index in the given unit of work; repeating the newest gives the same answer.

    Raises RecordError, RosterError or SignatureError.
    """
    index = Index.read(envelope)
    if index.hash == dossier.index:
        return Advanced(dossier.sequence, dossier.index)
    check_holder(envelope, rosters(tx), newest_head(tx, dossier))
    if index.signer != caller.member:
        return Refused("not_allowed")
    if index.sequence != dossier.sequence + 1 or index.previous != dossier.index:
        return Stale(index_envelope(tx, dossier))
    refused = _list_records(tx, caller, dossier, frozenset(index.records), now)
    if refused is not None:
        return refused
    new = replace(dossier, sequence=index.sequence, index=index.hash)
    if not tx.advance_dossier(new, sequence=dossier.sequence, index=dossier.index):
        return Stale(index_envelope(tx, dossier))
    tx.remove_records(dossier.id, [dossier.index])
    tx.add_record(as_row(envelope, dossier.id, dossier.id, RecordState.CURRENT, None, now))
    return Advanced(index.sequence, index.hash)


def as_row(
    envelope: Envelope, dossier: str, subject: str, state: RecordState, text: bytes | None, now: datetime
) -> RecordRow:
    """A signed record as a row."""
    signatures = stored_signatures(envelope)
    return RecordRow(envelope.hash, dossier, envelope.kind, subject, envelope.record, signatures, text, state, now)


def _list_records(
    tx: Transaction, caller: Caller, dossier: DossierRow, listed: frozenset[str], now: datetime
) -> Refused | None:
    known = [
        row
        for row in every_record(tx, dossier.id, states=(RecordState.CURRENT, RecordState.PENDING))
        if row.kind not in UNLISTED
    ]
    current = {row.hash: row for row in known if row.state is RecordState.CURRENT}
    pending = {row.hash: row for row in known if row.state is RecordState.PENDING}
    added = listed - current.keys()
    if not added <= pending.keys():
        return Refused("record_unknown")
    kept = [row for row in known if row.hash in listed]
    for hash_ in current.keys() - listed:
        if not _may_leave(tx, current[hash_], kept, now):
            return Refused("record_left_out")
    documents = [pending[hash_] for hash_ in added if pending[hash_].kind == "document"]
    if not _store_documents(tx, documents):
        return Refused("record_unknown")
    for row in documents:
        note(tx, dossier.id, "document_stored", caller.member, now, document=row.subject)
    tx.set_record_states(dossier.id, sorted(added), RecordState.CURRENT)
    tx.set_record_states(dossier.id, sorted(current.keys() - listed), RecordState.RETIRED)
    return None


def _may_leave(tx: Transaction, row: RecordRow, kept: Sequence[RecordRow], now: datetime) -> bool:
    """A record may be left out once it was superseded, revoked, expired, used up, or is being erased."""
    if row.kind in VERSIONED:
        return any(other.kind == row.kind and other.subject == row.subject for other in kept)
    if row.kind == "share":
        share = tx.share(row.subject)
        return share is None or share.spent or not share.open_at(now)
    document = tx.document(row.subject)
    return document is None or document.state is DocumentState.REMOVED


def _store_documents(tx: Transaction, records: Sequence[RecordRow]) -> bool:
    documents = [row.subject for row in records]
    return len(tx.set_document_state(documents, DocumentState.STORED)) == len(documents)
