"""Makes `tests/vectors/9-beliefs.json`: `python -m tests.sdk.audit.belief_vectors` writes it anew.

Which tombstones of a ledger a device believes, by its clock and by what it has seen of the dossier.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from tests.records import practice, samples
from tests.records.practice import DOSSIER, NOW, next_roster, rosters
from tests.records.samples import DOCUMENT
from tests.rules.evidence_vectors import DUE, by_request, ended, policy_hash, stone, term
from tests.rules.verdicts import chain_of
from vault.records.encoding import format_instant, parse_instant
from vault.records.envelope import Envelope, from_json
from vault.records.standing import Standing
from vault.rules.evidence import Evidence
from vault.sdk.audit.ledger import explained, read_ledger
from vault.sdk.device.pin_kinds import Mark, SeenDossier, SeenIndex
from vault.sdk.device.pins import Pins
from vault.sdk.people.session import SignedIn

FILE = Path(__file__).parents[2] / "vectors" / "9-beliefs.json"
SECOND, OTHER, LATER = timedelta(seconds=1), "d2" * 16, "7b" * 16
Json = dict[str, Any]
Entry = tuple[Envelope, Evidence | None]


@dataclass(frozen=True)
class Case:
    name: str
    entries: tuple[Entry, ...]
    pins: Json = field(default_factory=dict)
    now: datetime = NOW
    rosters: tuple[Envelope, ...] = (practice.first_roster(),)


def entry(evidence: Evidence, /, *, shown: bool = True, **changes: Any) -> Entry:
    """A tombstone as the evidence permits it, but for the changes."""
    return samples.by_installation("tombstone", stone(evidence, **changes).content()), evidence if shown else None


def _asked() -> Iterator[Case]:
    wide = by_request()
    one = Case("a client asked for the dossier", (entry(wide),))
    yield one
    yield replace(one, name="it lies five minutes ahead", now=NOW - timedelta(minutes=5))
    yield replace(one, name="it lies further ahead", now=NOW - timedelta(minutes=5) - SECOND)
    yield replace(one, name="no evidence is shown", entries=(entry(wide, shown=False),))
    head, two = practice.head(rosters()), _second_head()
    yield replace(one, name="the head that was seen is there", pins={"head": [1, head.hash]})
    yield replace(one, name="another head was seen under that version", pins={"head": [1, "00" * 32]})
    yield replace(one, name="a newer head was seen", pins={"head": [2, two.hash]})
    both = by_request(heads=(head, two))
    yield Case("an older head was seen", (entry(both),), {"head": [1, head.hash]})
    request = samples.erasure(documents=()).hash
    yield replace(one, name="its request was taken back", pins={"withdrawn": [request]})
    yield replace(one, name="another request was taken back", pins={"withdrawn": ["00" * 32]})
    then = {"rosters": (practice.first_roster(), next_roster(rosters())), "pins": {"index_roster": 2}}
    yield replace(one, name="its index was seen on a newer roster", **then)
    some = by_request(samples.erasure())
    document = entry(some, kind="document", subject=DOCUMENT)
    yield Case("of one document, an index was seen on a newer roster", (document,), **then)


def _together() -> Iterator[Case]:
    both = by_request(samples.erasure(documents=(DOCUMENT, OTHER)))
    first = entry(both, kind="document", subject=DOCUMENT)
    follows = {"sequence": 2, "previous": first[0].hash}
    second = entry(both, shown=False, kind="document", subject=OTHER, **follows)
    yield Case("two documents by one request, its evidence beside the first", (first, second))
    other = by_request(samples.erasure(documents=(OTHER,)))
    yield Case(
        "another's evidence beside the first",
        (first, entry(other, shown=False, kind="document", subject=OTHER, **follows)),
    )
    wrong = entry(by_request(heads=(_second_head(),)))
    after = {"sequence": 2, "previous": wrong[0].hash}
    right = entry(by_request(samples.erasure()), kind="document", subject=DOCUMENT, **after)
    yield Case("evidence that does not hold, and another's that does", (wrong, right))


def _due() -> Iterator[Case]:
    seen = ended()
    pins = {"terms": {"7a" * 16: [1, seen.hash]}, "terms_roster": 1}
    one = Case("the term is over, of the trajectory that was seen", (entry(term()),), pins, DUE)
    yield one
    yield replace(one, name="no trajectory was seen", pins={})
    yield replace(
        one, name="another trajectory was seen, too", pins={**pins, "terms": {**pins["terms"], LATER: [1, "00" * 32]}}
    )
    yield replace(one, name="a newer version was seen", pins={**pins, "terms": {"7a" * 16: [2, "00" * 32]}})
    yield replace(one, name="another was seen under that version", pins={**pins, "terms": {"7a" * 16: [1, "00" * 32]}})
    newer = term(ended(version=2, previous="00" * 32))
    yield replace(one, name="a newer version is shown", entries=(entry(newer),))
    two = next_roster(rosters())
    known = {"rosters": (practice.first_roster(), two), "pins": {**pins, "terms_roster": 2}}
    on_two: Json = {"standing": Standing(2, two.hash)}
    yield replace(one, name="what is newer stands on an older roster", entries=(entry(newer, **on_two),), **known)
    beside = term(seen, ended(id=LATER))
    yield replace(
        one, name="a trajectory nobody saw stands on an older roster", entries=(entry(beside, **on_two),), **known
    )
    fresh = practice.trajectory(
        rosters().append(two), version=2, previous=seen.hash, end=practice.TODAY, policy=policy_hash()
    )
    yield replace(one, name="what is newer stands on that roster", entries=(entry(term(fresh), **on_two),), **known)
    asked = by_request()
    yield replace(one, name="by request, whatever trajectory was seen", entries=(entry(asked),), now=NOW)


def _second_head() -> Envelope:
    return practice.head(rosters(), version=2, previous=practice.head(rosters()).hash)


def cases() -> Iterator[Case]:
    yield from _asked()
    yield from _together()
    yield from _due()


def pins_of(seen: Json) -> Pins:
    """A device that has seen this of the dossier."""
    dossiers = {}
    if "head" in seen or "index_roster" in seen:
        version, head = seen.get("head", [1, practice.head(rosters()).hash])
        index = SeenIndex(1, "1d" * 32, "3e" * 32, 0, seen["index_roster"]) if "index_roster" in seen else None
        dossiers[DOSSIER] = SeenDossier(version, head, index)
    return Pins(
        dossiers=dossiers,
        terms={DOSSIER: {id_: Mark(*mark) for id_, mark in seen.get("terms", {}).items()}},
        withdrawn={DOSSIER: frozenset(seen.get("withdrawn", ()))},
        terms_roster={DOSSIER: seen["terms_roster"]} if "terms_roster" in seen else None,
    )


def believed(case: Json) -> list[bool]:
    """Of each tombstone of the case, whether the device believes it."""
    chain = chain_of([from_json(each, "roster") for each in case["rosters"]])
    device = SimpleNamespace(
        api=SimpleNamespace(pages=lambda *_, **__: iter(case["ledger"])),
        rosters=chain,
        pins=pins_of(case["pins"]),
        now=lambda: parse_instant(case["now"]),
    )
    signed_in = cast("SignedIn", device)
    return [explained(signed_in, each) for each in read_ledger(signed_in)]


def vectors() -> Json:
    return {
        "about": "FORMAT.md, Evidence: which tombstones of a ledger a client believes at `now`. `pins`: what this device saw of "
        "the dossier: its head [version, hash], the roster of its newest index, its trajectories {id: [version, hash]} and the "
        "roster of the index under which it saw them, requests taken back. What is not said was not seen.",
        "dossier": DOSSIER,
        "cases": [_case(one) for one in cases()],
    }


def _case(one: Case) -> Json:
    whole = {
        "name": one.name,
        "rosters": [each.to_json() for each in one.rosters],
        "now": format_instant(one.now),
        "pins": one.pins,
        "ledger": [
            {"tombstone": tombstone.to_json(), "evidence": None if evidence is None else evidence.to_json()}
            for tombstone, evidence in one.entries
        ],
    }
    return {**whole, "believed": believed(whole)}


if __name__ == "__main__":
    FILE.write_text(json.dumps(vectors(), indent=1) + "\n", encoding="ascii")
