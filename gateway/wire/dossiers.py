"""Dossiers, wraps, indexes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field

from gateway.wire.documents import Documents, InclusionProof
from gateway.wire.fields import (
    KIB,
    LARGE_ENVELOPE,
    MIB,
    SMALL_ENVELOPE,
    Base64,
    Body,
    Box,
    Count,
    Hash,
    Id,
    RequestBody,
    Signed,
    Text,
    Word,
)
from gateway.wire.pages import next_after
from gateway.wire.records import NewRecord, Records
from vault.domain.dossiers import StagedKind
from vault.flows.dossiers import contents, heading, indexing, opening, sealing, showing, staging
from vault.records.envelope import Envelope

DOCUMENT, RECORD = StagedKind.DOCUMENT, StagedKind.RECORD


class NewWrap(Body):
    """A dossier's identity for one grantee; `symmetric` is the caller's own quick one."""

    member: Id
    wrap: Box
    symmetric: Box | None = None


class NewDossier(RequestBody):
    """The first state of a dossier."""

    limit = 2 * LARGE_ENVELOPE + 2 * SMALL_ENVELOPE + 5 * MIB
    dossier: Annotated[Envelope, Signed("dossier")]
    wraps: Annotated[list[NewWrap], Field(min_length=1, max_length=1000, fail_fast=True)]
    records: Annotated[list[NewRecord], Field(min_length=2, max_length=2, fail_fast=True)]
    index: Annotated[Envelope, Signed("index")]

    def to_flow(self) -> opening.NewDossier:
        """As the flows take it."""
        wraps = tuple(sealing.NewWrap(wrap.member, wrap.wrap, wrap.symmetric) for wrap in self.wraps)
        return opening.NewDossier(self.dossier, wraps, tuple(new.to_flow() for new in self.records), self.index)


class Opened(Body):
    """The dossier's id."""

    dossier: Id


class DossierPart(StrEnum):
    """What of a dossier is damaged: a head (the record), the newest index, the profile, a wrap, or the key."""

    RECORD = "record"
    INDEX = "index"
    PROFILE = "profile"
    WRAP = "wrap"
    SYMMETRIC = "symmetric"
    KEY = "key"


class Profile(Body):
    """The current profile: signed record and encrypted text; null where they are damaged."""

    record: Annotated[Envelope, Signed("profile")] | None
    text: Text | None

    @classmethod
    def of(cls, view: showing.RecordView) -> Self:
        """As its readers get it."""
        return cls(record=view.envelope, text=view.text)


Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]


def day_of(instant: datetime | None) -> str | None:
    """The day that an instant of destruction begins."""
    return None if instant is None else instant.astimezone(UTC).date().isoformat()


class Retention(Body):
    """The day on which the dossier is destroyed, from 00:00 UTC; null while a trajectory runs."""

    destroy_on: Day | None

    @classmethod
    def at(cls, instant: datetime | None) -> Self:
        """From the instant of destruction."""
        return cls(destroy_on=day_of(instant))


class ListedDossier(Body):
    """A dossier in the caller's list, with her wrap; what is damaged of it is named and null.

    Where a symmetric wrap stands, the other is left out.
    """

    dossier: Id
    epoch: int
    kind: Word
    head: Annotated[Envelope, Signed("dossier")] | None
    wrap: Box | None
    symmetric: Box | None
    profile: Profile
    sequence: int
    index: Hash
    retention: Retention
    damaged: list[DossierPart]

    @classmethod
    def of(cls, listed: showing.Listed) -> Self:
        """As the caller sees it."""
        row = listed.dossier
        return cls(
            dossier=row.id,
            epoch=row.epoch,
            kind=row.kind,
            head=listed.head,
            wrap=listed.wrap if listed.symmetric is None else None,
            symmetric=listed.symmetric,
            profile=Profile.of(listed.profile),
            sequence=row.sequence,
            index=row.index,
            retention=Retention.at(row.destroy_on),
            damaged=[DossierPart(part) for part in listed.damaged],
        )


class Dossiers(Body):
    """A page of the caller's dossiers, by id."""

    items: list[ListedDossier]
    next: str | None

    @classmethod
    def page(cls, rows: Sequence[showing.Listed], limit: int) -> Self:
        """A page of at most `limit`."""
        last = next_after(rows, limit)
        return cls(items=[ListedDossier.of(row) for row in rows], next=None if last is None else last.dossier.id)


