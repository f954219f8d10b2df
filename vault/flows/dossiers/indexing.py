"""Accepts the next index of a dossier, which makes new records current and deposits stored."""

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
from vault.records.table import Leaves, subject_of, type_of
from vault.records.types.dossier import Dossier
from vault.records.types.index import Index
from vault.rules.authority import Heads, check_new
from vault.rules.indexes import Known, may_list
from vault.rules.verdict import Refused
from vault.rules.versions import Last, next_entry


@dataclass(frozen=True, slots=True)
class Advanced:
    """The index now in force."""

    sequence: int
    index: str


def newest_head(tx: Transaction, dossier: DossierRow) -> Heads:
    """The dossier's newest head, by which new records are checked."""
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
    """The envelope of the newest index."""
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
    check_new(envelope, rosters(tx), newest_head(tx, dossier))
    if index.signer != caller.member:
        return Refused("not_allowed")
    if isinstance(next_entry(index, Last(dossier.sequence, dossier.index)), Refused):
        return Stale(index_envelope(tx, dossier))
    refused = _list_records(tx, caller, dossier, frozenset(index.records), now)
    if refused is not None:
        return refused
    new = replace(dossier, sequence=index.sequence, index=index.hash)
    if not tx.advance_dossier(new, sequence=dossier.sequence, index=dossier.index):
        return Stale(index_envelope(tx, dossier))
    tx.remove_records(dossier.id, [dossier.index])
    tx.add_record(as_row(envelope, dossier.id, RecordState.CURRENT, None, now))
    return Advanced(index.sequence, index.hash)


def as_row(envelope: Envelope, dossier: str, state: RecordState, text: bytes | None, now: datetime) -> RecordRow:
    """A signed record as a row, under the subject given by the table of types."""
    signatures, subject = stored_signatures(envelope), subject_of(envelope, envelope.kind)
    return RecordRow(envelope.hash, dossier, envelope.kind, subject, envelope.record, signatures, text, state, now)


def _list_records(
    tx: Transaction, caller: Caller, dossier: DossierRow, listed: frozenset[str], now: datetime
) -> Refused | None:
    rows = list(every_record(tx, dossier.id, states=(RecordState.CURRENT, RecordState.PENDING)))
    verdict = may_list(listed, [_known(tx, row, listed, now) for row in rows])
    if isinstance(verdict, Refused):
        return verdict
    added = [row for row in rows if row.state is RecordState.PENDING and row.hash in listed]
    documents = [row for row in added if row.kind == "document"]
    if not _store_documents(tx, documents):
        return Refused("record_unknown")
    for row in documents:
        note(tx, dossier.id, "document_stored", caller.member, now, document=row.subject)
    left = [row for row in rows if row.state is RecordState.CURRENT and row.hash not in listed]
    tx.set_record_states(dossier.id, [row.hash for row in added], RecordState.CURRENT)
    tx.set_record_states(dossier.id, [row.hash for row in left if type_of(row.kind).listed], RecordState.RETIRED)
    return None


def _known(tx: Transaction, row: RecordRow, listed: frozenset[str], now: datetime) -> Known:
    current = row.state is RecordState.CURRENT
    ended = current and row.hash not in listed and _ended(tx, row, now)
    return Known(row.hash, row.kind, row.subject, current, ended)


def _ended(tx: Transaction, row: RecordRow, now: datetime) -> bool:
    """Whether a share is revoked, expired or used up, or a document is being erased."""
    match type_of(row.kind).leaves:
        case Leaves.CLOSED:
            share = tx.share(row.subject)
            return share is None or share.spent or not share.open_at(now)
        case Leaves.ERASED:
            document = tx.document(row.subject)
            return document is None or document.state is DocumentState.REMOVED
        case _:
            return False


def _store_documents(tx: Transaction, records: Sequence[RecordRow]) -> bool:
    documents = [row.subject for row in records]
    return len(tx.set_document_state(documents, DocumentState.STORED)) == len(documents)
