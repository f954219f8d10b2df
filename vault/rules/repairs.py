"""Which repair counts: one that a director signed, who is still one (FORMAT.md "Repairs")."""

from __future__ import annotations

from vault.records.envelope import Envelope
from vault.records.types.repair import Repair
from vault.rules.rights import check_signer
from vault.rules.rosters import Rosters
from vault.rules.verdict import Refused


def read_repair(envelope: Envelope, rosters: Rosters) -> Repair | Refused:
    """The verified repair, or that its signer has left since; raises SignatureError, RosterError, RecordError.

    What somebody signed who is gone sets nothing aside for a device that sees it now: a director who is there repeats
    it, or does not.
    """
    check_signer(envelope, rosters)
    repair = Repair.read(envelope)
    return repair if repair.signer in rosters.newest.directors else Refused("quarantined")
