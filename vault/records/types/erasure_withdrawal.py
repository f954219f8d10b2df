"""The withdrawal of an erasure request: from here on it is no warrant any more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from vault.records.fields import At, Hash, Id, Instant
from vault.records.seen import MemberRecord
from vault.records.standing import StandsOn


@dataclass(frozen=True, slots=True)
class ErasureWithdrawal(MemberRecord):
    """Takes back the request of that id and hash. What the client asked is taken back by nobody (`vault.rules`)."""

    standing: StandsOn
    dossier: Id
    id: Annotated[Id, At("erasure")]
    request: Hash
    at: Instant
