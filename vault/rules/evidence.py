"""The evidence that a tombstone stands on, and what it permits (FORMAT.md, "Evidence"; promise R6).

A worker verifies it before it signs a tombstone, a reader before it believes one: either somebody who may ask for it
asked (the request), or a term is over (trajectories and their policies). The heads prove who held the dossier.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from vault.errors import IntegrityError
from vault.records import read
from vault.records.encoding import RecordError, lp
from vault.records.envelope import Envelope, from_json
from vault.records.standing import read_standing
from vault.records.types.erasure import BASES, STAFF, ErasureRequest
from vault.records.types.erasure_withdrawal import ErasureWithdrawal
from vault.records.types.policy import Policy
from vault.records.types.tombstone import RETENTION, Tombstone, retention_id
from vault.records.types.trajectory import Trajectory
from vault.rules.rights import Heads, check_signer, first_head
from vault.rules.rosters import Rosters
from vault.rules.terms import CLOCK_SLACK, Ended, destroy_on, start_of

MAX_EVIDENCE = 4 * 1024 * 1024
MAX_PARTS = 1000
_PARTS = (("heads", "dossier"), ("trajectories", "trajectory"), ("policies", "policy"))


class EvidenceError(IntegrityError):
    """Nothing that was signed permits this erasure."""

    code = "evidence_invalid"


@dataclass(frozen=True, slots=True)
class Evidence:
    """All versions of the dossier's head, and what permits: a request, or the current trajectories and policies."""

    heads: tuple[Envelope, ...]
    request: Envelope | None = None
    trajectories: tuple[Envelope, ...] = ()
    policies: tuple[Envelope, ...] = ()

    @property
    def digest(self) -> str:
        """What a tombstone says of its evidence: SHA-256(lp(`vault/v1/evidence`, record hashes in order)), hex."""
        hashes = (each.hash.encode() for each in self._all())
        return hashlib.sha256(lp(b"vault/v1/evidence", *hashes)).hexdigest()

    @property
    def roster(self) -> int:
        """The version of the newest roster that anything in it stands on."""
        return max(read_standing(each.fields).version for each in self._all())

    def to_json(self) -> dict[str, Any]:
        """As it stands in the ledger and in a certificate's file."""
        parts = {name: [each.to_json() for each in getattr(self, name)] for name, _ in _PARTS}
        return {"request": None if self.request is None else self.request.to_json(), **parts}

    def _all(self) -> Iterator[Envelope]:
        if self.request is not None:
            yield self.request
        yield from (*self.heads, *self.trajectories, *self.policies)


def read_evidence(value: dict[str, Any]) -> Evidence:
    """The evidence out of JSON, nothing of it verified yet; raises RecordError."""
    request = None if value.get("request") is None else from_json(read.mapping(value, "request"), "erasure")
    heads, trajectories, policies = (
        tuple(from_json(each, kind) for each in read.objects(value, name, least=0, most=MAX_PARTS))
        for name, kind in _PARTS
    )
    return Evidence(heads, request, trajectories, policies)


@dataclass(frozen=True, slots=True)
class Warrant:
    """What verified evidence permits: which erasure of which subjects, for which reason, from when until when.

    `documents` are ids, none of them means the whole dossier; `records` their records' hashes in the same order.
    `roster` is the version of the newest roster that anything in the evidence stands on.
    """

    evidence: str
    erasure: str
    dossier: str
    reason: str
    request: str | None
    signer: str | None
    documents: tuple[str, ...]
    records: tuple[str, ...]
    not_before: datetime
    expires: datetime | None
    roster: int

    def check(self, tombstone: Tombstone, rosters: Rosters) -> None:
        """Raise EvidenceError unless this is the evidence of the tombstone, and permits it at its time.

        Who asked must still have been a member when it was acted on. A tombstone stands on the newest roster there is,
        so on none older than its evidence: on the roster that she knew, somebody who left would still be a member.
        """
        said = (tombstone.evidence, tombstone.dossier, tombstone.reason, tombstone.request)
        if said != (self.evidence, self.dossier, self.reason, self.request):
            raise EvidenceError("a tombstone says something else than its evidence")
        if not self.covers(tombstone.kind, tombstone.subject):
            raise EvidenceError("a tombstone of what nobody asked to be destroyed")
        if tombstone.standing.version < self.roster:
            raise EvidenceError("a tombstone on an older roster than its evidence")
        if self.signer is not None and self.signer not in rosters.at(tombstone.standing).active:
            raise EvidenceError("an erasure by request of somebody who had left")
        if tombstone.at + CLOCK_SLACK < self.not_before:
            raise EvidenceError("a tombstone from before its day")
        if self.expires is not None and tombstone.at > self.expires:
            raise EvidenceError("a tombstone on a request that had expired")

    def covers(self, kind: str, subject: str) -> bool:
        """Whether that subject may go."""
        if self.documents:
            return kind == "document" and subject in self.documents
        return (kind, subject) == ("dossier", self.dossier)


