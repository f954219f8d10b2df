"""The checkpoint: the installation's signature over the heads of all audit chains at one moment."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vault.records import read
from vault.records.encoding import format_instant, lp
from vault.records.envelope import Envelope
from vault.records.standing import Standing, read_standing


def leaf(dossier: str, sequence: int, head: str) -> bytes:
    """What a checkpoint says of one chain: SHA-256(lp(`vault/v1/checkpoint`, dossier, sequence, head))."""
    parts = (b"vault/v1/checkpoint", dossier.encode(), str(sequence).encode(), head.encode())
    return hashlib.sha256(lp(*parts)).digest()


def heads_digest(leaves: Iterable[bytes]) -> str:
    """SHA-256 over the leaves in the order of their dossiers' ids, hex."""
    whole = hashlib.sha256()
    for each in leaves:
        whole.update(each)
    return whole.hexdigest()


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """`heads` digests every chain's head, `ledger` is the newest tombstone's sequence; checkpoints form a chain too."""

    hash: str
    standing: Standing
    sequence: int
    previous: str | None
    chains: int
    heads: str
    ledger: int
    at: datetime
    signer: str

    def content(self) -> dict[str, Any]:
        """The fields of a new record of this checkpoint."""
        return {
            "roster": self.standing.to_json(),
            "sequence": self.sequence,
            "previous": self.previous,
            "chains": self.chains,
            "heads": self.heads,
            "ledger": self.ledger,
            "at": format_instant(self.at),
        }


def read_checkpoint(envelope: Envelope) -> Checkpoint:
    """What a checkpoint says; raises RecordError."""
    fields = envelope.fields
    return Checkpoint(
        hash=envelope.hash,
        standing=read_standing(fields),
        sequence=read.integer(fields, "sequence", least=1),
        previous=read.optional(read.digest, fields, "previous"),
        chains=read.integer(fields, "chains"),
        heads=read.digest(fields, "heads"),
        ledger=read.integer(fields, "ledger"),
        at=read.instant(fields, "at"),
        signer=envelope.signer,
    )
