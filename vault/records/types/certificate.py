"""The certificate of destruction: what was destroyed, how, when, and from when no backup of ours holds it either."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from vault.records.fields import At, Hash, Id, Instant, Number, hexadecimal_set, one_of, text
from vault.records.record import Record
from vault.records.standing import StandsOn
from vault.records.types.tombstone import REASONS, SUBJECTS

METHOD = "keys destroyed, generation turned, objects removed in all versions, absence verified"


@dataclass(frozen=True, slots=True)
class Counts:
    """What went: numbers only."""

    documents: Number
    shares: Number
    objects: Number
    bytes: Number
    keys: Number


@dataclass(frozen=True, slots=True)
class Certificate(Record):
    """`id` is the erasure's; `commitment` binds the client's name without saying it; `tombstones` are hashes.

    `horizon` is the moment from which no copy of the keystore with its generation key is left to us.
    """

    standing: StandsOn
    id: Annotated[Id, At("erasure")]
    kind: Annotated[str, one_of(SUBJECTS)]
    dossier: Id
    reason: Annotated[str, one_of(REASONS)]
    commitment: Hash
    tombstones: Annotated[tuple[str, ...], hexadecimal_set(32, 1, 500)]
    counts: Counts
    requested: Instant
    shredded: Instant
    verified: Instant
    horizon: Instant
    method: Annotated[str, text()]
    at: Instant
