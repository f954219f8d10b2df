"""A member's check of a certificate: by whom the server takes one, and of what (decision 23)."""

from __future__ import annotations

import dataclasses

import pytest

from tests.actors import NOW
from tests.flows.erasures.test_erasing import ask
from vault.errors import IntegrityError
from vault.flows.erasures import checking, erasing, requesting
from vault.flows.people import rosters
from vault.records.seen import NOTHING_SEEN, Seen, Sighting
from vault.rules.verdict import Refused


@pytest.fixture
def erasure(practice, dossier):
    asked = ask(practice, dossier).erasure
    erasing.sweep(practice.ports, NOW)
    return asked.id


def proof(practice, erasure):
    return requesting.certificate(practice.ports, practice.director.caller, erasure)


def add(practice, erasure, person=None, by=None, **changes):
    person = person or practice.director
    check = practice.check_of(proof(practice, erasure), by or person, **changes)
    return checking.add_check(practice.ports, person.caller, erasure, check)


def test_each_member_checks_once_and_the_checks_travel_with_the_certificate(practice, erasure):
    coach = practice.appoint("Carla")
    first = add(practice, erasure)
    assert (len(first.checks), first.repeated) == (1, False)
    again = add(practice, erasure, at=NOW.replace(minute=59))
    assert (again.checks, again.repeated) == (first.checks, True), "her first one stays"
    both = add(practice, erasure, coach)
    assert {each.signer for each in both.checks} == {practice.director.id, coach.id}, "also who never held the dossier"
    assert proof(practice, erasure).checks == both.checks


@pytest.mark.parametrize(
    "changes",
    [
        {"certificate": "00" * 32},
        {"id": "00" * 16},
        {"dossier": "00" * 16},
        {"at": NOW.replace(year=2020)},
        {"seen": NOTHING_SEEN},
        {"seen": Seen(Sighting(1, "00" * 32))},
        {"seen": Seen(Sighting(9, "00" * 32))},
    ],
)
def test_what_does_not_say_that_it_checked_this_certificate_is_refused(practice, erasure, changes):
    with pytest.raises(IntegrityError):
        add(practice, erasure, **changes)
    assert proof(practice, erasure).checks == ()


def test_who_has_left_checks_nothing_and_what_she_checked_stays(practice, erasure):
    coach, before = practice.appoint("Carla"), practice.chain.standing
    kept = add(practice, erasure, coach).checks
    cards = (dataclasses.replace(c, until=NOW) if c.id == coach.id else c for c in practice.chain.newest.members)
    envelope = practice.next_roster(cards)
    rosters.add_roster(practice.ports, practice.director.caller, envelope, [], NOW)
    practice.chain = practice.chain.append(envelope)
    assert add(practice, erasure, coach) == Refused("not_found")
    for standing in (before, practice.chain.standing):
        with pytest.raises(IntegrityError):
            add(practice, erasure, practice.director, coach, standing=standing)
    assert proof(practice, erasure).checks == kept


def test_a_check_is_sent_by_who_made_it_and_only_of_what_is_certified(practice, erasure):
    coach = practice.appoint("Carla")
    assert add(practice, erasure, practice.director, coach) == Refused("not_allowed")
    check = practice.check_of(proof(practice, erasure))
    assert checking.add_check(practice.ports, practice.director.caller, "ff" * 16, check) == Refused("not_found")
    other = practice.open_dossier()
    waiting = ask(practice, other).erasure.id
    assert checking.add_check(practice.ports, practice.director.caller, waiting, check) == Refused("not_found")
