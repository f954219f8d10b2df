"""Shares as the members of a dossier make and see them."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field

from gateway.wire.fields import (
    LARGE_ENVELOPE,
    MIB,
    SMALL_ENVELOPE,
    Base64,
    Body,
    Count,
    Hash,
    Id,
    Instant,
    RequestBody,
    Signed,
    Text,
)
from gateway.wire.pages import next_after
from vault.flows.shares import sharing
from vault.records.envelope import Envelope

Cover = Annotated[bytes, Base64(1, 65_536)]
Entry = Annotated[bytes, Base64(1, 65_536)]
Capsule = Annotated[bytes, Base64(1, 131_072)]


class ShareState(StrEnum):
    """Whether a share can be picked up, else the reason."""

    OPEN = "open"
    EXPIRED = "expired"
    REVOKED = "revoked"
    USED_UP = "used_up"


class NewEntry(Body):
    """One document of the link."""

    document: Id
    entry: Entry
    capsule: Capsule


class NewShare(RequestBody):
    """A share, everything it releases, and the index that lists it."""

    limit = LARGE_ENVELOPE + SMALL_ENVELOPE + 8 * MIB
    share: Annotated[Envelope, Signed("share")]
    text: Text
    cover: Cover
    entries: Annotated[list[NewEntry], Field(max_length=500, fail_fast=True)]
    index: Annotated[Envelope, Signed("index")]

    def to_flow(self) -> sharing.NewShare:
        """As the flows take it."""
        entries = tuple(sharing.NewEntry(entry.document, entry.entry, entry.capsule) for entry in self.entries)
        return sharing.NewShare(self.share, self.text, self.cover, entries, self.index)


class Shared(Body):
    """The share is open until that time."""

    share: Id
    expires_at: Instant
    index: Hash | None  # the one that came with it and is in force now; null where this share had been made before


class Pickup(Body):
    """One counted pick-up."""

    started_at: Instant
    last_at: Instant
    finished_at: Instant | None


class SharePart(StrEnum):
    """What of a share is damaged: its signed record, its text, or the server's key to that."""

    RECORD = "record"
    TEXT = "text"
    KEY = "key"


class ListedShare(Body):
    """A share's signed record, which says its terms, and what became of it.

    What is damaged is named and null.
    """

    share: Id
    record: Annotated[Envelope, Signed("share")] | None
    text: Text | None
    state: ShareState
    used: Count
    revoked_at: Instant | None
    pickups: list[Pickup]
    damaged: list[SharePart]

    @classmethod
    def of(cls, view: sharing.ShareView) -> Self:
        """As the members of its dossier see it."""
        row = view.share
        return cls(
            share=row.id,
            record=view.envelope,
            text=view.text,
            state=ShareState(view.state),
            used=row.used,
            revoked_at=row.revoked_at,
            pickups=[
                Pickup(started_at=pickup.started_at, last_at=pickup.last_at, finished_at=pickup.finished_at)
                for pickup in view.pickups
            ],
            damaged=[SharePart(part) for part in view.damaged],
        )


class Shares(Body):
    """A page of shares, by id."""

    items: list[ListedShare]
    next: str | None

    @classmethod
    def page(cls, views: Sequence[sharing.ShareView], limit: int) -> Self:
        """A page of at most `limit`."""
        last = next_after(views, limit)
        return cls(items=[ListedShare.of(view) for view in views], next=None if last is None else last.share.id)
