"""The dossier record: the identity that a dossier is encrypted to, and its grantees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from vault.records.fields import At, Hash, Id, Instant, Ordinal, hexadecimal_set, one_of, text
from vault.records.record import Record
from vault.records.standing import StandsOn
from vault.records.types.roster import SUITE

KINDS = frozenset({"client", "commissioner"})
MAX_GRANTEES = 1000


@dataclass(frozen=True, slots=True)
class Dossier(Record):
    """One version of a dossier's head; a new identity raises `epoch`, anything else only `version`."""

    standing: StandsOn
    id: Annotated[Id, At("dossier")]
    version: Ordinal
    epoch: Ordinal
    previous: Hash | None
    kind: Annotated[str, one_of(KINDS)]
    suite: Annotated[str, one_of(frozenset({SUITE}))]
    recipient: Annotated[str, text(4000)]
    grantees: Annotated[tuple[str, ...], hexadecimal_set(16, 1, MAX_GRANTEES)]
    index: Hash | None
    at: Instant
