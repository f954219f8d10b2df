"""The repair: a director's word that what devices have seen, and no server shows any more, does not count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from vault.records.encoding import RecordError
from vault.records.fields import At, Hash, Id, Instant, Listed, Ordinal, one_of, text
from vault.records.seen import CHAINS, MemberRecord
from vault.records.standing import StandsOn

HEAD, INDEX, AUDIT, TRAJECTORY, PROFILE = "dossier", "index", "audit", "trajectory", "profile"
LINK = "link"  # of an index: one that is passed over, where it is not shown, and no entry that anybody pinned
OF_A_SUBJECT = frozenset({HEAD, INDEX, LINK, AUDIT, TRAJECTORY, PROFILE})
MAX_ASIDE = 350


@dataclass(frozen=True, slots=True, order=True)
class Aside:
    """One entry of a chain: `subject` is the dossier or trajectory that it is of, None for ledger and checkpoints."""

    chain: Annotated[str, one_of(frozenset(CHAINS) | OF_A_SUBJECT)]
    number: Ordinal
    hash: Hash
    subject: Id | None = None

    @property
    def code(self) -> str:
        """As people pass it on, to be typed or pasted."""
        parts = (self.chain, self.subject, self.number, self.hash)
        return ":".join(str(part) for part in parts if part is not None)


@dataclass(frozen=True, slots=True)
class Repair(MemberRecord):
    """A device that has seen one of `asides`, or heard that somebody did, takes what the server shows instead.

    It sets aside these entries and nothing else.
    """

    standing: StandsOn
    asides: Annotated[tuple[Aside, ...], Listed(1, MAX_ASIDE), At("sets_aside")]
    reason: Annotated[str, text(1000)]
    at: Instant

    def check(self) -> None:
        """Raise RecordError where an entry stands twice, or has a subject that its chain has not."""
        if len(set(self.asides)) != len(self.asides):
            raise RecordError("a repair sets an entry aside twice")
        if any((each.subject is not None) != (each.chain in OF_A_SUBJECT) for each in self.asides):
            raise RecordError("ledger and checkpoints have no subject, and every other chain has one")
