"""Reading documents: listing them, and ranges of their bodies, with access checked again at every segment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from vault.domain.dossiers import DocumentRow, DocumentState, RecordRow, object_name
from vault.errors import IntegrityError
from vault.flows.answers import NOT_FOUND, decide
from vault.flows.audit.auditing import note
from vault.flows.context import Caller, Ports, held, restore, seen
from vault.flows.damage import KEY, damage, record_of, whole
from vault.flows.documents.deposit import dossier_of, own_document, subject_of
from vault.flows.dossiers.indexing import index_envelope
from vault.flows.dossiers.proving import proof_of
from vault.ports.store import Transaction
from vault.records.envelope import Envelope
from vault.records.types.document import Document, segment_length
from vault.rules.merkle import Proof
from vault.rules.verdict import Refused

# What is still coming is shown to nobody: it has no record yet, or no body.
VISIBLE = (DocumentState.PENDING, DocumentState.STORED)
READABLE = frozenset(VISIBLE)


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A document as the members receive it; what is `damaged` of it is None."""

    document: str
    hash: str
    envelope: Envelope | None
    head: bytes | None
    metadata: bytes | None
    state: DocumentState
    damaged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proven:
    """One document with the newest index and the proof that this lists it; without one it is pending."""

    view: DocumentView
    index: Envelope
    proof: Proof | None


@dataclass(frozen=True, slots=True)
class Address:
    """Where a proxy gets the bytes of a range: from byte `start` of the object at `url` on."""

    url: str = field(repr=False)
    start: int


@dataclass(frozen=True, slots=True)
class Body:
    """A range of a body: the whole body's size and digest, and the bytes from `start`, `length` of them.

    `address` checks access as the first of `pieces` does, for who lets a proxy give the range; None: it cannot.
    """

    size: int
    digest: str
    start: int
    length: int
    pieces: Iterator[bytes]
    address: Callable[[], Address | None]


def documents(ports: Ports, caller: Caller, dossier: str, after: str, limit: int) -> list[DocumentView] | Refused:
    """The documents of a dossier, by id."""

    def look() -> list[DocumentView] | Refused:
        with ports.store.reading() as tx:
            if held(tx, caller, dossier) is None:
                return NOT_FOUND
            rows = tx.documents(dossier, states=VISIBLE, after=after, limit=limit)
            envelopes = [record_of(_stored_record(tx, row)) for row in rows]
        return _views(ports, rows, envelopes)

    return seen(look, _keyless)


def _keyless(answer: list[DocumentView] | Refused) -> bool:
    return not isinstance(answer, Refused) and any(KEY in view.damaged for view in answer)


def document(ports: Ports, caller: Caller, document_id: str) -> DocumentView | Refused:
    """One document."""
    with ports.store.reading() as tx:
        row = own_document(tx, caller, document_id)
        if row is None or row.state not in READABLE:
            return NOT_FOUND
        envelope = record_of(_stored_record(tx, row))
    return _views(ports, [row], [envelope])[0]


def proven(ports: Ports, caller: Caller, dossier: str, document_id: str) -> Proven | Refused:
    """One document of the dossier, the newest index and the proof, all of one moment."""
    with ports.store.reading() as tx:
        holder, row = held(tx, caller, dossier), own_document(tx, caller, document_id)
        if holder is None or row is None or row.dossier != dossier:
            return NOT_FOUND
        envelope, index = record_of(_stored_record(tx, row)), index_envelope(tx, holder)
        proof = proof_of(tx, row.dossier, row.record)
    return Proven(_views(ports, [row], [envelope])[0], index, proof)


def _stored_record(tx: Transaction, row: DocumentRow) -> RecordRow:
    record = tx.record(row.record)
    assert record is not None
    return record


def _record_of(tx: Transaction, row: DocumentRow) -> Envelope:
    record = _stored_record(tx, row)
    return restore("document", record.record, record.signatures)


def _views(ports: Ports, rows: list[DocumentRow], envelopes: list[Envelope | None]) -> list[DocumentView]:
    boxes = [([(subject_of(row.id), "document.head", row.id)], row.head or b"") for row in rows]
    boxes += [([(subject_of(row.id), "document.metadata", row.id)], row.metadata or b"") for row in rows]
    opened = ports.keystore.unseal_each(boxes)
    heads, metadata = opened[: len(rows)], opened[len(rows) :]
    return [
        DocumentView(
            document=row.id,
            hash=row.record,
            envelope=envelope,
            head=whole(head),
            metadata=whole(text),
            state=row.state,
            damaged=damage(envelope, {"head": head, "metadata": text}),
        )
        for row, envelope, head, text in zip(rows, envelopes, heads, metadata, strict=True)
    ]


def body(
    ports: Ports, caller: Caller, document_id: str, start: int, length: int | None, now: datetime
) -> Body | Refused:
    """A range of a document's body, re-checked at every segment; reading from its beginning is audited."""

    def work(tx: Transaction) -> tuple[DocumentRow, str] | Refused:
        row = own_document(tx, caller, document_id)
        if row is None or row.state not in READABLE:
            return NOT_FOUND
        if start == 0:
            note(tx, row.dossier, "document_read", caller.member, now, document=document_id)
        return row, Document.read(_record_of(tx, row)).digest

    if start == 0:
        answer = decide(ports.store, work, dossier_of(ports, document_id))
    else:
        with ports.store.reading() as tx:
            answer = work(tx)
    if isinstance(answer, Refused):
        return answer
    row, digest = answer

    def still(_: int) -> bool:
        with ports.store.reading() as tx:
            return own_document(tx, caller, document_id) is not None

    return body_range(ports, row, digest, start, length, still)


def body_range(
    ports: Ports, row: DocumentRow, digest: str, start: int, length: int | None, still: Callable[[int], bool]
) -> Body:
    """The bytes of a body from `start`; `still(segment)` is called before each segment is read.

    When it returns False the bytes end early, which the reader sees by the size. The pieces raise IntegrityError when
    an object has fewer bytes than were signed.
    """
    wanted = row.size - start if length is None else min(length, row.size - start)

    def pieces() -> Iterator[bytes]:
        position, end = start, start + wanted
        while position < end:
            number, offset = divmod(position, segment_length(row.size, 0))
            if not still(number):
                return
            take = min(segment_length(row.size, number) - offset, end - position)
            came = 0
            for piece in ports.objects.get(object_name(row.dossier, row.id, number), offset, take):
                came += len(piece)
                yield piece
            if came < take:
                raise IntegrityError("a stored object is shorter than what was signed")
            position += take

    def address() -> Address | None:
        number, offset = divmod(start, segment_length(row.size, 0))
        if wanted < 1 or offset + wanted > segment_length(row.size, number):
            return None
        url = ports.objects.address(object_name(row.dossier, row.id, number))
        return Address(url, offset) if url is not None and still(number) else None

    return Body(row.size, digest, start, wanted, pieces(), address)
