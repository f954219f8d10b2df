"""Shares as members make and see them, and what a link's holder gets."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gateway.wire.fields import Base64, Body, Count, Id, Instant, Signed, Text
from vault.records.envelope import Envelope

Cover = Annotated[bytes, Base64(1, 65_536)]
Entry = Annotated[bytes, Base64(1, 65_536)]
Capsule = Annotated[bytes, Base64(1, 131_072)]


class NewEntry(Body):
    """What the link gives of one document."""

    document: Id
    entry: Entry
    capsule: Capsule


class NewShare(Body):
    """A share, everything it releases, and the index that lists it."""

    share: Annotated[Envelope, Signed("share")]
    text: Text
    cover: Cover
    entries: Annotated[list[NewEntry], Field(max_length=500)]
    index: Annotated[Envelope, Signed("index")]


class Shared(Body):
    """The share is open until then."""

    share: Id
    expires_at: Instant


class Pickup(Body):
    """One counted pick-up."""

    started_at: Instant
    last_at: Instant
    finished_at: Instant | None


class ListedShare(Body):
    """A share with its pick-ups; `text` is null once it was destroyed."""

    share: Id
    record: Annotated[Envelope, Signed("share")]
    text: Text | None
    state: Literal["open", "expired", "revoked", "used_up"]
    used: Count
    max: Count
    expires_at: Instant
    revoked_at: Instant | None
    pickups: list[Pickup]


class Shares(Body):
    """A page of shares, by id."""

    items: list[ListedShare]
    next: str | None


class CoverEntry(Body):
    """Name and type of one document, under the link's cover key."""

    document: Id
    entry: Entry


class CoverMode(Body):
    """How the link opens: all that a proof of possession alone is told."""

    mode: Literal["plain", "passphrase", "locator"]


class OpenedCover(CoverMode):
    """For both proofs: what the link gives, until when, and how many pick-ups are left."""

    cover: Cover
    entries: list[CoverEntry]
    expires_at: Instant
    left: Count


class ReleasedCapsule(Body):
    """File key and record of one document, under the link's capsule key."""

    document: Id
    capsule: Capsule


class Released(Body):
    """All capsules, and until when the same pick-up may go on without counting again."""

    capsules: list[ReleasedCapsule]
    resume_until: Instant


class Looked(CoverMode):
    """What a look answers: the mode, and with both proofs all that `OpenedCover` has."""

    cover: Cover | None = None
    entries: list[CoverEntry] | None = None
    expires_at: Instant | None = None
    left: Count | None = None