def read_warrant(evidence: Evidence, rosters: Rosters) -> Warrant:
    """What the evidence permits, every record of it verified; raises EvidenceError, SignatureError, RosterError."""
    try:
        heads = heads_of(evidence, rosters)
        if evidence.request is None:
            return _term(evidence, rosters, heads)
        if evidence.trajectories or evidence.policies:
            raise EvidenceError("evidence with a request and with terms")
        check_signer(evidence.request, rosters, heads)
        asked = ErasureRequest.read(evidence.request)
        if asked.basis not in BASES:
            raise EvidenceError("a request on a basis that this software does not know")
    except RecordError as error:
        raise EvidenceError(f"the evidence cannot be read: {error}") from error
    return Warrant(
        evidence.digest,
        asked.id,
        asked.dossier,
        asked.basis,
        asked.hash,
        asked.signer,
        asked.documents,
        asked.records,
        asked.not_before,
        asked.expires,
        evidence.roster,
    )


def requested_records(evidence: Evidence) -> dict[str, str]:
    """The record hash of each document that the request names; empty without a request, and for a whole dossier."""
    if evidence.request is None:
        return {}
    asked = ErasureRequest.read(evidence.request)
    return dict(zip(asked.documents, asked.records, strict=False))


def taken_back(requests: Iterable[Envelope], withdrawals: Iterable[Envelope]) -> frozenset[str]:
    """The hashes of those requests that a withdrawal takes back; the signatures of both were verified before."""
    asked = {each.hash: ErasureRequest.read(each) for each in requests}
    found = set()
    for envelope in withdrawals:
        withdrawal = ErasureWithdrawal.read(envelope)
        request = asked.get(withdrawal.request)
        if request is None or request.basis != STAFF:
            continue
        if (request.dossier, request.id) == (withdrawal.dossier, withdrawal.id):
            found.add(request.hash)
    return frozenset(found)


def heads_of(evidence: Evidence, rosters: Rosters) -> Heads:
    """The dossier's heads, verified as a chain; raises EvidenceError, SignatureError, RosterError, RecordError."""
    if not evidence.heads:
        raise EvidenceError("evidence without the head of a dossier")
    heads = first_head(evidence.heads[0], rosters)
    for envelope in evidence.heads[1:]:
        heads = heads.append(envelope, rosters)
    return heads


def _term(evidence: Evidence, rosters: Rosters, heads: Heads) -> Warrant:
    """By retention: from the day on that the latest term of all trajectories gives."""
    day = _due(evidence, rosters, heads)
    if day is None:
        raise EvidenceError("the term of a dossier has not begun")
    return Warrant(
        evidence.digest,
        retention_id(heads.newest.id),
        heads.newest.id,
        RETENTION,
        request=None,
        signer=None,
        documents=(),
        records=(),
        not_before=start_of(day),
        expires=None,
        roster=evidence.roster,
    )


def due_of(evidence: Evidence, rosters: Rosters) -> date | None:
    """The day of destruction that trajectories and policies give, verified; None while one goes on."""
    try:
        return _due(evidence, rosters, heads_of(evidence, rosters))
    except RecordError as error:
        raise EvidenceError(f"the evidence cannot be read: {error}") from error


def _due(evidence: Evidence, rosters: Rosters, heads: Heads) -> date | None:
    months: dict[str, dict[str, int]] = {}
    for envelope in evidence.policies:
        check_signer(envelope, rosters)
        months[envelope.hash] = Policy.read(envelope).months
    terms: dict[str, Ended] = {}
    for envelope in evidence.trajectories:
        check_signer(envelope, rosters, heads)
        trajectory = Trajectory.read(envelope)
        if trajectory.policy not in months or trajectory.id in terms:
            raise EvidenceError("a trajectory under no policy, or two versions of one")
        terms[trajectory.id] = Ended.of(trajectory, months[trajectory.policy].get(heads.newest.kind))
    return destroy_on(terms.values())
