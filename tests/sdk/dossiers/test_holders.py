"""A coach sees and finds the dossiers that she was given, and no others; nothing is sealed to a key that is not hers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.client.colleagues import anew, join
from tests.client.house import House
from vault.errors import IntegrityError
from vault.records.envelope import SignatureError
from vault.sdk.documents.listing import list_documents
from vault.sdk.dossiers.finding import find, list_dossiers, load_dossier, open_dossier
from vault.sdk.dossiers.holders import OnlyDirectorError, assign
from vault.sdk.dossiers.next_head import sign_head
from vault.sdk.errors import AnswerError, NotFoundError
from vault.sdk.people.appointing import dismiss
from vault.sdk.people.session import SignedIn


@pytest.fixture
def coach(house: House) -> SignedIn:
    return join(house, house.signed_in, "Carla", "coach")


def names(signed_in: SignedIn) -> list[str]:
    return [one.name for one in list_dossiers(anew(signed_in))]


def test_she_sees_what_she_was_given_and_nothing_else(house: House, coach: SignedIn) -> None:
    dossier, other = house.open("Jan"), house.open("Piet")
    house.put(dossier, a=b"a")
    assert names(coach) == []
    assert assign(dossier, coach.member)
    assert names(coach) == ["Jan"]
    assert [one.metadata.name for one in list_documents(find(anew(coach), "Jan"))] == ["a"]
    for reference in ("Piet", other.id):
        with pytest.raises(NotFoundError):
            find(anew(coach), reference)
    assert not assign(dossier, coach.member), "she has it"
    assert dossier.heads.newest.version == 2
    assert dossier.epoch == 1


def test_a_lost_answer_gives_it_once(house: House, coach: SignedIn, no_pauses: None) -> None:
    dossier = house.open("Jan")
    house.line.lose("POST", "/head$", "answer", times=1)
    assert assign(dossier, coach.member)
    assert load_dossier(house.again(), dossier.id).heads.newest.version == 2


@pytest.mark.parametrize("what", ["head", "index"])
def test_who_was_first_is_followed(house: House, coach: SignedIn, what: str) -> None:
    dossier, there = house.open("Jan"), load_dossier(house.again(), house.dossier.id)
    other = join(house, house.signed_in, "Els", "coach")
    there = load_dossier(house.signed_in, dossier.id)
    if what == "head":
        assign(there, other.member)
    else:
        house.put(there, b=b"b")
    assert assign(dossier, coach.member)
    newest = load_dossier(house.again(), dossier.id).heads.newest
    assert coach.member in newest.holders
    assert (other.member in newest.holders) == (what == "head")


def test_a_roster_that_came_meanwhile_is_caught_up_with(house: House, coach: SignedIn) -> None:
    dossier = house.open("Jan")
    director = dossier.signed_in
    join(house, house.again(), "Els", "coach")
    assert director.rosters.newest.version < house.signed_in.rosters.newest.version
    assert assign(dossier, coach.member)
    assert names(coach) == ["Jan"]


def test_only_a_director_gives_it(house: House, coach: SignedIn) -> None:
    other = join(house, house.signed_in, "Els", "coach")
    coach.refresh()
    hers = load_dossier(coach, open_dossier(coach, "Jan", "client", "loopbaan"))
    with pytest.raises(OnlyDirectorError):
        assign(hers, other.member)
    with pytest.raises(SignatureError):
        sign_head(hers, grantees=hers.heads.newest.grantees[:1])


def test_nobody_is_given_it_who_has_left(house: House, coach: SignedIn) -> None:
    dossier = house.open("Jan")
    dismiss(house.signed_in, coach.member)
    with pytest.raises(NotFoundError):
        assign(dossier, coach.member)


def test_nothing_is_sealed_to_a_key_that_the_server_puts_in_the_place_of_hers(house: House, coach: SignedIn) -> None:
    other = join(house, house.signed_in, "Mallory", "coach")
    dossier, theirs = house.open("Jan"), other.keyring.recipient

    def lie(said: dict[str, Any]) -> dict[str, Any]:
        return {**said, "recipient": theirs}

    house.line.lie("GET", f"/members/{coach.member}$", lie)
    with pytest.raises(AnswerError):
        assign(dossier, coach.member)
    assert house.line.count("POST", "/head$") == 0


def test_a_server_that_gives_her_another_dossiers_wrap_is_refused(house: House, coach: SignedIn) -> None:
    one, two = house.open("Jan"), house.open("Piet")
    assign(one, coach.member)
    assign(two, coach.member)
    theirs = anew(coach).api.get(f"/dossiers/{two.id}")["wrap"]
    house.line.lie("GET", f"/dossiers/{one.id}$", lambda said: {**said, "wrap": theirs})
    with pytest.raises(IntegrityError):
        load_dossier(anew(coach), one.id)