class WholeDossier(Body):
    """A dossier with all heads, ascending, and the newest index; what is damaged of it is named and null.

    A damaged head is left out.     `proof` shows that the index lists the profile.
    """

    dossier: Id
    kind: Word
    heads: list[Annotated[Envelope, Signed("dossier")]]
    index: Annotated[Envelope, Signed("index")] | None
    sequence: int
    wrap: Box | None
    symmetric: Box | None
    epoch: int
    profile: Profile
    proof: InclusionProof | None
    retention: Retention
    damaged: list[DossierPart]

    @classmethod
    def of(cls, whole: showing.Whole) -> Self:
        """As the caller sees it."""
        row = whole.listed.dossier
        return cls(
            dossier=row.id,
            kind=row.kind,
            heads=list(whole.heads),
            index=whole.index,
            sequence=row.sequence,
            wrap=whole.listed.wrap,
            symmetric=whole.listed.symmetric,
            epoch=row.epoch,
            profile=Profile.of(whole.listed.profile),
            proof=None if whole.proof is None else InclusionProof.of(whole.proof),
            retention=Retention.at(row.destroy_on),
            damaged=[DossierPart(part) for part in whole.listed.damaged],
        )


class Heads(Body):
    """Heads of a dossier, ascending."""

    items: list[Annotated[Envelope, Signed("dossier")]]
    next: None = None


class Indexes(Body):
    """Links of a dossier's index, ascending."""

    items: list[Annotated[Envelope, Signed("index")]]
    next: int | None

    @classmethod
    def of(cls, links: showing.Links) -> Self:
        """A page; what is large comes in smaller ones."""
        return cls(items=list(links.items), next=links.next)


class Leaves(Body):
    """The newest index, null where it is damaged, and the hashes of all records that it lists.

    They are ascending, 32 bytes each.
    """

    index: Annotated[Envelope, Signed("index")] | None
    leaves: Annotated[bytes, Base64(0, 2**40)]

    @classmethod
    def of(cls, leaves: showing.Leaves) -> Self:
        """Both as they are at one moment."""
        return cls(index=leaves.index, leaves=leaves.leaves)


class RewrappedDocument(Body):
    """A document's head and metadata under the next identity; both null: they are damaged, and stay as they are."""

    document: Id
    head: Annotated[bytes, Base64(1, 4_096)] | None
    metadata: Annotated[bytes, Base64(1, 16_448)] | None


class RewrappedText(Body):
    """A record's text under the next identity, by the record's hash; null: it is damaged, and stays as it is."""

    record: Hash
    text: Text | None


class Rewrapped(RequestBody):
    """What the next identity of a dossier opens, or a part of it."""

    limit = 5 * MIB
    documents: Annotated[list[RewrappedDocument], Field(max_length=1000, fail_fast=True)] = Field(default_factory=list)
    texts: Annotated[list[RewrappedText], Field(max_length=1000, fail_fast=True)] = Field(default_factory=list)

    def items(self) -> tuple[staging.Rewrapped, ...]:
        """As the flows take it."""
        documents = (staging.Rewrapped(DOCUMENT, one.document, one.head, one.metadata) for one in self.documents)
        return (*documents, *(staging.Rewrapped(RECORD, one.record, None, one.text) for one in self.texts))


class Staged(Rewrapped):
    """A part of it, laid by; `identity` is the SHA-256 of the identity's recipient."""

    identity: Hash


class Laid(Body):
    """How much was laid by."""

    staged: Count


class NewHead(Rewrapped):
    """The next head of a dossier, a wrap for everybody who is new in it, and the first index under it.

    With a new identity a wrap for every grantee, and what that opens, as far as it was not laid by before.
    """

    limit = 2 * LARGE_ENVELOPE + 5 * MIB
    dossier: Annotated[Envelope, Signed("dossier")]
    wraps: Annotated[list[NewWrap], Field(max_length=1000, fail_fast=True)]
    index: Annotated[Envelope, Signed("index")]

    def to_flow(self) -> heading.NewHead:
        """As the flows take it."""
        wraps = tuple(sealing.NewWrap(wrap.member, wrap.wrap, wrap.symmetric) for wrap in self.wraps)
        return heading.NewHead(self.dossier, wraps, self.index, self.items())


class NewIndex(RequestBody):
    """The next index."""

    limit = LARGE_ENVELOPE + KIB
    index: Annotated[Envelope, Signed("index")]


class Advanced(Body):
    """The index now in force."""

    sequence: int
    index: Hash

    @classmethod
    def of(cls, advanced: indexing.Advanced) -> Self:
        """From the flow's value."""
        return cls(sequence=advanced.sequence, index=advanced.index)


class Contents(Body):
    """A dossier with the first page of its contents."""

    dossier: WholeDossier
    leaves: Leaves
    documents: Documents
    records: Records

    @classmethod
    def of(cls, found: contents.Contents, limit: int) -> Self:
        """From the flow's value, with pages of at most `limit`."""
        documents, records = Documents.page(found.documents, limit), Records.page(found.records, limit)
        leaves = Leaves.of(found.leaves)
        return cls(dossier=WholeDossier.of(found.whole), leaves=leaves, documents=documents, records=records)
