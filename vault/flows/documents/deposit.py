"""Depositing a document (design section 3, "Deposit").

Every object has an owning row before it exists: the shred key is committed first, then a row `depositing` under a
signed record (of the whole document, or only its intent), then the segments; `complete` makes the row `pending`, an
index makes it `stored`. Each step is repeatable.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

from vault.domain.dossiers import (
    DEPOSIT_LEASE,
    DocumentRow,
    DocumentState,
    DossierRow,
    RecordState,
    SegmentRow,
    last_lease,
    object_name,
)
from vault.errors import InvalidInputError
from vault.flows.answers import NOT_FOUND, decide
from vault.flows.context import Caller, Ports, held, restore, rosters
from vault.flows.dossiers.indexing import as_row, newest_head
from vault.flows.erasures.rowless import check_kept
from vault.flows.new_records import check_seen
from vault.ports.errors import ConflictError
from vault.ports.keystore import Subject, SubjectKind
from vault.ports.objects import Source
from vault.ports.store import Transaction
from vault.records.encoding import RecordError
from vault.records.envelope import Envelope
from vault.records.types.document import Document, segment_count, segment_length
from vault.records.types.intent import Intent
from vault.rules.rights import check_new
from vault.rules.rosters import Rosters
from vault.rules.verdict import Refused
from vault.rules.versions import next_document

MAX_HEAD = 4_096
MAX_METADATA = 16_384 + 64
Claim = Document | Intent


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document's signed record with its head and encrypted metadata, which the identity of that epoch opens."""

    envelope: Envelope
    head: bytes
    metadata: bytes
    epoch: int = 1


@dataclass(frozen=True, slots=True)
class Judged:
    """The roster and the dossier's head (its hash) by which a record was found to be a holder's."""

    rosters: Rosters
    head: str


@dataclass(frozen=True, slots=True)
class Begun:
    """A deposit under way; `repeated` when the same record was accepted before."""

    document: str
    state: DocumentState
    repeated: bool
    size: int
    segments: int


def subject_of(document: str) -> Subject:
    """The document's subject."""
    return Subject(SubjectKind.DOCUMENT, document)


def reserve(ports: Ports, caller: Caller, dossier: str, envelope: Envelope, now: datetime) -> Begun | Refused:
    """Accept a document's intent; the body follows, and the record after it. Repeating it gives the same answer.

    Raises RecordError, RosterError, SignatureError; TombstonedError for an id that was erased.
    """
    intent = Intent.read(envelope)
    with ports.store.reading() as tx:
        answer = may_begin(tx, caller, dossier, envelope, intent)
    if answer is not None:
        return answer
    new = ports.keystore.create([subject_of(intent.id)])

    def work(tx: Transaction) -> Begun | Refused:
        there = may_begin(tx, caller, dossier, envelope, intent)
        if there is not None:
            return there
        check_kept(ports, subject_of(intent.id), new=new)
        return add_new(tx, dossier, envelope, intent, None, now)

    return decide(ports.store, work, dossier)


def read_new(new: NewDocument) -> Document:
    """Read the record; raises RecordError, also when head or metadata are too large."""
    if len(new.head) > MAX_HEAD or len(new.metadata) > MAX_METADATA:
        raise RecordError("head or metadata is too large")
    return Document.read(new.envelope)


def may_begin(
    tx: Transaction, caller: Caller, dossier: str, envelope: Envelope, claim: Claim, judged: Judged | None = None
) -> Begun | Refused | None:
    """None if the document may begin now; its present state if it has begun already.

    `judged` are the roster and head of an earlier check of the signature, which is not repeated for the same two.
    """
    row = held(tx, caller, dossier)
    if row is None:
        return NOT_FOUND
    if there := tx.document(claim.id):
        return _repeated(there, claim) if there.dossier == dossier else Refused("conflict")
    chain = rosters(tx)
    if judged is None or (judged.rosters is not chain or judged.head != row.head):
        check_new(envelope, chain, newest_head(tx, row))
    check_seen(tx, envelope)
    if claim.dossier != dossier or claim.signer != caller.member:
        return Refused("not_allowed")
    return _check_previous(tx, claim)


def seal_new(ports: Ports, document: Document, new: NewDocument) -> tuple[bool, tuple[bytes, bytes]]:
    """Make the document's key, and seal head and metadata under it, in one commit; whether the key is new."""
    subject = subject_of(document.id)
    made, (head, metadata) = ports.keystore.create_sealing(
        [subject],
        [
            (subject, "document.head", document.id, new.head),
            (subject, "document.metadata", document.id, new.metadata),
        ],
    )
    return made, (head, metadata)


