"""The certificate of destruction: what was destroyed, how, when, and from when no backup of ours holds it either."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vault.records import read
from vault.records.encoding import format_instant
from vault.records.envelope import Envelope
from vault.records.standing import Standing, read_standing
from vault.records.types.tombstone import REASONS, SUBJECTS

METHOD = "keys destroyed, generation turned, objects removed in all versions, absence verified"


@dataclass(frozen=True, slots=True)
class Counts:
    """What went: numbers only."""

    documents: int
    shares: int
    objects: int
    bytes: int
    keys: int


@dataclass(frozen=True, slots=True)
class Certificate:
    """`id` is the erasure's; `commitment` binds the client's name without saying it; `tombstones` are hashes.

    `horizon` is the moment from which no copy of the keystore with its generation key is left to us.
    """

    hash: str
    standing: Standing
    id: str
    kind: str
    dossier: str
    reason: str
    commitment: str
    tombstones: tuple[str, ...]
    counts: Counts
    requested: datetime
    shredded: datetime
    verified: datetime
    horizon: datetime
    method: str
    at: datetime
    signer: str

    def content(self) -> dict[str, Any]:
        """The fields of a new record of this certificate."""
        counts = self.counts
        return {
            "roster": self.standing.to_json(),
            "erasure": self.id,
            "kind": self.kind,
            "dossier": self.dossier,
            "reason": self.reason,
            "commitment": self.commitment,
            "tombstones": sorted(self.tombstones),
            "counts": {
                "documents": counts.documents,
                "shares": counts.shares,
                "objects": counts.objects,
                "bytes": counts.bytes,
                "keys": counts.keys,
            },
            "requested": format_instant(self.requested),
            "shredded": format_instant(self.shredded),
            "verified": format_instant(self.verified),
            "horizon": format_instant(self.horizon),
            "method": self.method,
            "at": format_instant(self.at),
        }


def read_certificate(envelope: Envelope) -> Certificate:
    """What a certificate says; raises RecordError."""
    fields = envelope.fields
    counts = read.mapping(fields, "counts")
    return Certificate(
        hash=envelope.hash,
        standing=read_standing(fields),
        id=read.identifier(fields, "erasure"),
        kind=read.one_of(fields, "kind", SUBJECTS),
        dossier=read.identifier(fields, "dossier"),
        reason=read.one_of(fields, "reason", REASONS),
        commitment=read.digest(fields, "commitment"),
        tombstones=read.sorted_hexadecimal(fields, "tombstones", 32, least=1, most=500),
        counts=Counts(
            *(read.integer(counts, name) for name in ("documents", "shares", "objects", "bytes", "keys")),
        ),
        requested=read.instant(fields, "requested"),
        shredded=read.instant(fields, "shredded"),
        verified=read.instant(fields, "verified"),
        horizon=read.instant(fields, "horizon"),
        method=read.text(fields, "method"),
        at=read.instant(fields, "at"),
        signer=envelope.signer,
    )
