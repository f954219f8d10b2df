"""Documents, segments."""

from __future__ import annotations

from typing import Annotated, Literal

from gateway.wire.fields import Base64, Body, Hash, Id, Signed
from vault.records.envelope import Envelope

State = Literal["depositing", "pending", "stored"]


class Deposited(Body):
    """A document and how far its deposit is."""

    document: Id
    state: State


class ListedDocument(Body):
    """A document: record, age head, encrypted metadata."""

    document: Id
    record: Annotated[Envelope, Signed("document")]
    head: Annotated[bytes, Base64(1, 4_096)]
    metadata: Annotated[bytes, Base64(1, 16_448)]
    state: State


class Documents(Body):
    """A page of documents, by id."""

    items: list[ListedDocument]
    next: str | None


class ListedSegment(Body):
    """A segment that has arrived."""

    number: int
    size: int
    sha256: Hash


class Segments(Body):
    """All that have arrived, by number."""

    items: list[ListedSegment]
    next: None = None
