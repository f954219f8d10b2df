"""What a link's holder asks and gets."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field

from gateway.wire.fields import KIB, Body, Count, Id, Instant, RequestBody
from gateway.wire.shares import Capsule, Cover, Entry
from vault.flows.shares import pickup


class LinkMode(StrEnum):
    """What opens a link beside the link itself."""

    PLAIN = "plain"
    PASSPHRASE = "passphrase"  # noqa: S105 - the name of a mode
    LOCATOR = "locator"


class Resuming(RequestBody):
    """The name of the pick-up that goes on; nothing, or no body, where there is none yet."""

    limit = KIB
    name: Annotated[Id | None, Field()] = None


class CoverEntry(Body):
    """Name and type of one document, under the link's cover key."""

    document: Id
    entry: Entry


class CoverMode(Body):
    """How the link opens: all that a proof of possession alone is told."""

    mode: LinkMode


class OpenedCover(CoverMode):
    """For both proofs: what the link gives, until when, and how many pick-ups are left."""

    cover: Cover
    entries: list[CoverEntry]
    expires_at: Instant
    left: Count


def cover_of(view: pickup.CoverView) -> CoverMode | OpenedCover:
    """As much as the proofs allow."""
    if view.cover is None or view.expires_at is None:
        return CoverMode(mode=LinkMode(view.mode))
    return OpenedCover(
        mode=LinkMode(view.mode),
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
    """All capsules, and until when the same pick-up may go on without counting again."""

    capsules: list[ReleasedCapsule]
    resume_until: Instant

    @classmethod
    def of(cls, released: pickup.Released) -> Self:
        """All that was released."""
        capsules = [ReleasedCapsule(document=document, capsule=capsule) for document, capsule in released.capsules]
        return cls(capsules=capsules, resume_until=released.resume_until)
