"""Accepts the next index of a dossier, which makes new records current and deposits stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from vault.domain.dossiers import DocumentState, DossierRow, IndexRow, RecordRow, RecordState
from vault.domain.people import ChainRow
from vault.errors import IntegrityError
from vault.flows.answers import Stale
from vault.flows.audit.auditing import note
from vault.flows.context import Caller, restore, stored_signatures, whole_chain
from vault.flows.new_records import check_record
from vault.ports.store import Transaction
from vault.records.envelope import Envelope
from vault.records.table import subject_of, type_of
from vault.records.types.dossier import Dossier
from vault.records.types.index import ERASED, Index
from vault.records.types.tombstone import Tombstone
from vault.rules.indexes import Known, known_version, may_follow
from vault.rules.rights import Heads
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
    if row is None:
        raise IntegrityError("a stored dossier record is damaged")
    return Heads((Dossier.read(restore("dossier", row.record, row.signatures, row.hash)),))


def every_record(tx: Transaction, dossier: str, *, states: Sequence[RecordState]) -> Iterator[RecordRow]:
    """All records in these states, page by page."""
    after = ""
    while page := tx.records(dossier, states=states, after=after):
        yield from page
        after = page[-1].hash


def index_envelope(tx: Transaction, dossier: DossierRow) -> Envelope:
    """The newest index as it was signed; raises IntegrityError where it is damaged."""
    rows = tx.indexes(dossier.id, after=dossier.sequence - 1, limit=1)
    if not rows or rows[0].hash != dossier.index:
        raise IntegrityError("a stored index record is damaged")
    return link_envelope(rows[0])


def whole_index(tx: Transaction, dossier: DossierRow) -> Envelope | None:
    """The newest index as it was signed; None where it is damaged."""
    try:
        return index_envelope(tx, dossier)
    except IntegrityError:
        return None


def link_envelope(row: IndexRow) -> Envelope:
    """A kept index as it was signed."""
    return restore("index", row.record, row.signatures, row.hash)


def keep_index(tx: Transaction, envelope: Envelope) -> None:
    """Keep an accepted index, and what is listed from now on."""
    index = Index.read(envelope)
    row = IndexRow(index.dossier, index.sequence, index.hash, envelope.record, stored_signatures(envelope))
    tx.add_index(row, added=index.added, removed=[each.hash for each in index.removed])


def advance(
    tx: Transaction, caller: Caller, dossier: DossierRow, envelope: Envelope, now: datetime
) -> Advanced | Stale | Refused:
    """Accept the next index in the given unit of work; repeating the newest gives the same answer.

    Raises RecordError, RosterError or SignatureError.
    """
    index = Index.read(envelope)
    if index.hash == dossier.index:
        return Advanced(dossier.sequence, dossier.index)
    check_record(tx, envelope, newest_head(tx, dossier))
    if index.signer != caller.member:
        return Refused("not_allowed")
    if isinstance(next_entry(index, Last(dossier.sequence, dossier.index)), Refused):
        return Stale(index_envelope(tx, dossier))
    if refused := _refusal(tx, dossier, index, now) or _turn_current(tx, caller, dossier, index, now):
        return refused
    new = replace(dossier, sequence=index.sequence, index=index.hash)
    if not tx.advance_dossier(new, sequence=dossier.sequence, index=dossier.index):
        return Stale(index_envelope(tx, dossier))
    keep_index(tx, envelope)
    return Advanced(index.sequence, index.hash)


def _refusal(tx: Transaction, dossier: DossierRow, index: Index, now: datetime) -> Refused | None:
    """Why the rules let no such index follow; None where they do."""
    if index.head != dossier.head:
        return Refused("head_differs")
    verdict = may_follow(index, tx.listed(dossier.id), _known(tx, dossier, index), now)
    return verdict if isinstance(verdict, Refused) else None


def _known(tx: Transaction, dossier: DossierRow, index: Index) -> dict[str, Known]:
    """What the rows say of every record that the index adds or takes out.

    The rows of a document go with it: what a tombstone of this dossier explains was a document's record.
    """
    removed = {each.hash: each for each in index.removed}
    known = {row.hash: _of_row(tx, row) for row in tx.records_named(dossier.id, [*index.added, *removed])}
    tombstones = {each.by for each in index.removed if each.why == ERASED}
    for row in tx.chain_by_hash("tombstone", sorted(tombstones)):
        subject = _erased(tx, dossier.id, row)
        if subject is not None:
            gone = {hash_ for hash_, each in removed.items() if each.by == row.hash}
            known |= {
                each: Known("document", subject, tombstones=frozenset({row.hash}))
                for each in gone
                if each not in known or known[each].subject == subject
            }
    return known


def _erased(tx: Transaction, dossier: str, row: ChainRow) -> str | None:
    """The document of that dossier that a tombstone is of; what a damaged one was of, says the row of its erasure.

    No reader believes that row: she has the tombstone, or lets nothing leave by it.
    """
    for envelope in whole_chain([row]):
        tombstone = Tombstone.read(envelope)
        return tombstone.subject if (tombstone.dossier, tombstone.kind) == (dossier, "document") else None
    erasures = tx.erasures_of(dossier)
    said = {stone: id_ for each in erasures for stone, id_ in zip(each.tombstones, each.documents, strict=False)}
    return said.get(row.hash)


def _of_row(tx: Transaction, row: RecordRow) -> Known:
    share = tx.share(row.subject) if row.kind == "share" else None
    known = Known(
        row.kind,
        row.subject,
        pending=row.state is RecordState.PENDING,
        revoked=share is not None and share.revoked_at is not None,
        expires_at=None if share is None else share.expires_at,
    )
    return known_version(known, restore(row.kind, row.record, row.signatures)) if type_of(row.kind).versioned else known


def _turn_current(tx: Transaction, caller: Caller, dossier: DossierRow, index: Index, now: datetime) -> Refused | None:
    """Move what is listed from now on, and what left; refused when a document among it is not whole."""
    documents = [row.subject for row in tx.records_named(dossier.id, index.added) if row.kind == "document"]
    if len(tx.set_document_state(documents, DocumentState.STORED)) != len(documents):
        return Refused("record_unknown")
    for document in documents:
        note(tx, dossier.id, "document_stored", caller.member, now, document=document)
    tx.set_record_states(dossier.id, index.added, RecordState.CURRENT)
    tx.set_record_states(dossier.id, [each.hash for each in index.removed], RecordState.RETIRED)
    return None


def as_row(envelope: Envelope, dossier: str, state: RecordState, text: bytes | None, now: datetime) -> RecordRow:
    """A signed record as a row, under the subject given by the table of types."""
    signatures, subject = stored_signatures(envelope), subject_of(envelope, envelope.kind)
    return RecordRow(envelope.hash, dossier, envelope.kind, subject, envelope.record, signatures, text, state, now)
