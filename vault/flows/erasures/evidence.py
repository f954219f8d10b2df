"""What was signed is gathered and judged before the worker destroys anything; rows alone are never believed.

The gateway's database role may insert an erasure, change its state, and change the day beside a dossier. None of that
is signed, so none of it destroys (FORMAT.md, "Evidence").
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from vault.domain.dossiers import RecordRow, RecordState
from vault.domain.erasures import AuditRow, ErasureRow
from vault.errors import IntegrityError
from vault.flows.context import chain_envelope, restore, rosters
from vault.flows.dossiers.indexing import every_record
from vault.ports.store import Transaction
from vault.records.encoding import RecordError
from vault.records.envelope import Envelope
from vault.records.strict_json import dump, parse_object
from vault.records.types.index import Index
from vault.records.types.tombstone import RETENTION, Tombstone
from vault.records.types.trajectory import Trajectory
from vault.rules.evidence import (
    MAX_EVIDENCE,
    Evidence,
    EvidenceError,
    Warrant,
    due_of,
    heads_of,
    read_evidence,
    read_warrant,
    taken_back,
)
from vault.rules.indexes import has_root, holds, stands_under
from vault.rules.rights import check_signer
from vault.rules.rosters import Rosters
from vault.rules.verdict import Refused

STATES = (RecordState.CURRENT, RecordState.RETIRED, RecordState.PENDING)
CHANGED, WITHDRAWN = "records_changed", "erasure_withdrawn"  # events of the audit


def of_erasure(tx: Transaction, erasure: ErasureRow) -> tuple[Evidence, Warrant]:
    """The evidence for an erasure that has not begun; raises EvidenceError where nothing signed permits it."""
    evidence = of_term(tx, erasure.dossier) if erasure.reason == RETENTION else _of_request(tx, erasure)
    return evidence, judged(tx, evidence)


def of_term(tx: Transaction, dossier: str) -> Evidence:
    """The newest version of every trajectory that was ever signed, whatever the state beside it says.

    A version that the audit mentions and nobody shows was taken away, and one that the newest index does not list was
    put in, perhaps signed by somebody who left: then nothing is due.
    """
    found: dict[str, tuple[int, Envelope]] = {}
    for row in every_record(tx, dossier, states=STATES):
        if row.kind == "trajectory":
            envelope = _envelope(row)
            version = Trajectory.read(envelope).version
            if version > found.get(row.subject, (0, envelope))[0]:
                found[row.subject] = version, envelope
    for trajectory, version in _mentioned(tx, dossier).items():
        if found.get(trajectory, (0, None))[0] < version:
            raise EvidenceError("a trajectory that the audit mentions is not there")
    trajectories = tuple(envelope for _, (_, envelope) in sorted(found.items()))
    _check_listed(tx, dossier, trajectories)
    named = sorted({str(each.fields["policy"]) for each in trajectories})
    policies = tuple(map(chain_envelope, tx.chain_by_hash("policy", named)))
    return Evidence(_heads(tx, dossier), None, trajectories, policies)


def check_heads(tx: Transaction, dossier: str) -> None:
    """Raise EvidenceError unless every head of the dossier is there, as it was signed.

    Without one of them nobody can tell who may ask: on an earlier head whoever lost her part since would still have it.
    """
    with _as_evidence():
        heads_of(Evidence(_heads(tx, dossier)), rosters(tx))


def _check_listed(tx: Transaction, dossier: str, trajectories: tuple[Envelope, ...]) -> None:
    """Raise EvidenceError unless the newest index lists each of them: signed by a holder, under the newest head."""
    row = tx.dossier(dossier)
    assert row is not None, "a dossier's row is there until it was destroyed"
    links, listed, chain = tx.indexes(dossier, after=row.sequence - 1, limit=2), tx.listed(dossier), rosters(tx)
    if len(links) != 1:
        raise EvidenceError("the newest index of a dossier is not there")
    with _as_evidence():
        heads = heads_of(Evidence(_heads(tx, dossier)), chain)
        envelope = restore("index", links[0].record, links[0].signatures)
        check_signer(envelope, chain, heads)
        index = Index.read(envelope)
    verdicts = (holds(index, heads), stands_under(index, heads.newest), has_root(index, listed))
    if any(isinstance(verdict, Refused) for verdict in verdicts):
        raise EvidenceError("the newest index of a dossier does not hold")
    if not {each.hash for each in trajectories} <= set(listed):
        raise EvidenceError("a trajectory that the newest index does not list")


def judged(tx: Transaction, evidence: Evidence) -> Warrant:
    """What it permits, every signature looked at; raises EvidenceError."""
    if len(to_bytes(evidence)) > MAX_EVIDENCE:
        raise EvidenceError("the evidence of an erasure is too large to be kept")
    return _judged(evidence, rosters(tx))


def check_begun(tx: Transaction, erasure: ErasureRow) -> None:
    """Raise EvidenceError unless the erasure stands on signed tombstones of these very subjects, and on evidence.

    A step that destroys asks this first: somebody may have written the state.
    """
    stones = [chain_envelope(row) for row in tx.chain_by_hash("tombstone", erasure.tombstones)]
    chain = rosters(tx)
    warrant = _judged(kept(erasure), chain)
    subjects: set[tuple[str, str]] = set()
    for envelope in stones:
        try:
            check_signer(envelope, chain)
        except IntegrityError as error:
            raise EvidenceError("an erasure without a tombstone that was signed here") from error
        tombstone = Tombstone.read(envelope)
        warrant.check(tombstone, chain)
        subjects.add((tombstone.kind, tombstone.subject))
    whole = (erasure.dossier, erasure.reason, erasure.request) == (warrant.dossier, warrant.reason, warrant.request)
    if not whole or subjects != set(subjects_of(erasure)):
        raise EvidenceError("an erasure of something else than its tombstones say")


def subjects_of(erasure: ErasureRow) -> list[tuple[str, str]]:
    """What an erasure makes a tombstone of: kind and id."""
    return [("document", each) for each in erasure.documents] or [("dossier", erasure.dossier)]


def kept(erasure: ErasureRow) -> Evidence:
    """The evidence that stands beside an erasure since it began; raises EvidenceError."""
    if erasure.evidence is None:
        raise EvidenceError("an erasure without evidence")
    try:
        return read_evidence(parse_object(erasure.evidence, limit=MAX_EVIDENCE))
    except RecordError as error:
        raise EvidenceError("the evidence of an erasure cannot be read") from error


def to_bytes(evidence: Evidence) -> bytes:
    """As it is kept."""
    return dump(evidence.to_json())


def _of_request(tx: Transaction, erasure: ErasureRow) -> Evidence:
    """The signed request, which no withdrawal has taken back."""
    row = tx.record(erasure.request or "")
    if row is None or (row.kind, row.dossier, row.subject) != ("erasure", erasure.dossier, erasure.id):
        raise EvidenceError("an erasure that nobody signed a request for")
    evidence = Evidence(_heads(tx, erasure.dossier), _envelope(row))
    if _withdrawn(tx, erasure, evidence):
        raise EvidenceError("an erasure whose request was taken back")
    return evidence


def _withdrawn(tx: Transaction, erasure: ErasureRow, evidence: Evidence) -> bool:
    """By a signed withdrawal, or by the audit, out of which a gateway takes nothing."""
    assert evidence.request is not None
    rows = [row for row in every_record(tx, erasure.dossier, states=STATES) if row.kind == "erasure_withdrawal"]
    valid = [each for each in map(_envelope, rows) if _signed(each, evidence, rosters(tx))]
    if taken_back([evidence.request], valid):
        return True
    said = (_details(entry) for entry in _audit(tx, erasure.dossier) if entry.event == WITHDRAWN)
    return any(details.get("erasure") == erasure.id for details in said)


def _signed(withdrawal: Envelope, evidence: Evidence, chain: Rosters) -> bool:
    try:
        check_signer(withdrawal, chain, heads_of(evidence, chain))
    except (IntegrityError, RecordError):
        return False
    return True


def _heads(tx: Transaction, dossier: str) -> tuple[Envelope, ...]:
    rows = [row for row in every_record(tx, dossier, states=STATES) if row.kind == "dossier"]
    return tuple(sorted(map(_envelope, rows), key=lambda envelope: int(envelope.fields["version"])))


def due(tx: Transaction, evidence: Evidence) -> date | None:
    """The day of destruction that the gathered trajectories give; raises EvidenceError."""
    with _as_evidence():
        return due_of(evidence, rosters(tx))


def _judged(evidence: Evidence, chain: Rosters) -> Warrant:
    with _as_evidence():
        return read_warrant(evidence, chain)


@contextmanager
def _as_evidence() -> Iterator[None]:
    try:
        yield
    except EvidenceError:
        raise
    except IntegrityError as error:
        raise EvidenceError(f"the evidence of an erasure does not hold: {error}") from error


def _envelope(row: RecordRow) -> Envelope:
    try:
        envelope = restore(row.kind, row.record, row.signatures)
    except IntegrityError as error:
        raise EvidenceError("evidence that is damaged") from error
    if envelope.hash != row.hash:
        raise EvidenceError("evidence under another's name")
    return envelope


def _mentioned(tx: Transaction, dossier: str) -> dict[str, int]:
    """The newest version of each trajectory that the audit has heard of."""
    found: dict[str, int] = {}
    for entry in _audit(tx, dossier):
        if entry.event == CHANGED:
            for each in str(_details(entry).get("trajectories", "")).split():
                trajectory, _, version = each.partition(":")
                found[trajectory] = max(found.get(trajectory, 0), int(version))
    return found


def _audit(tx: Transaction, dossier: str) -> Iterator[AuditRow]:
    after = 0
    while page := tx.audit(dossier, after=after):
        yield from page
        after = page[-1].sequence


def _details(entry: AuditRow) -> dict[str, object]:
    return {} if entry.details is None else parse_object(entry.details, limit=MAX_EVIDENCE)
