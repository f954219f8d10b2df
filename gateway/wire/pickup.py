"""Requests and answers for a link's holder."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field

from gateway.wire.fields import KIB, Body, Count, Id, Instant, RequestBody, Word
from gateway.wire.shares import Capsule, Cover, Entry
from vault.flows.shares import pickup


class Resuming(RequestBody):
    """The name of a pick-up under way; nothing, or no body, before the first."""

    limit = KIB
    name: Annotated[Id | None, Field()] = None


class CoverEntry(Body):
    """Name and type of one document, under the link's cover key."""

    document: Id
    entry: Entry


class CoverMode(Body):
    """How the link opens: the only answer to a proof of possession alone."""

    mode: Word


class OpenedCover(CoverMode):
    """The answer to both proofs: cover, entries, expiry, and the pick-ups left."""

    cover: Cover
    entries: list[CoverEntry]
    expires_at: Instant
    left: Count


def cover_of(view: pickup.CoverView) -> CoverMode | OpenedCover:
    """The answer for the given proofs."""
    if view.cover is None or view.expires_at is None:
        return CoverMode(mode=view.mode)
    return OpenedCover(
        mode=view.mode,
        cover=view.cover,
        entries=[CoverEntry(document=document, entry=entry) for document, entry in view.entries],
        expires_at=view.expires_at,
        left=view.left,
    )


class ReleasedCapsule(Body):
    """File key and record of one document, under the link's capsule key."""

    document: Id
    capsule: Capsule


class Released(Body):
    """All capsules, and the time until which the same pick-up may go on without counting again."""

    capsules: list[ReleasedCapsule]
    resume_until: Instant

    @classmethod
    def of(cls, released: pickup.Released) -> Self:
        """All that was released."""
        capsules = [ReleasedCapsule(document=document, capsule=capsule) for document, capsule in released.capsules]
        return cls(capsules=capsules, resume_until=released.resume_until)
