"""Adds versions of a dossier's records with the index that lists them, or sets only the next index."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from vault.domain.dossiers import DossierRow, RecordState
from vault.flows.answers import NOT_FOUND, Stale, decide
from vault.flows.audit.auditing import note
from vault.flows.context import Caller, Ports, held
from vault.flows.dossiers.closing import set_clock
from vault.flows.dossiers.indexing import Advanced, advance, every_record, newest_head
from vault.flows.dossiers.sealing import NewRecord, check_text, envelope_of, sealed_row
from vault.flows.new_records import check_record
from vault.ports.store import Transaction
from vault.records.encoding import RecordError
from vault.records.envelope import Envelope
from vault.records.table import subject_of as subject_id
from vault.records.table import type_of
from vault.records.types.trajectory import Trajectory
from vault.rules.terms import may_end
from vault.rules.verdict import Refused
from vault.rules.versions import Version, next_version


def add_records(
    ports: Ports, caller: Caller, dossier: str, new: Sequence[NewRecord], index: Envelope, now: datetime
) -> Advanced | Stale | Refused:
    """Add versions of profile or trajectory together with the index that lists them."""
    for record in new:
        if not type_of(record.envelope.kind).versioned:
            raise RecordError(f"a {record.envelope.kind} record does not come this way")
        check_text(record)
    rows = [sealed_row(ports, dossier, record, RecordState.PENDING, now) for record in new]

    def work(tx: Transaction) -> Advanced | Stale | Refused:
        row = held(tx, caller, dossier)
        if row is None:
            return NOT_FOUND
        if index.hash == row.index:
            return Advanced(row.sequence, row.index)
        heads = newest_head(tx, row)
        for record, sealed in zip(new, rows, strict=True):
            check_record(tx, record.envelope, heads)
            if refused := _check_version(tx, row, record.envelope) or check_end(record.envelope, now):
                return refused
            tx.add_record(sealed)
        advanced = advance(tx, caller, row, index, now)
        if isinstance(advanced, Advanced):
            set_clock(tx, row)
            if any(record.envelope.kind == "profile" for record in new):
                tx.clear_labels(dossier)
            changed = {"index": advanced.index, "trajectories": _versions(new)}
            note(tx, dossier, "records_changed", caller.member, now, **changed)
        return advanced

    return decide(ports.store, work, dossier)


def _check_version(tx: Transaction, dossier: DossierRow, envelope: Envelope) -> Refused | None:
    """Check that the version follows the newest one; a new record begins at 1."""
    subject = subject_id(envelope, envelope.kind)
    before = [
        row
        for row in every_record(tx, dossier.id, states=(RecordState.CURRENT,))
        if row.kind == envelope.kind and row.subject == subject
    ]
    verdict = next_version(_version(envelope), _version(envelope_of(before[-1])) if before else None)
    return verdict if isinstance(verdict, Refused) else None


def _versions(new: Sequence[NewRecord]) -> str:
    """`<id>:<version>` of each trajectory, by which a worker notices that one was taken away."""
    found = (record.envelope.fields for record in new if record.envelope.kind == "trajectory")
    return " ".join(f"{fields['trajectory']}:{fields['version']}" for fields in found)


def check_end(envelope: Envelope, now: datetime) -> Refused | None:
    """A record that ends a trajectory is signed by a clock that goes right."""
    if envelope.kind != "trajectory":
        return None
    verdict = may_end(Trajectory.read(envelope), now)
    return verdict if isinstance(verdict, Refused) else None


def _version(envelope: Envelope) -> Version:
    record = type_of(envelope.kind).cls.read(envelope)
    assert isinstance(record, Version), "what the index lists by version has one"
    return record


def advance_index(
    ports: Ports, caller: Caller, dossier: str, envelope: Envelope, now: datetime
) -> Advanced | Stale | Refused:
    """Accept the next index; see `vault.flows.dossiers.indexing.advance`."""

    def work(tx: Transaction) -> Advanced | Stale | Refused:
        row = held(tx, caller, dossier)
        return NOT_FOUND if row is None else advance(tx, caller, row, envelope, now)

    return decide(ports.store, work, dossier)
