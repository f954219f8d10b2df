"""Makes `tests/vectors/3-seen.json`: `python -m tests.rules.seen_vectors` writes it anew."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.records.practice import (
    COACH,
    DIRECTOR,
    DOSSIER,
    NEW_ROOT,
    NOW,
    OTHER,
    first_roster,
    member,
    next_roster,
    roster,
    write,
)
from tests.rules.verdicts import chain_of
from vault.errors import VaultError
from vault.records.encoding import RecordError
from vault.records.envelope import Envelope
from vault.records.seen import read_seen
from vault.records.types.repair import AUDIT, HEAD, INDEX, PROFILE, TRAJECTORY, Aside, Repair
from vault.rules.repairs import read_repair
from vault.rules.rosters import Rosters, first
from vault.rules.sightings import is_held
from vault.rules.verdict import Refused

FILE = Path(__file__).parents[1] / "vectors" / "3-seen.json"
CHAIN = ["a1" * 32, "b2" * 32, "c3" * 32]
ALL = (HEAD, INDEX, AUDIT, TRAJECTORY, PROFILE)
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


def counts(repair: Envelope) -> str:
    """Whether a repair counts for a reader who knows `ROSTERS`."""
    try:
        found = read_repair(repair, chain_of(ROSTERS))
    except VaultError as error:
        return error.code
    return found.reason if isinstance(found, Refused) else "allowed"


def _rosters() -> list[Envelope]:
    """The second director leaves with the second roster."""
    both = (member(DIRECTOR, "director"), member(COACH), member(OTHER, "director"))
    one = first_roster(members=both)
    left = (*both[:2], member(OTHER, "director", until=NOW))
    new = {"root": bytes(NEW_ROOT.verify_key), "recovery": "age1pq1new", "installations": roster().installations}
    return [one, next_roster(first(one), members=left, **new)]


ROSTERS = _rosters()


def _repairs() -> Iterator[tuple[str, Envelope]]:
    chain, old = chain_of(ROSTERS), first(ROSTERS[0])
    one = Aside("checkpoint", 70, "70" * 32)

    def made(signer: str, *asides: Aside, on: Rosters = chain, **more: Any) -> Envelope:
        content = Repair(on.standing, asides or (one,), "restored", NOW).content()
        return write("repair", {**content, **more}, signer)

    yield "by a director", made(DIRECTOR)
    yield "by a director, on the roster before", made(DIRECTOR, on=old)
    yield "by a director who has left since", made(OTHER, on=old)
    yield "by a director who has left, on the roster after", made(OTHER)
    yield "by a coach", made(COACH)
    yield "by another key", dataclasses.replace(made(DIRECTOR), signatures=made(COACH).signatures)
    index = Aside("index", 14, "14" * 32, DOSSIER)
    yield "of every kind of chain", made(DIRECTOR, *(dataclasses.replace(index, chain=each) for each in ALL), one)
    yield "of nothing", made(DIRECTOR, sets_aside=[])
    yield "of an unknown chain", made(DIRECTOR, dataclasses.replace(index, chain="roster"))
    yield "of an index without its dossier", made(DIRECTOR, dataclasses.replace(index, subject=None))
    yield "of a checkpoint of a dossier", made(DIRECTOR, dataclasses.replace(one, subject=DOSSIER))
    yield "of one entry twice", made(DIRECTOR, one, one)
    yield "of an entry without a number", made(DIRECTOR, dataclasses.replace(one, number=0))
    yield "without a reason", made(DIRECTOR, reason="")


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
        "about": "FORMAT.md, Seen: whether a ledger without entries and the checkpoints `chain`, numbered from 1, hold what a record's field `seen` says. FORMAT.md, Repairs: whether a repair counts under `rosters`.",
        "chain": CHAIN,
        "rosters": [envelope.to_json() for envelope in ROSTERS],
        "repairs": [
            {"name": name, "repair": envelope.to_json(), "verdict": counts(envelope)} for name, envelope in _repairs()
        ],
        "cases": [{"name": name, "seen": seen, "verdict": verdict(CHAIN, seen)} for name, seen in cases.items()],
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(vectors(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
