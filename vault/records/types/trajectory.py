"""The trajectory record: the start and the end of guidance; the end starts the clock of retention."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from vault.records.encoding import RecordError
from vault.records.fields import At, Day, Flag, Hash, Id, Instant, Ordinal
from vault.records.seen import MemberRecord
from vault.records.standing import StandsOn


@dataclass(frozen=True, slots=True)
class Trajectory(MemberRecord):
    """One version of a trajectory; `policy` is the hash of the policy with its term. Dates are local.

    `grace`: the dossier stays for 30 days at least after this record was signed, whatever day `end` is. Only a
    director signs a record without it.
    """

    standing: StandsOn
    dossier: Id
    id: Annotated[Id, At("trajectory")]
    version: Ordinal
    previous: Hash | None
    start: Day
    end: Day | None
    policy: Hash
    grace: Flag
    at: Instant

    def check(self) -> None:
        """Raise RecordError when it ends before it starts."""
        if self.end is not None and self.end < self.start:
            raise RecordError("a trajectory ends before it starts")
