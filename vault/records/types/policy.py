"""The policy: the practice's name, the terms of retention, and the limits of a share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from vault.records.fields import At, Hash, Instant, Ordinal, integers_of, text, whole
from vault.records.record import Record
from vault.records.standing import StandsOn

DEFAULT_MONTHS = {"client": 60, "commissioner": 60}
MAX_MONTHS = 60
MAX_DAYS = 90


@dataclass(frozen=True, slots=True)
class Policy(Record):
    """One version of the policy; `months` is the term of retention by kind of dossier, 60 at most (R6)."""

    standing: StandsOn
    version: Ordinal
    previous: Hash | None
    name: Annotated[str, text(200)]
    months: Annotated[dict[str, int], integers_of(tuple(DEFAULT_MONTHS), 1, MAX_MONTHS), At("retention")]
    share_days: Annotated[int, whole(1, MAX_DAYS), At("limits.share_days")]
    share_max: Annotated[int, whole(1, 10_000), At("limits.share_max")]
    at: Instant