def add_new(
    tx: Transaction,
    dossier: str,
    envelope: Envelope,
    claim: Claim,
    sealed: tuple[bytes, bytes] | None,
    now: datetime,
) -> Begun:
    """Add its record or intent and its row: `depositing`. `sealed` are head and metadata, where they are there."""
    head, metadata = sealed or (None, None)
    tx.add_record(as_row(envelope, dossier, RecordState.PENDING, None, now))
    tx.add_document(
        DocumentRow(
            id=claim.id,
            dossier=dossier,
            record=claim.hash,
            kind=claim.kind,
            draft=claim.draft,
            size=claim.size,
            head=head,
            metadata=metadata,
            state=DocumentState.DEPOSITING,
            leased_until=now + DEPOSIT_LEASE,
            created_at=now,
        )
    )
    count = segment_count(claim.size)
    return Begun(claim.id, DocumentState.DEPOSITING, repeated=False, size=claim.size, segments=count)


def _repeated(there: DocumentRow, claim: Claim) -> Begun | Refused:
    if there.record != claim.hash or there.state is DocumentState.REMOVED:
        return Refused("conflict")
    count = segment_count(there.size)
    return Begun(there.id, there.state, repeated=True, size=there.size, segments=count)


def _check_previous(tx: Transaction, claim: Claim) -> Refused | None:
    """Check that a later version names its predecessor's record, in the same dossier and series."""
    row, last = None if claim.previous is None else tx.record(claim.previous), None
    if row is not None and row.kind == "document":
        last = Document.read(restore("document", row.record, row.signatures))
    verdict = next_document(claim, last)
    return verdict if isinstance(verdict, Refused) else None


def put_segment(
    ports: Ports, caller: Caller, document: str, number: int, source: Source, size: int, digest: bytes, now: datetime
) -> bool | Refused:
    """Store one segment: True when it is new, False when the same bytes are stored already.

    Raises InvalidInputError for a number or size the record does not allow, DigestMismatchError when the bytes are not
    those announced, ConflictError when other bytes are stored.
    """
    with ports.store.reading() as tx:
        row, there = own_document(tx, caller, document), tx.segment(document, number)
    if row is None:
        return NOT_FOUND
    if number >= segment_count(row.size) or size != segment_length(row.size, number):
        raise InvalidInputError("no segment of this document has that number and size")
    if there is not None:
        if hmac.compare_digest(there.digest, digest):
            return False
        raise ConflictError("another segment stands there")
    if not _leased(ports, row, now):
        return Refused("state")
    created = store_segment(ports, object_name(row.dossier, document, number), source, size, digest)
    with ports.store.transaction(row.dossier) as tx:
        if tx.document(document) is None:  # the lease expired during the put, and the deposit was removed
            return NOT_FOUND
        tx.add_segment(SegmentRow(document, number, size, digest))
    return created


def _leased(ports: Ports, row: DocumentRow, now: datetime) -> bool:
    """Whether the deposit is under way, and stays so for longer than a segment may take; written only when due."""
    if row.state is DocumentState.DEPOSITING and now + DEPOSIT_LEASE / 2 < row.leased_until <= last_lease(now):
        return True
    with ports.store.transaction(row.dossier) as tx:
        return tx.lease_document(row.id, now + DEPOSIT_LEASE)


def store_segment(ports: Ports, name: str, source: Source, size: int, digest: bytes, *, fresh: bool = False) -> bool:
    """Put a segment's object: False when the same bytes are stored already; raises ConflictError for other bytes.

    `fresh`: its document began in this very request, so that no earlier one can have put it.
    """
    created = ports.objects.put(name, source, size, digest, fresh=fresh)
    if not created and not hmac.compare_digest(_digest_of(ports, name), digest):
        raise ConflictError("another segment stands there")
    return created


def dossier_of(ports: Ports, document: str) -> str:
    """A document's dossier, which never changes; "" when there is no such document."""
    with ports.store.reading() as tx:
        row = tx.document(document)
    return "" if row is None else row.dossier


def _digest_of(ports: Ports, name: str) -> bytes:
    whole = hashlib.sha256()
    for piece in ports.objects.get(name):
        whole.update(piece)
    return whole.digest()


def own_document(tx: Transaction, caller: Caller, document: str) -> DocumentRow | None:
    """The document, if the caller holds its dossier and it is not removed."""
    there = with_dossier(tx, caller, document)
    return None if there is None else there[0]


def with_dossier(tx: Transaction, caller: Caller, document: str) -> tuple[DocumentRow, DossierRow] | None:
    """As `own_document`, with the dossier."""
    row = tx.document(document)
    if row is None or row.state is DocumentState.REMOVED:
        return None
    dossier = held(tx, caller, row.dossier)
    return None if dossier is None else (row, dossier)


def segments(ports: Ports, caller: Caller, document: str) -> list[SegmentRow] | Refused:
    """The stored segments, by number."""
    with ports.store.reading() as tx:
        if own_document(tx, caller, document) is None:
            return NOT_FOUND
        return tx.segments(document)


def abandon(ports: Ports, caller: Caller, document: str) -> None:
    """Clean up after a failed one-request deposit: remove it if it has no segment, else leave it to `reconcile`."""
    with ports.store.transaction(dossier_of(ports, document)) as tx:
        row = own_document(tx, caller, document)
        if row is not None and row.state is DocumentState.DEPOSITING and not tx.segments(document):
            tx.remove_documents([document])
