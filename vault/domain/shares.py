"""Shares and pick-ups: who may still fetch what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from vault.records.types.policy import Policy
from vault.records.types.share import COPY, DISCLOSURE, Share
from vault.rules.verdict import ALLOWED, Refused, Verdict

RESUME_WITHIN = timedelta(hours=1)
LONGEST_PICKUP = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class ShareRow:
    """One link. `possess` and `open` are SHA-256 of its proofs; `cover` is encrypted by the client and sealed."""

    id: str
    dossier: str
    record: str
    kind: str
    mode: str
    expires_at: datetime
    max: int
    used: int
    revoked_at: datetime | None
    possess: bytes
    open: bytes
    cover: bytes
    failures: int
    retry_at: datetime | None
    created_at: datetime
    creator: str

    def open_at(self, now: datetime) -> bool:
        """True while its page may be shown; whether a further pick-up is left is `spent`."""
        return self.revoked_at is None and now < self.expires_at

    @property
    def spent(self) -> bool:
        """True when every pick-up was used."""
        return self.used >= self.max


@dataclass(frozen=True, slots=True)
class EntryRow:
    """What a share holds of one document: name and type (`entry`), file key and record (`capsule`), sealed twice."""

    share: str
    document: str
    position: int
    entry: bytes
    capsule: bytes


@dataclass(frozen=True, slots=True)
class PickupRow:
    """One counted pick-up, named by its receiver (16 bytes, kept as SHA-256)."""

    share: str
    name: bytes
    started_at: datetime
    last_at: datetime
    finished_at: datetime | None = None

    def live(self, now: datetime) -> bool:
        """True while the same name may fetch again: an hour from the last segment, a day at most."""
        return now - self.last_at <= RESUME_WITHIN and now - self.started_at <= LONGEST_PICKUP


@dataclass(frozen=True, slots=True)
class DisclosureRow:
    """An append-only line: what was released, by which share and pick-up, when, under which consent."""

    share: str
    pickup: bytes
    document: str
    at: datetime
    consent: str | None


CLOCK_SKEW = timedelta(minutes=5)


def may_share(record: Share, policy: Policy, now: datetime) -> Verdict:
    """Whether the practice's policy lets this share be made now (R2: nothing to others without a consent)."""
    if record.kind == DISCLOSURE:
        return Refused("consent_required")
    if record.kind != COPY or not record.documents:
        return Refused("not_allowed")
    if not now < record.expires_at <= now + timedelta(days=policy.share_days) + CLOCK_SKEW:
        return Refused("limit")
    return ALLOWED if record.max <= policy.share_max else Refused("limit")
