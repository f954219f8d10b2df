"""The checkpoint: the installation's signature over the heads of all audit chains at one moment."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from vault.records.encoding import lp
from vault.records.fields import Hash, Instant, Number, Ordinal
from vault.records.record import Record
from vault.records.standing import StandsOn


def leaf(dossier: str, sequence: int, head: str) -> bytes:
    """One chain's leaf in a checkpoint: SHA-256(lp(`vault/v1/checkpoint`, dossier, sequence, head))."""
    parts = (b"vault/v1/checkpoint", dossier.encode(), str(sequence).encode(), head.encode())
    return hashlib.sha256(lp(*parts)).digest()


def heads_digest(leaves: Iterable[bytes]) -> str:
    """SHA-256 over the leaves in the order of their dossiers' ids, hex."""
    whole = hashlib.sha256()
    for each in leaves:
        whole.update(each)
    return whole.hexdigest()


@dataclass(frozen=True, slots=True)
class Checkpoint(Record):
    """`heads` digests every chain's head, `ledger` is the newest tombstone's sequence; checkpoints form a chain too."""

    standing: StandsOn
    sequence: Ordinal
    previous: Hash | None
    chains: Number
    heads: Hash
    ledger: Number
    at: Instant
