"""The tombstone: the installation says that a subject is gone for good, and why it had to go."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vault.records import read
from vault.records.encoding import RecordError, format_instant
from vault.records.envelope import Envelope
from vault.records.standing import Standing, read_standing

RETENTION = "retention"
REASONS = frozenset({RETENTION, "client", "staff"})
SUBJECTS = frozenset({"dossier", "document"})


def retention_id(dossier: str) -> str:
    """The id of the one erasure that retention begins for a dossier: two workers begin it once, members find it."""
    return hashlib.sha256(b"vault/v1/retention" + dossier.encode()).hexdigest()[:32]


def installation_signer(public: bytes) -> str:
    """How an installation key is named as a signer."""
    return f"installation:{public.hex()}"


@dataclass(frozen=True, slots=True)
class Tombstone:
    """One entry of the ledger: `sequence` and `previous` chain all tombstones of the installation.

    `request` is the hash of the erasure request it answers, None where the term of retention had passed.
    """

    hash: str
    standing: Standing
    kind: str
    subject: str
    dossier: str
    reason: str
    request: str | None
    sequence: int
    previous: str | None
    at: datetime
    signer: str

    def content(self) -> dict[str, Any]:
        """The fields of a new record of this tombstone."""
        return {
            "roster": self.standing.to_json(),
            "subject": {"kind": self.kind, "id": self.subject},
            "dossier": self.dossier,
            "reason": self.reason,
            "request": self.request,
            "sequence": self.sequence,
            "previous": self.previous,
            "at": format_instant(self.at),
        }


def read_tombstone(envelope: Envelope) -> Tombstone:
    """What a tombstone says; raises RecordError."""
    fields = envelope.fields
    subject = read.mapping(fields, "subject")
    reason, request = read.one_of(fields, "reason", REASONS), read.optional(read.digest, fields, "request")
    if (reason == RETENTION) != (request is None):
        raise RecordError("a tombstone answers a request, or the term had passed, and not both")
    return Tombstone(
        hash=envelope.hash,
        standing=read_standing(fields),
        kind=read.one_of(subject, "kind", SUBJECTS),
        subject=read.identifier(subject, "id"),
        dossier=read.identifier(fields, "dossier"),
        reason=reason,
        request=request,
        sequence=read.integer(fields, "sequence", least=1),
        previous=read.optional(read.digest, fields, "previous"),
        at=read.instant(fields, "at"),
        signer=envelope.signer,
    )
