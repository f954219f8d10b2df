"""A dossier's day of destruction, by its trajectories' ends and the terms of their policies (R6)."""

from __future__ import annotations

from datetime import date, datetime

from vault.domain.dossiers import DossierRow, RecordState
from vault.flows.context import chain_envelope, restore
from vault.flows.dossiers.indexing import every_record
from vault.ports.store import Transaction
from vault.records.encoding import RecordError
from vault.records.types.policy import Policy
from vault.records.types.trajectory import Trajectory
from vault.rules.terms import Ended, destroy_on, start_of


def due_day(tx: Transaction, dossier: DossierRow) -> date | None:
    """The day of destruction by the signed records, None while the clock is stopped."""
    policies = {policy.hash: policy for policy in _policies(tx)}
    terms = []
    for row in every_record(tx, dossier.id, states=(RecordState.CURRENT,)):
        if row.kind == "trajectory":
            trajectory = Trajectory.read(restore("trajectory", row.record, row.signatures))
            if trajectory.policy not in policies:
                raise RecordError("a trajectory under a policy that is not the practice's")
            terms.append(Ended.of(trajectory, policies[trajectory.policy].months.get(dossier.kind)))
    return destroy_on(terms)


def set_clock(tx: Transaction, dossier: DossierRow) -> datetime | None:
    """Store the time of destruction in the dossier's row, so that a sweep finds it by a database index."""
    day = due_day(tx, dossier)
    moment = None if day is None else start_of(day)
    tx.set_destroy_on(dossier.id, moment)
    return moment


def _policies(tx: Transaction) -> list[Policy]:
    found: list[Policy] = []
    while page := tx.chain("policy", after=len(found)):
        found.extend(Policy.read(chain_envelope(row)) for row in page)
    return found
