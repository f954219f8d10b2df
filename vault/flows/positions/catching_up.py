"""Records that were put back get what cannot be lost: rosters, policies and tombstones, from their copies.

Each is judged again as a reader judges it: a copy that does not follow the chain changes nothing. An erasure that had
begun begins again, with the tombstones that it has. Sessions end: passwords and members may be older than they were.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from vault.domain.erasures import ErasureRow, ErasureState
from vault.errors import IntegrityError
from vault.flows.context import Ports, chain_envelope, chain_record, rosters
from vault.flows.erasures.beginning import begin
from vault.flows.erasures.evidence import to_bytes
from vault.flows.erasures.ledger import ledger_name, read_entry
from vault.flows.erasures.requesting import commitment_of
from vault.flows.people.rosters import newest_policy
from vault.flows.positions.copies import chain_copy, copied, fetch
from vault.ports.store import Named, Transaction
from vault.records.envelope import Envelope, from_json
from vault.records.types.policy import Policy
from vault.records.types.tombstone import Tombstone
from vault.rules.evidence import Evidence, Warrant, read_warrant
from vault.rules.rights import check_signer
from vault.rules.verdict import Refused
from vault.rules.versions import next_signed, next_version

logger = logging.getLogger("worker")
SESSIONS = Named("sessions")


@dataclass(frozen=True, slots=True)
class Stone:
    """An entry of the ledger, its tombstone read."""

    envelope: Envelope
    tombstone: Tombstone
    evidence: Evidence | None


def catch_up(ports: Ports, ledger: int, audit: int, now: datetime) -> None:
    """Bring the chains up to their copies and to tombstone `ledger`; end the sessions, once for each put-back.

    `audit` is how far the worker had seen the records. Raises IntegrityError where a copy does not follow.
    """
    with ports.store.reading() as tx:
        there = tx.position()
    # Only a director ends it: also where no entry of the audit was lost, and each tombstone brings one.
    reached = there.audit + max(0, ledger - there.ledger)
    if reached >= audit:
        audit = reached + 1
        ports.keystore.witness(audit)
    _end_sessions(ports, audit, now)
    _roster_chain(ports)
    _policy_chain(ports)
    _tombstones(ports, ledger, now)


def _end_sessions(ports: Ports, audit: int, now: datetime) -> None:
    mark = f"put back below {audit}"
    with ports.store.transaction(SESSIONS) as tx:
        if mark not in tx.heartbeats():
            tx.end_sessions()
            for invitation in tx.invitations():  # some were used or revoked since
                tx.remove_invitation(invitation.id)
            tx.beat(mark, now)


def _roster_chain(ports: Ports) -> None:
    for version in _lacking(ports, "roster"):
        envelope = from_json(chain_copy(ports, "roster", version), "roster")
        with ports.store.transaction() as tx:
            chain = rosters(tx).append(envelope)
            tx.add_chain(chain_record(envelope, chain.newest.version))


def _policy_chain(ports: Ports) -> None:
    for version in _lacking(ports, "policy"):
        envelope = from_json(chain_copy(ports, "policy", version), "policy")
        with ports.store.transaction() as tx:
            check_signer(envelope, rosters(tx))
            if isinstance(next_version(Policy.read(envelope), newest_policy(tx)), Refused):
                raise IntegrityError(f"the copy of policy {version} does not follow the one before it")
            tx.add_chain(chain_record(envelope, version))


def _lacking(ports: Ports, kind: str) -> range:
    with ports.store.reading() as tx:
        newest = tx.newest(kind)
    known = 0 if newest is None else newest.version
    return range(known + 1, copied(ports, kind, known) + 1)


def _tombstones(ports: Ports, end: int, now: datetime) -> None:
    with ports.store.reading() as tx:
        newest = tx.newest("tombstone")
    first = 1 if newest is None else newest.version + 1
    stones = (_read(ports, sequence) for sequence in range(first, end + 1))
    for _, group in groupby(stones, key=lambda stone: stone.tombstone.evidence):
        with ports.store.transaction() as tx:
            put_in(tx, list(group), now)
    if first <= end:
        logger.warning("tombstones put back into the records", extra={"fields": {"from": first, "to": end}})


def _read(ports: Ports, sequence: int) -> Stone:
    """From its copy among the objects; where they were put back too, from the keystore's."""
    name = ledger_name(sequence)
    kept = [] if ports.objects.size(name) is not None else ports.keystore.ledger(after=sequence - 1, limit=1)
    if kept and kept[0].sequence == sequence:
        return stone_of(kept[0].entry)
    return stone_of(fetch(ports, name))


def stone_of(raw: bytes) -> Stone:
    """An entry of the ledger as it lies there; raises RecordError."""
    entry = read_entry(raw)
    return Stone(entry.tombstone, Tombstone.read(entry.tombstone), entry.evidence)


def put_in(tx: Transaction, stones: Sequence[Stone], now: datetime) -> None:
    """The tombstones of one erasure, and the erasure itself where its dossier is there.

    Raises IntegrityError for tombstones that do not follow the newest one, or that nothing permits.
    """
    warrant, evidence = judged(tx, stones)
    for stone in _following(tx, stones):
        tx.add_chain(chain_record(stone.envelope, stone.tombstone.sequence))
    erasure = erasure_of(tx, stones, warrant)
    if erasure is not None:
        signed = tuple(each.envelope.hash for each in stones)
        begin(tx, replace(erasure, tombstones=signed, evidence=to_bytes(evidence)), now)


def judged(tx: Transaction, stones: Sequence[Stone]) -> tuple[Warrant, Evidence]:
    """What the evidence of one erasure permits, and that it permits its tombstones; raises IntegrityError."""
    chain, evidence = rosters(tx), next((each.evidence for each in stones if each.evidence is not None), None)
    if evidence is None:
        raise IntegrityError("a tombstone without evidence in the ledger")
    warrant = read_warrant(evidence, chain)
    for stone in stones:
        check_signer(stone.envelope, chain)
        warrant.check(stone.tombstone, chain)
    return warrant, evidence


def erasure_of(tx: Transaction, stones: Sequence[Stone], warrant: Warrant) -> ErasureRow | None:
    """The erasure that these tombstones began, put in where it is not there; None where its dossier is not."""
    if tx.dossier(warrant.dossier) is None:
        return None
    first = stones[0].tombstone
    subjects = () if first.kind == "dossier" else tuple(each.tombstone.subject for each in stones)
    erasure = ErasureRow(
        id=warrant.erasure,
        dossier=warrant.dossier,
        documents=subjects,
        reason=first.reason,
        request=first.request,
        state=ErasureState.REQUESTED,
        commitment=commitment_of(tx, warrant.dossier),
        requested_at=first.at,
        not_before=first.at,
    )
    if tx.erasure(erasure.id) is None:
        tx.add_erasure(erasure)
    return erasure


def _following(tx: Transaction, stones: Sequence[Stone]) -> Iterator[Stone]:
    newest = tx.newest("tombstone")
    before = None if newest is None else Tombstone.read(chain_envelope(newest))
    for stone in stones:
        if isinstance(next_signed(stone.tombstone, before), Refused):
            raise IntegrityError(f"tombstone {stone.tombstone.sequence} does not follow the one before it")
        before = stone.tombstone
        yield stone
