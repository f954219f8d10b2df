"""A member's list of dossiers by what changed, and what her device stores to make the next one quick."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field

from gateway.wire.dossiers import Day, ListedDossier, day_of
from gateway.wire.fields import KIB, Base64, Body, Box, Count, Hash, Id, RequestBody
from vault.flows.dossiers import changes, sealing

Bucket = Annotated[str, Field(pattern=r"^[0-9a-f]{2}$", description="the first digits of the ids in it")]
Mark = Annotated[bytes, Base64(16, 16)]
ShortHash = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]


class OwnWrap(Body):
    """The caller's own symmetric wrap of a dossier, and the label that her lists show it under."""

    dossier: Id
    epoch: Count
    symmetric: Box | None = None
    label: Box | None = None
    index: Hash | None = None  # under which the label's name was verified


class OwnWraps(RequestBody):
    """A batch."""

    limit = 512 * KIB
    items: Annotated[list[OwnWrap], Field(max_length=500, fail_fast=True)]

    def to_flow(self) -> list[sealing.OwnWrap]:
        """As the flows take it."""
        return [
            sealing.OwnWrap(item.dossier, item.epoch, item.symmetric, item.label, item.index) for item in self.items
        ]


class Known(RequestBody):
    """The marks of the buckets that the caller knows, as she was told them; one that is left out comes anew."""

    limit = 64 * KIB
    marks: Annotated[dict[Bucket, Mark], Field(max_length=256)]


class Changes(Body):
    """The buckets that are not as the caller knows them, with their marks (null: empty) and all their dossiers.

    A row is dossier, version, sequence, the first 16 digits of the index's hash, day of destruction, label. What has no
    label comes whole.
    """

    marks: dict[Bucket, Mark | None]
    rows: list[tuple[Id, Count, Count, ShortHash, Day | None, Box]]
    whole: list[ListedDossier]
    more: bool

    @classmethod
    def of(cls, found: changes.Changes) -> Self:
        """From the flow's value."""
        return cls(
            marks=found.marks,
            rows=[_row(each) for each in found.labelled],
            whole=[ListedDossier.of(each) for each in found.whole],
            more=found.more,
        )


def _row(each: changes.Labelled) -> tuple[str, int, int, str, str | None, bytes]:
    row = each.row
    return row.id, row.version, row.sequence, row.index[:16], day_of(row.destroy_on), each.label


class Updated(Body):
    """How many belonged to a wrap of the caller."""

    updated: int
