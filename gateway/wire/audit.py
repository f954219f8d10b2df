"""The ledger of tombstones, the checkpoints, and each dossier's audit chain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import Field

from gateway.wire.fields import Base64, Body, Count, Hash, Instant, RequestBody, Signed
from gateway.wire.pages import next_after
from vault.domain.erasures import AuditRow
from vault.flows.context import ChainPage
from vault.flows.erasures import ledger
from vault.records.envelope import Envelope
from vault.rules import evidence as rules

Details = Annotated[bytes, Base64(1, 16_384)]
Leaves = Annotated[bytes, Base64(0, 2**30)]


class Evidence(Body):
    """What permits an erasure: all heads of the dossier, and the request or the trajectories with their policies."""

    request: Annotated[Envelope, Signed("erasure")] | None
    heads: list[Annotated[Envelope, Signed("dossier")]]
    trajectories: list[Annotated[Envelope, Signed("trajectory")]]
    policies: list[Annotated[Envelope, Signed("policy")]]

    @classmethod
    def of(cls, evidence: rules.Evidence) -> Self:
        """As it is kept."""
        return cls(
            request=evidence.request,
            heads=list(evidence.heads),
            trajectories=list(evidence.trajectories),
            policies=list(evidence.policies),
        )

    def to_flow(self) -> rules.Evidence:
        """As the rules take it, nothing of it verified."""
        return rules.Evidence(tuple(self.heads), self.request, tuple(self.trajectories), tuple(self.policies))


class LedgerEntry(Body):
    """A tombstone; its evidence is null where it stands beside an earlier one of the same erasure."""

    tombstone: Annotated[Envelope, Signed("tombstone")]
    evidence: Evidence | None

    @classmethod
    def of(cls, entry: ledger.LedgerEntry) -> Self:
        """As the ledger has it."""
        evidence = None if entry.evidence is None else Evidence.of(entry.evidence)
        return cls(tombstone=entry.tombstone, evidence=evidence)


class ShownBefore(RequestBody):
    """What a device has seen of the installation's signatures: its newest checkpoint, the ledger as it stood."""

    limit = 2 * rules.MAX_EVIDENCE
    checkpoint: Annotated[Envelope, Signed("checkpoint")] | None = None
    tombstones: Annotated[list[LedgerEntry], Field(max_length=rules.MAX_PARTS, fail_fast=True)]

    def entries(self) -> list[ledger.LedgerEntry]:
        """The ledger as the flows take it."""
        return [
            ledger.LedgerEntry(each.tombstone, None if each.evidence is None else each.evidence.to_flow())
            for each in self.tombstones
        ]


class Undecided(Body):
    """`frozen`: the records lack something that was shown, and a director has not decided on it yet."""

    frozen: bool


class Tombstones(Body):
    """The ledger, ascending by sequence."""

    items: list[LedgerEntry]
    next: Count | None

    @classmethod
    def page(cls, found: ledger.Entries) -> Self:
        """A page; what is damaged is left out of it."""
        return cls(items=[LedgerEntry.of(each) for each in found.items], next=found.next)


class Checkpoints(Body):
    """Checkpoints, ascending by sequence."""

    items: list[Annotated[Envelope, Signed("checkpoint")]]
    next: Count | None

    @classmethod
    def page(cls, chain: ChainPage) -> Self:
        """A page; what is damaged is left out of it."""
        return cls(items=list(chain.items), next=chain.next)


class NewestCheckpoint(Body):
    """The newest checkpoint and the leaves it digested, 32 bytes each: a reader recognises those of its own chains."""

    checkpoint: Annotated[Envelope, Signed("checkpoint")]
    leaves: Leaves


class AuditEntry(Body):
    """One entry of a dossier's chain; `details` are null once they are forgotten; the chain still verifies."""

    sequence: Count
    previous: Hash
    hash: Hash
    at: Instant
    event: str
    actor: str
    digest: Hash
    details: Details | None

    @classmethod
    def of(cls, row: AuditRow) -> Self:
        """From the stored row, without the dossier, which the caller knows."""
        return cls(
            sequence=row.sequence,
            previous=row.previous,
            hash=row.hash,
            at=row.at,
            event=row.event,
            actor=row.actor,
            digest=row.digest,
            details=row.details,
        )


class Audit(Body):
    """A page of a dossier's chain, ascending by sequence."""

    items: list[AuditEntry]
    next: Count | None

    @classmethod
    def page(cls, rows: Sequence[AuditRow], limit: int) -> Self:
        """A page of at most `limit`."""
        last = next_after(rows, limit)
        return cls(items=[AuditEntry.of(row) for row in rows], next=None if last is None else last.sequence)
