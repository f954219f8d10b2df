"""Completes a deposit whose body came in segments: record, head and metadata take the place of its intent."""

from __future__ import annotations

from datetime import datetime

from vault.domain.dossiers import DocumentRow, DocumentState, RecordState
from vault.flows.answers import NOT_FOUND, Missing, decide
from vault.flows.context import Caller, Ports, restore
from vault.flows.documents.deposit import NewDocument, dossier_of, read_new, seal_new, with_dossier
from vault.flows.dossiers.indexing import as_row, newest_head
from vault.flows.new_records import check_record
from vault.ports.errors import DigestMismatchError
from vault.ports.store import Transaction
from vault.records.types.document import Document, segment_count
from vault.records.types.intent import Intent
from vault.rules.deposits import completes, is_body
from vault.rules.verdict import Refused


def complete(
    ports: Ports, caller: Caller, document: str, new: NewDocument, now: datetime
) -> DocumentState | Missing | Refused:
    """Move a deposit with all its segments to `pending`; Missing names the absent ones.

    Repeating it with the same record gives the same answer. Raises RecordError, RosterError, SignatureError;
    DigestMismatchError when the body that arrived is not the one in the record.
    """
    record, dossier = read_new(new), dossier_of(ports, document)
    with ports.store.reading() as tx:
        answer = _judge(tx, caller, document, new, record)
    if answer is not None:
        return answer
    _, (head, metadata) = seal_new(ports, record, new)

    def work(tx: Transaction) -> DocumentState | Missing | Refused:
        answer = _judge(tx, caller, document, new, record)
        if answer is not None:
            return answer
        tx.add_record(as_row(new.envelope, dossier, RecordState.PENDING, None, now))
        tx.complete_document(document, record=record.hash, head=head, metadata=metadata)
        tx.end_lease(document, now)
        tx.set_document_state([document], DocumentState.PENDING)
        return DocumentState.PENDING

    return decide(ports.store, work, dossier)


def _judge(
    tx: Transaction, caller: Caller, document: str, new: NewDocument, record: Document
) -> DocumentState | Missing | Refused | None:
    """None if the record may complete its deposit now; its present state if it has done so already."""
    there = with_dossier(tx, caller, document)
    if there is None:
        return NOT_FOUND
    row, dossier = there
    if row.state is not DocumentState.DEPOSITING:
        return row.state if row.record == record.hash else Refused("conflict")
    refused = _fits(tx, caller, row, record)
    if refused is not None:
        return refused
    if new.epoch != dossier.epoch:
        return Refused("epoch_stale")
    check_record(tx, new.envelope, newest_head(tx, dossier))
    return _arrived(tx, row, record)


def _fits(tx: Transaction, caller: Caller, row: DocumentRow, record: Document) -> Refused | None:
    """Whether it is the record of the deposit that the caller's intent began."""
    stored = tx.record(row.record)
    if stored is None or stored.kind != "intent":  # it came in one request with its record, and is completed by one
        return Refused("state")
    verdict = completes(record, Intent.read(restore("intent", stored.record, stored.signatures)))
    if record.signer != caller.member:
        return Refused("not_allowed")
    return verdict if isinstance(verdict, Refused) else None


def _arrived(tx: Transaction, row: DocumentRow, record: Document) -> Missing | None:
    """Compare what arrived with the record."""
    there = {segment.number: segment.digest for segment in tx.segments(row.id)}
    count = segment_count(row.size)
    if missing := tuple(number for number in range(count) if number not in there):
        return Missing(missing)
    if isinstance(is_body(record, [there[number] for number in range(count)]), Refused):
        raise DigestMismatchError("the body is not the one that was signed")
    return None
