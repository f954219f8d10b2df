"""The certificate of destruction: what was destroyed, how and when, and the date by which all backups expire too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from vault.records.fields import At, Hash, Id, Instant, Number, hexadecimal_set, text, word
from vault.records.record import Record
from vault.records.standing import StandsOn
from vault.records.types.tombstone import REASONS, SUBJECTS

METHOD = "keys destroyed, generation turned, objects removed in all versions, absence verified"


@dataclass(frozen=True, slots=True)
class Counts:
    """The numbers of destroyed things."""

    documents: Number
    shares: Number
    objects: Number
    bytes: Number
    keys: Number


@dataclass(frozen=True, slots=True)
class Certificate(Record):
    """`id` is the erasure's; `commitment` commits to the client's name without revealing it; `tombstones` are hashes.

    `documents` is the Merkle root of the hashes of the documents' records. Each hash commits to its document: to its
    name and contents by the salted digest of its text, which only the client's copy opens.
    `horizon` is the moment after which we have no copy of the keystore with its generation key.
    """

    standing: StandsOn
    id: Annotated[Id, At("erasure")]
    kind: Annotated[str, word(SUBJECTS)]
    dossier: Id
    reason: Annotated[str, word(REASONS)]
    commitment: Hash
    documents: Hash
    tombstones: Annotated[tuple[str, ...], hexadecimal_set(32, 1, 500)]
    counts: Counts
    requested: Instant
    shredded: Instant
    verified: Instant
    horizon: Instant
    method: Annotated[str, text()]
    at: Instant
