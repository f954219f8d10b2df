"""The tombstone: the installation's statement that a subject is erased for good, and the reason."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Annotated

from vault.records.encoding import RecordError
from vault.records.fields import At, Hash, Id, Instant, Ordinal, word
from vault.records.record import Record
from vault.records.standing import StandsOn

RETENTION = "retention"
REASONS = frozenset({RETENTION, "client", "staff"})
SUBJECTS = frozenset({"dossier", "document"})


def retention_id(dossier: str) -> str:
    """The id of a dossier's erasure by retention; derived, so that workers begin only one and members can find it."""
    return hashlib.sha256(b"vault/v1/retention" + dossier.encode()).hexdigest()[:32]


def installation_signer(public: bytes) -> str:
    """The signer's name of an installation key."""
    return f"installation:{public.hex()}"


@dataclass(frozen=True, slots=True)
class Tombstone(Record):
    """One entry of the ledger: `sequence` and `previous` chain all tombstones of the installation.

    `request` is the hash of the erasure request it answers, None where the term of retention had passed. `evidence`
    digests what proves either (`vault.rules.evidence`), and stands beside it in the ledger.
    """

    standing: StandsOn
    kind: Annotated[str, word(SUBJECTS), At("subject.kind")]
    subject: Annotated[Id, At("subject.id")]
    dossier: Id
    reason: Annotated[str, word(REASONS)]
    request: Hash | None
    evidence: Hash
    sequence: Ordinal
    previous: Hash | None
    at: Instant

    def check(self) -> None:
        """Raise RecordError unless a known reason is exactly one: a request or the term."""
        if self.reason in REASONS and (self.reason == RETENTION) != (self.request is None):
            raise RecordError("a tombstone answers a request, or the term had passed, and not both")
