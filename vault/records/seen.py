"""What the signer of a record had seen of the ledger and of the checkpoints (FORMAT.md "Seen").

With the roster that it stands on, every record by which a member speaks to others tells what she had seen of all
chains that she does not write herself. A server that rewrites one contradicts the records of everybody who saw it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from vault.records import read
from vault.records.encoding import RecordError
from vault.records.fields import Hash, Number
from vault.records.record import Record, read_fields

FIELD = "seen"
LEDGER, CHECKPOINT = "ledger", "checkpoint"
CHAINS = (LEDGER, CHECKPOINT)


@dataclass(frozen=True, slots=True)
class Sighting:
    """The newest entry of a chain that was seen: number and hash; 0 and None where there was none."""

    number: Number = 0
    hash: Hash | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """One sighting for each chain."""

    ledger: Sighting = Sighting()
    checkpoint: Sighting = Sighting()

    def of(self, chain: str) -> Sighting:
        """The sighting of that chain."""
        return self.ledger if chain == LEDGER else self.checkpoint


NOTHING_SEEN = Seen()


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRecord(Record):
    """The base of the types by which a member speaks to others; `seen` is written where the record is signed."""

    seen: Seen = NOTHING_SEEN

    @classmethod
    def common(cls, fields: dict[str, Any]) -> dict[str, object]:
        """The practice, and what was seen."""
        return {"practice": read.identifier(fields, "practice"), FIELD: read_seen(fields)}


def read_seen(fields: read.Fields) -> Seen:
    """Read the field `seen`; raises RecordError, also for a number without a hash or a hash without a number."""
    seen = read_fields(Seen, read.mapping(fields, FIELD))
    for chain in CHAINS:
        sighting = seen.of(chain)
        if (sighting.number == 0) != (sighting.hash is None):
            raise RecordError("what was seen of a chain is a number and a digest, or neither")
    return seen
