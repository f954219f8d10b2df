"""What this device keeps of ledger and checkpoints to compare the records of others with (FORMAT.md "Seen").

Of each chain the newest numbers that it verified, without a gap; and what members' signed records say to have seen
that contradicts it. A contradiction stays until the server shows what was seen, or a director sets it aside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Any

from vault.records import read
from vault.records.encoding import RecordError, from_base64url, to_base64url
from vault.records.seen import CHAINS, Seen, Sighting

LONGEST = 500  # hourly checkpoints of three weeks; whoever was away longer finds out by her own pins
HASH_SIZE = 32
_MANY = 10_000


@dataclass(frozen=True, slots=True, order=True)
class Claim:
    """What the signed `record` (its hash) of a member says to have seen: that entry under that number."""

    chain: str
    number: int
    hash: str
    member: str
    record: str

    @property
    def sighting(self) -> Sighting:
        """Number and hash."""
        return Sighting(self.number, self.hash)


def claims_of(seen: Seen, member: str, record: str) -> list[Claim]:
    """What a record claims, of each chain of which its signer had seen something."""
    found = []
    for chain in CHAINS:
        sighting = seen.of(chain)
        if sighting.hash is not None:
            found.append(Claim(chain, sighting.number, sighting.hash, member, record))
    return found


@dataclass(frozen=True, slots=True)
class Tail:
    """The newest verified hashes of a chain, without a gap; `first` is the number of the first."""

    first: int
    hashes: tuple[str, ...]

    @property
    def last(self) -> int:
        """The newest number."""
        return self.first + len(self.hashes) - 1

    def at(self, number: int) -> str | None:
        """The hash under that number; None for one that is not kept."""
        return self.hashes[number - self.first] if self.first <= number <= self.last else None

    def joined(self, first: int, hashes: Sequence[str]) -> Tail:
        """This one with verified entries that follow it, or overlap with it; where there is a gap, only those."""
        kept = self.hashes[: max(0, first - self.first)] if self.first < first <= self.last + 1 else ()
        together = (*kept, *hashes)[-LONGEST:]
        return Tail(first + len(hashes) - len(together), together)

    def to_json(self) -> list[Any]:
        """As it lies in the pins: the first number, and 32 bytes for each hash."""
        return [self.first, to_base64url(b"".join(bytes.fromhex(each) for each in self.hashes))]


def read_tails(fields: read.Fields) -> dict[str, Tail]:
    """The inverse of `Tail.to_json`, by chain; raises RecordError."""
    return {chain: _tail(value) for chain, value in read.mapping({"tails": {}, **fields}, "tails").items()}


def read_claims(fields: read.Fields) -> frozenset[Claim]:
    """The claims in the pins; raises RecordError."""
    return frozenset(_claim(value) for value in read.items({"claims": [], **fields}, "claims", most=_MANY))


def claims_json(claims: frozenset[Claim]) -> list[list[Any]]:
    """As they lie in the pins."""
    return [list(astuple(each)) for each in sorted(claims)]


def _tail(value: Any) -> Tail:
    fields = _named(("first", "hashes"), value)
    raw = from_base64url(read.text(fields, "hashes", limit=2 * HASH_SIZE * LONGEST))
    hashes = tuple(raw[at : at + HASH_SIZE].hex() for at in range(0, len(raw), HASH_SIZE))
    return Tail(read.integer(fields, "first", least=1), hashes)


def _claim(value: Any) -> Claim:
    fields = _named(("chain", "number", "hash", "member", "record"), value)
    return Claim(
        read.one_of(fields, "chain", frozenset(CHAINS)),
        read.integer(fields, "number", least=1),
        read.digest(fields, "hash"),
        read.text(fields, "member", limit=100),
        read.digest(fields, "record"),
    )


def _named(names: tuple[str, ...], value: Any) -> read.Fields:
    if not isinstance(value, list) or len(value) != len(names):
        raise RecordError(f"what was seen has the members {', '.join(names)}")
    return dict(zip(names, value, strict=True))
