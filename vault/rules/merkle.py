"""The Merkle tree over the records that an index lists (RFC 9162, section 2.1; FORMAT.md "The index").

A record is known by its hash, 64 hex digits; the leaves are the record hashes in ascending order.
"""

from __future__ import annotations

import hashlib
import hmac
from bisect import bisect_left
from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Proof:
    """That a record is among the leaves: its place in their order, and the nodes beside its way to the root."""

    position: int
    path: tuple[bytes, ...]


def root(records: Collection[str]) -> str:
    """The Merkle tree hash over these records, hex."""
    level = _leaves(sorted(records))
    while len(level) > 1:
        level = _above(level)
    return level[0].hex() if level else hashlib.sha256().hexdigest()


def prove(records: Collection[str], record: str) -> Proof:
    """The inclusion proof of one record (section 2.1.3.1); raises KeyError for one that is not among them."""
    ordered = sorted(records)
    position = bisect_left(ordered, record)
    if ordered[position : position + 1] != [record]:
        raise KeyError(record)
    level, place, path = _leaves(ordered), position, list[bytes]()
    while len(level) > 1:
        beside = place ^ 1
        if beside < len(level):  # the last node of an odd level rises alone
            path.append(level[beside])
        level, place = _above(level), place // 2
    return Proof(position, tuple(path))


def proves(proof: Proof, record: str, root: str, count: int) -> bool:
    """Whether the proof shows that the record is among `count` leaves below this root (section 2.1.3.2)."""
    if not 0 <= proof.position < count:
        return False
    place, last, node = proof.position, count - 1, _leaf(record)
    for beside in proof.path:
        if last == 0:
            return False
        if place % 2 or place == last:
            node = _node(beside, node)
            while place and not place % 2:
                place, last = place // 2, last // 2
        else:
            node = _node(node, beside)
        place, last = place // 2, last // 2
    return last == 0 and hmac.compare_digest(node.hex(), root)


def _leaf(record: str) -> bytes:
    return hashlib.sha256(b"\0" + bytes.fromhex(record)).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def _leaves(ordered: list[str]) -> list[bytes]:
    return [_leaf(record) for record in ordered]


def _above(level: list[bytes]) -> list[bytes]:
    """The next level: each pair under one node; the last of an odd number goes up as it is."""
    pairs = [_node(left, right) for left, right in zip(level[::2], level[1::2], strict=False)]
    return [*pairs, level[-1]] if len(level) % 2 else pairs
