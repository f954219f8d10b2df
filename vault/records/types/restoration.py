"""The restoration: a director's word that a store which was put back counts as it is now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from vault.records.encoding import RecordError
from vault.records.fields import Instant, Listed, Number, one_of, text
from vault.records.seen import MemberRecord
from vault.records.standing import StandsOn

RECORDS, KEYSTORE, OBJECTS = "records", "keystore", "objects"
STORES = frozenset({RECORDS, KEYSTORE, OBJECTS})


@dataclass(frozen=True, slots=True, order=True)
class PutBack:
    """A store, the position that it has, and the one that others had seen it at.

    A position is the number of the newest audit entry, the number of the generation of keys, the number of the newest
    tombstone beside the objects.
    """

    store: Annotated[str, one_of(STORES)]
    has: Number
    seen: Number


@dataclass(frozen=True, slots=True)
class Restoration(MemberRecord):
    """The vault goes on from these positions, and from no others: it opens nothing that is put back later."""

    standing: StandsOn
    stores: Annotated[tuple[PutBack, ...], Listed(1, len(STORES))]
    reason: Annotated[str, text(1000)]
    at: Instant

    def check(self) -> None:
        """Raise RecordError where a store stands twice, or was not put back at all."""
        if len({each.store for each in self.stores}) != len(self.stores):
            raise RecordError("a restoration names a store twice")
        if any(each.has >= each.seen for each in self.stores):
            raise RecordError("a restoration of a store that others have seen no further than it is")
