"""A member by her id, address, name, or the beginning of her id; nobody by the server's word."""

from __future__ import annotations

from typing import Any

import pytest

from tests.client.colleagues import join
from tests.client.house import EMAIL, House
from vault.sdk.errors import AmbiguousError, NotFoundError
from vault.sdk.keys.keyring import new_keyring
from vault.sdk.people.appointing import Person, appoint, dismiss
from vault.sdk.people.finding import find_member, members
from vault.sdk.people.session import SignedIn


@pytest.fixture
def coach(house: House) -> SignedIn:
    return join(house, house.signed_in, "Carla", "coach")


@pytest.mark.parametrize("said", ["{id}", "{prefix}", "Carla", " carla ", "CARLA@voorbeeld.nl"])
def test_she_is_found(house: House, coach: SignedIn, said: str) -> None:
    reference = said.format(id=coach.member, prefix=coach.member[:8])
    assert find_member(house.signed_in, reference).id == coach.member


def test_everybody_is_there_by_name_and_address(house: House, coach: SignedIn) -> None:
    found = members(house.signed_in)
    assert [(each.name, each.email) for each in found] == [("Dirkje", EMAIL), ("Carla", "Carla@voorbeeld.nl")]
    assert found[1].called == "Carla"


@pytest.mark.parametrize("said", ["", "   ", "Carl", "ff" * 16, "c"])
def test_nobody_is_guessed(house: House, coach: SignedIn, said: str) -> None:
    with pytest.raises(NotFoundError):
        find_member(house.signed_in, said)


def namesake(house: House, coach: SignedIn) -> str:
    """Another member of that name, with keys that nobody needs here."""
    keyring = new_keyring(coach.practice, "0" * 32, coach.keyring.root, coach.standing)
    verify = keyring.signing_key.verify_key.encode()
    return appoint(house.signed_in, Person("carla", "twee@voorbeeld.nl", verify, keyring.recipient), "coach")


def test_two_of_one_name_are_told_apart(house: House, coach: SignedIn) -> None:
    other = namesake(house, coach)
    with pytest.raises(AmbiguousError) as raised:
        find_member(house.signed_in, "carla")
    assert set(raised.value.candidates) == {coach.member, other}


def test_who_has_left_is_found_where_she_is_asked_for_and_nobody_else_has_her_name(
    house: House, coach: SignedIn
) -> None:
    dismiss(house.signed_in, coach.member)
    for reference in ("Carla", coach.member):
        with pytest.raises(NotFoundError):
            find_member(house.signed_in, reference)
        assert find_member(house.signed_in, reference, left=True).id == coach.member
    again = namesake(house, coach)
    assert find_member(house.signed_in, "Carla", left=True).id == again


@pytest.mark.parametrize("what", ["name", "email"])
def test_a_name_that_the_server_makes_up_finds_nobody(house: House, coach: SignedIn, what: str) -> None:
    told = "Mallory" if what == "name" else "mallory@voorbeeld.nl"

    def lie(item: dict[str, Any]) -> dict[str, Any]:
        return item if item["id"] != coach.member else {**item, "details": {**item["details"], what: told}}

    house.line.lie_of_each("/members$", lie)
    with pytest.raises(NotFoundError):
        find_member(house.signed_in, told)
    assert find_member(house.signed_in, coach.member).called == coach.member
