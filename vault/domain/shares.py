"""Shares and pick-ups: who may still fetch what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from vault.domain.clock import from_ahead
from vault.domain.sessions import LONGEST_WAIT
from vault.records.types.share import Share
from vault.rules.terms import CLOCK_SLACK

RESUME_WITHIN = timedelta(hours=1)
LONGEST_PICKUP = timedelta(hours=24)
# How long an expired share keeps its key: for pick-ups under way, and in case the clock jumped.
EXPIRED_FOR = timedelta(hours=24)


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
    shredded_at: datetime | None = None

    @classmethod
    def of(cls, record: Share, cover: bytes, now: datetime) -> Self:
        """A link that nobody has used yet, as its record says; `cover` is sealed."""
        return cls(
            id=record.id,
            dossier=record.dossier,
            record=record.hash,
            kind=record.kind,
            mode=record.mode,
            expires_at=record.expires_at,
            max=record.max,
            used=0,
            revoked_at=None,
            possess=record.possess,
            open=record.open,
            cover=cover,
            failures=0,
            retry_at=None,
            created_at=now,
        )

    def open_at(self, now: datetime) -> bool:
        """True while its page may be shown; `spent` tells whether pick-ups are left."""
        return self.revoked_at is None and self.shredded_at is None and now < self.expires_at

    def waits(self, now: datetime) -> timedelta:
        """How long passphrases are refused still; not at all by failures from ahead of the clock."""
        left = timedelta(0) if self.retry_at is None else self.retry_at - now
        return left if left <= LONGEST_WAIT + CLOCK_SLACK else timedelta(0)

    @property
    def spent(self) -> bool:
        """True when every pick-up was used."""
        return self.left <= 0

    @property
    def left(self) -> int:
        """How many pick-ups may still begin."""
        return self.max - self.used


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One document of a share: name and type (`entry`), file key and record (`capsule`), sealed twice."""

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
        """True while the same receiver may fetch again: an hour after the last segment, a day at most.

        One that was counted ahead of the clock is over, else it would last until that day and longer.
        """
        if from_ahead(self.last_at, now) or from_ahead(self.started_at, now):
            return False
        return now - self.last_at <= RESUME_WITHIN and now - self.started_at <= LONGEST_PICKUP

    def holds(self, now: datetime) -> bool:
        """True while the share's key is kept for it: the day that it may take, or an hour after it was fetched whole.

        One that stands still keeps the key although it is not live: a clock that jumped ahead makes it look so.
        """
        if from_ahead(self.started_at, now):
            return False
        return now - self.started_at <= LONGEST_PICKUP and (self.finished_at is None or self.live(now))


@dataclass(frozen=True, slots=True)
class DisclosureRow:
    """An append-only line: the document released, by which share and pick-up, when, under which consent."""

    share: str
    pickup: bytes
    document: str
    at: datetime
    consent: str | None
