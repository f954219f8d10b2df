"""Documents, segments."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Self

from gateway.wire.fields import Base64, Body, Count, Hash, Id, Signed
from gateway.wire.pages import next_after
from vault.domain.dossiers import SegmentRow
from vault.flows.documents import whole
from vault.flows.documents.deposit import Begun
from vault.flows.documents.reading import DocumentView, Proven
from vault.records.envelope import Envelope
from vault.rules.merkle import Proof


class DocumentState(StrEnum):
    """The state of a deposit."""

    DEPOSITING = "depositing"
    PENDING = "pending"
    STORED = "stored"


class InclusionProof(Body):
    """That the index lists a record: its place among them, and the nodes beside its way to the root, 32 bytes each."""

    position: Count
    path: Annotated[bytes, Base64(0, 32 * 64)]

    @classmethod
    def of(cls, proof: Proof) -> Self:
        """RFC 9162, section 2.1.3."""
        return cls(position=proof.position, path=b"".join(proof.path))


class Deposited(Body):
    """A document and the state of its deposit."""

    document: Id
    state: DocumentState
    index: Hash | None = None  # the one that came with it, once it is in force

    @classmethod
    def of(cls, deposited: Begun | whole.Deposited) -> Self:
        """How far it is."""
        advanced = deposited.advanced if isinstance(deposited, whole.Deposited) else None
        state = DocumentState(deposited.state.value)
        return cls(document=deposited.document, state=state, index=None if advanced is None else advanced.index)


class DocumentPart(StrEnum):
    """What of a document is damaged: one of its parts, or the server's key to them."""

    RECORD = "record"
    HEAD = "head"
    METADATA = "metadata"
    KEY = "key"


class ListedDocument(Body):
    """A document: record, age head, encrypted metadata; what is damaged of it is named and null."""

    document: Id
    hash: Hash
    record: Annotated[Envelope, Signed("document")] | None
    head: Annotated[bytes, Base64(1, 4_096)] | None
    metadata: Annotated[bytes, Base64(1, 16_448)] | None
    state: DocumentState
    damaged: list[DocumentPart]

    @classmethod
    def of(cls, view: DocumentView) -> Self:
        """As its members see it."""
        return cls(
            document=view.document,
            hash=view.hash,
            record=view.envelope,
            head=view.head,
            metadata=view.metadata,
            state=DocumentState(view.state.value),
            damaged=[DocumentPart(part) for part in view.damaged],
        )


class ProvenDocument(Body):
    """A document, the newest index, and the proof that this lists it: null while it is pending."""

    document: ListedDocument
    index: Annotated[Envelope, Signed("index")]
    proof: InclusionProof | None

    @classmethod
    def of(cls, proven: Proven) -> Self:
        """All of one moment."""
        proof = None if proven.proof is None else InclusionProof.of(proven.proof)
        return cls(document=ListedDocument.of(proven.view), index=proven.index, proof=proof)


class Documents(Body):
    """A page of documents, by id."""

    items: list[ListedDocument]
    next: str | None

    @classmethod
    def page(cls, views: Sequence[DocumentView], limit: int) -> Self:
        """A page of at most `limit`."""
        last = next_after(views, limit)
        return cls(items=[ListedDocument.of(view) for view in views], next=None if last is None else last.document)


class ListedSegment(Body):
    """A stored segment."""

    number: int
    size: int
    sha256: Hash


class Segments(Body):
    """All stored segments, by number."""

    items: list[ListedSegment]
    next: None = None

    @classmethod
    def of(cls, rows: Sequence[SegmentRow]) -> Self:
        """All of a document's."""
        return cls(items=[ListedSegment(number=row.number, size=row.size, sha256=row.digest.hex()) for row in rows])
