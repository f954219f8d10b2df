"""The ledger of tombstones, the checkpoints, and each dossier's audit chain."""

from __future__ import annotations

from typing import Annotated

from gateway.wire.fields import Base64, Body, Count, Hash, Instant, Signed
from vault.records.envelope import Envelope

Details = Annotated[bytes, Base64(1, 16_384)]
Leaves = Annotated[bytes, Base64(0, 2**30)]


class Tombstones(Body):
    """Tombstones, ascending by sequence."""

    items: list[Annotated[Envelope, Signed("tombstone")]]
    next: Count | None


class Checkpoints(Body):
    """Checkpoints, ascending by sequence."""

    items: list[Annotated[Envelope, Signed("checkpoint")]]
    next: Count | None


class NewestCheckpoint(Body):
    """The newest checkpoint and the leaves it digested, 32 bytes each: a reader finds those of its own chains."""

    checkpoint: Annotated[Envelope, Signed("checkpoint")]
    leaves: Leaves


class Entry(Body):
    """One entry of a dossier's chain; `details` are null once they were forgotten, and the chain still holds."""

    sequence: Count
    previous: Hash
    hash: Hash
    at: Instant
    event: str
    actor: str
    digest: Hash
    details: Details | None


class Audit(Body):
    """A page of a dossier's chain, ascending by sequence."""

    items: list[Entry]
    next: Count | None
