"""A repair is kept for every member when a director signed it, and by nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.actors import Person, Practice
from vault.flows.people import rosters
from vault.flows.people.repairs import repair
from vault.records.envelope import Envelope
from vault.records.types.repair import Aside, Repair
from vault.rules.rights import SignatureError
from vault.rules.verdict import Refused


def signed(practice: Practice, person: Person | None = None, **changes: Any) -> Envelope:
    asides = (Aside("checkpoint", 3, "c3" * 32), Aside("index", 4, "d4" * 32, "ab" * 16))
    return practice.sign(
        "repair", {**Repair(practice.chain.standing, asides, "x", practice.now).content(), **changes}, person
    )


def kept(practice: Practice) -> list[str]:
    return [each.hash for each in rosters.all_chains(practice.ports, {"repair": None})["repair"].items]


def test_what_a_director_signed_is_kept_in_order_and_once(practice: Practice) -> None:
    one, two = signed(practice), signed(practice, reason="y")
    for each in (one, two, one):
        answer = repair(practice.ports, practice.director.caller, each)
        assert isinstance(answer, Repair)
        assert answer.hash == each.hash
    assert kept(practice) == [one.hash, two.hash]


def test_what_a_coach_signed_is_not(practice: Practice) -> None:
    coach = practice.appoint("Carla")
    with pytest.raises(SignatureError):
        repair(practice.ports, coach.caller, signed(practice, coach))
    assert repair(practice.ports, coach.caller, signed(practice)) == Refused("not_allowed")
    assert kept(practice) == []


def test_a_repair_stands_on_the_newest_roster(practice: Practice) -> None:
    made = signed(practice)
    practice.appoint("Carla")
    with pytest.raises(SignatureError):
        repair(practice.ports, practice.director.caller, made)


def test_what_another_director_signed_is_sent_by_herself(practice: Practice) -> None:
    second = practice.appoint("Mede", "director")
    assert repair(practice.ports, practice.director.caller, signed(practice, second)) == Refused("not_allowed")
    assert isinstance(repair(practice.ports, second.caller, signed(practice, second)), Repair)
