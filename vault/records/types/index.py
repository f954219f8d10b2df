"""The index of a dossier: what became current and what left, with the root of all that is, so that nothing vanishes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from vault.records.encoding import RecordError
from vault.records.fields import Hash, Id, Instant, Listed, Number, Ordinal, hexadecimal_set, text
from vault.records.seen import MemberRecord
from vault.records.standing import StandsOn

# Together they fit a record of 1 MiB. A batch of more additions takes several indexes.
MAX_ADDED, MAX_REMOVED = 10_000, 1_500
SUPERSEDED, REVOKED, EXPIRED, ERASED = "superseded", "revoked", "expired", "erased"
# Of consents, withdrawals and holds, which come with their capability.
WITHDRAWN, ENDED = "withdrawn", "ended"


@dataclass(frozen=True, slots=True)
class Removal:
    """A record that left the index: why, and by what a reader checks it.

    `by` is the hash of the newer version (`superseded`) or of the tombstone (`erased`), or an instant (`revoked`,
    `expired`). A reason that a reader does not know lets nothing leave.
    """

    hash: Hash
    why: Annotated[str, text(32)]
    by: Annotated[str, text(64)]


@dataclass(frozen=True, slots=True)
class Index(MemberRecord):
    """One link of the index: `root` and `count` are those of all current records once `added` came, `removed` went.

    `head` is the hash of the dossier's record that it stands under.
    """

    standing: StandsOn
    dossier: Id
    sequence: Ordinal
    previous: Hash | None
    head: Hash
    root: Hash
    count: Number
    added: Annotated[tuple[str, ...], hexadecimal_set(32, 0, MAX_ADDED)]
    removed: Annotated[tuple[Removal, ...], Listed(0, MAX_REMOVED)]
    at: Instant

    def check(self) -> None:
        """Raise RecordError where removals are not in order, or something comes and goes at once."""
        gone = [each.hash for each in self.removed]
        if gone != sorted(set(gone)):
            raise RecordError("what leaves an index is sorted, and each leaves once")
        if set(gone) & set(self.added):
            raise RecordError("an index adds what it takes out")
