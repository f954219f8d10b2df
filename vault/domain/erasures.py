"""An erasure's way from request to certificate: one commit a step, every step repeatable (design section 3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from vault.domain.transitions import Transitions
from vault.records.types.certificate import Counts

HORIZON = timedelta(days=14)  # the oldest escrow copy that may still hold a generation key
LATE_AFTER = timedelta(days=1)


class ErasureState(StrEnum):
    """`requested`: can be withdrawn; `begun`: access is off, irreversible; `fenced`: no deposit is being written.

    `shredded`: no key is left; `removed`: no object is left; `verified`: listed again, and unsealing failed;
    `certified`: the end; `withdrawn`: taken back, or superseded by another erasure.
    """

    REQUESTED = "requested"
    BEGUN = "begun"
    FENCED = "fenced"
    SHREDDED = "shredded"
    REMOVED = "removed"
    VERIFIED = "verified"
    CERTIFIED = "certified"
    WITHDRAWN = "withdrawn"


ERASURE_TRANSITIONS: Transitions[ErasureState] = frozenset(
    {
        (ErasureState.REQUESTED, ErasureState.WITHDRAWN),
        (ErasureState.REQUESTED, ErasureState.BEGUN),
        (ErasureState.BEGUN, ErasureState.FENCED),
        (ErasureState.FENCED, ErasureState.SHREDDED),
        (ErasureState.SHREDDED, ErasureState.REMOVED),
        (ErasureState.REMOVED, ErasureState.VERIFIED),
        (ErasureState.VERIFIED, ErasureState.CERTIFIED),
    }
)
OVER = frozenset({ErasureState.CERTIFIED, ErasureState.WITHDRAWN})
NO_COUNTS = Counts(documents=0, shares=0, objects=0, bytes=0, keys=0)


@dataclass(frozen=True, slots=True)
class ErasureRow:
    """One erasure. `documents` are the ids to erase, empty for the whole dossier; `request` hashes the signed request.

    `request` is None when the term of retention began the erasure. `tombstones` are hashes of the signed tombstones,
    `evidence` is the JSON text of what they stand on, `destroyed` are the hashes of the documents' records, sorted.
    """

    id: str
    dossier: str
    documents: tuple[str, ...]
    reason: str
    request: str | None
    state: ErasureState
    commitment: str
    requested_at: datetime
    not_before: datetime
    shredded_at: datetime | None = None
    verified_at: datetime | None = None
    counts: Counts = field(default=NO_COUNTS)
    tombstones: tuple[str, ...] = ()
    certificate: bytes | None = None
    evidence: bytes | None = None
    destroyed: tuple[str, ...] = ()

    @property
    def under_way(self) -> bool:
        """Whether it has begun or is done: its documents belong to this erasure and to no other."""
        return self.state not in {ErasureState.REQUESTED, ErasureState.WITHDRAWN}

    @property
    def whole(self) -> bool:
        """Whether it erases the whole dossier."""
        return not self.documents


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A member's signed check of an erasure's certificate."""

    erasure: str
    member: str
    envelope: bytes


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One entry of a dossier's chain: pseudonyms only; `details` can be deleted without breaking the chain."""

    dossier: str
    sequence: int
    previous: str
    hash: str
    at: datetime
    event: str
    actor: str
    digest: str
    details: bytes | None


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """An entry of the keystore's ledger: the JSON text of a tombstone and its evidence under its sequence."""

    sequence: int
    entry: bytes
