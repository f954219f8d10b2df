"""Makes `tests/vectors/3-seen.json`: `python -m tests.rules.seen_vectors` writes it anew."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from vault.records.encoding import RecordError
from vault.records.seen import read_seen
from vault.rules.sightings import is_held
from vault.rules.verdict import Refused

FILE = Path(__file__).parents[1] / "vectors" / "3-seen.json"
CHAIN = ["a1" * 32, "b2" * 32, "c3" * 32]
NONE = {"number": 0, "hash": None}


def verdict(chain: list[str], seen: Any) -> str:
    """Whether a chain of checkpoints holds what the field `seen` says; the ledger is empty."""
    try:
        told = read_seen({"seen": seen})
    except RecordError as error:
        return error.code
    for sighting, held in ((told.ledger, []), (told.checkpoint, chain)):
        found = is_held(sighting, dict(enumerate(held, start=1)).get)
        if isinstance(found, Refused):
            return found.reason
    return "allowed"


def vectors() -> dict[str, Any]:
    checkpoints = {
        "nothing seen": NONE,
        "no hash at all": {"number": 0},
        "the first": {"number": 1, "hash": CHAIN[0]},
        "the newest": {"number": 3, "hash": CHAIN[2]},
        "more than is there": {"number": 4, "hash": CHAIN[2]},
        "far more": {"number": 2**53 - 1, "hash": "00" * 32},
        "another under a number": {"number": 2, "hash": CHAIN[2]},
        "a number without a hash": {"number": 1, "hash": None},
        "a hash without a number": {"number": 0, "hash": CHAIN[0]},
        "a negative number": {"number": -1, "hash": CHAIN[0]},
        "no number": {"hash": CHAIN[0]},
        "a hash in capitals": {"number": 1, "hash": CHAIN[0].upper()},
        "no object": [3, CHAIN[2]],
        "null": None,
    }
    whole = {
        "a tombstone where there is none": {"ledger": {"number": 1, "hash": CHAIN[0]}, "checkpoint": NONE},
        "no ledger": {"checkpoint": NONE},
        "an unknown chain beside": {"ledger": NONE, "checkpoint": NONE, "more": 1},
        "nothing": None,
    }
    cases = {name: {"ledger": NONE, "checkpoint": one} for name, one in checkpoints.items()} | whole
    return {
        "about": "FORMAT.md, Seen: whether a ledger without entries and the checkpoints `chain`, numbered from 1, hold what a record's field `seen` says.",
        "chain": CHAIN,
        "cases": [{"name": name, "seen": seen, "verdict": verdict(CHAIN, seen)} for name, seen in cases.items()],
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(vectors(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
