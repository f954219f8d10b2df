"""The dossier record: the identity that a dossier is encrypted to, and its grantees."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from vault.records.encoding import RecordError
from vault.records.fields import At, Hash, Id, Instant, Listed, Ordinal, text, word
from vault.records.seen import MemberRecord
from vault.records.standing import StandsOn

KINDS = frozenset({"client", "commissioner"})
MAX_GRANTEES = 1000
# What a grantee may do in this dossier; what she is in the practice stands in the roster alone (decision 0030).
HOLDER = "holder"
GRANTS = frozenset({HOLDER})


@dataclass(frozen=True, slots=True)
class Grantee:
    """Somebody whom the dossier's identity is wrapped for; a role that this software does not know gives no right."""

    id: Id
    role: Annotated[str, word(GRANTS)]


@dataclass(frozen=True, slots=True)
class Dossier(MemberRecord):
    """One version of a dossier's head; a new identity raises `epoch`, anything else only `version`."""

    standing: StandsOn
    id: Annotated[Id, At("dossier")]
    version: Ordinal
    epoch: Ordinal
    previous: Hash | None
    kind: Annotated[str, word(KINDS)]
    suite: Annotated[str, text(32)]
    recipient: Annotated[str, text(4000)]
    grantees: Annotated[tuple[Grantee, ...], Listed(1, MAX_GRANTEES)]
    index: Hash | None
    at: Instant

    @property
    def members(self) -> frozenset[str]:
        """The ids of all grantees: everybody who can open it."""
        return frozenset(each.id for each in self.grantees)

    @property
    def holders(self) -> frozenset[str]:
        """The ids of the grantees who may sign what belongs to the dossier."""
        return frozenset(each.id for each in self.grantees if each.role == HOLDER)

    def check(self) -> None:
        """Raise RecordError unless every grantee stands once, in order: a set has one spelling."""
        ids = [each.id for each in self.grantees]
        if ids != sorted(set(ids)):
            raise RecordError("the grantees of a dossier are sorted by id, each once")


def holders_of(ids: Iterable[str]) -> tuple[Grantee, ...]:
    """These members, each as a holder, in order."""
    return tuple(Grantee(each, HOLDER) for each in sorted(ids))
