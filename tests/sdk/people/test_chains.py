"""What a practice asks of every software: who cannot do it says so, signs nothing, and changes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from tests.client.house import House, tree
from tests.sdk.dossiers.test_finding import join
from vault.records.envelope import SignatureError, TooOldError
from vault.records.types.dossier import HOLDER, Grantee
from vault.rules.rosters import RosterError
from vault.sdk.dossiers import new_dossier
from vault.sdk.dossiers.finding import Doubt, list_dossiers, load_dossier, open_dossier
from vault.sdk.errors import ApiError, NotSignedInError, QuarantineError
from vault.sdk.people.appointing import post_roster
from vault.sdk.people.session import SignedIn


@pytest.fixture
def later_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server of a later day, which knows words that this software does not."""
    for place in ("vault.rules.rights", "vault.flows.people.rosters"):
        monkeypatch.setattr(f"{place}.check_words", lambda _: None)


def show_roster(house: House, by: SignedIn, **changes: Any) -> None:
    """A next roster as a server of a later day shows it, by a member of a later software."""
    newest = by.rosters.newest
    after = replace(newest, version=newest.version + 1, previous=newest.hash, kind="ordinary", **changes)
    envelope = by.sign("roster", after.content()).to_json()

    def lie(said: dict[str, Any]) -> dict[str, Any]:
        rosters = said["rosters"]
        return {**said, "rosters": {**rosters, "items": [*rosters["items"], envelope]}}

    house.line.lie("GET", "/chains", lie)


TWO = ("ed25519", "ml-dsa-65")


@pytest.mark.parametrize("changes", [{"signature_suites": TWO}, {"dossier_suites": ("another",)}], ids=str)
def test_a_practice_that_asks_for_more_than_this_software_knows_is_used_no_more(house: House, changes: Any) -> None:
    show_roster(house, house.signed_in, **changes)
    before = tree(house.home.path)
    house.line.requests.clear()
    with pytest.raises(TooOldError, match="this software is too old"):
        house.again()
    assert tree(house.home.path) == before
    assert {request.method for request in house.line.requests} == {"GET"}
    with pytest.raises(TooOldError):
        house.signed_in.refresh()


def test_nobody_but_a_director_makes_a_device_believe_that_it_is_too_old(house: House, signed_in: SignedIn) -> None:
    coach = join(house, signed_in, "coach", "coach")
    show_roster(house, coach, signature_suites=TWO)
    with pytest.raises(SignatureError):
        house.again()


def test_a_roster_that_does_without_a_signature_is_refused(house: House) -> None:
    show_roster(house, house.signed_in, signature_suites=("ml-dsa-65",))
    with pytest.raises(RosterError):
        house.again()


@pytest.mark.parametrize("changes", [{"signature_suites": TWO}, {"dossier_suites": ("another",)}], ids=str)
def test_a_server_takes_no_roster_that_it_is_too_old_for(house: House, signed_in: SignedIn, changes: Any) -> None:
    newest = signed_in.rosters.newest
    after = replace(newest, version=newest.version + 1, previous=newest.hash, **changes)
    body = {"roster": signed_in.sign("roster", after.content()).to_json(), "members": []}
    with pytest.raises(ApiError) as refused:
        signed_in.api.post("/roster", json=body)
    assert (refused.value.status, refused.value.code) == (501, "software_old")
    assert house.again().rosters.newest.version == newest.version


def test_a_server_takes_no_role_that_it_does_not_know(house: House, signed_in: SignedIn) -> None:
    coach = join(house, signed_in, "coach", "coach")
    with pytest.raises(ApiError) as refused:
        post_roster(signed_in, with_role(signed_in, coach.member, "assistant"), [])
    assert refused.value.code == "software_old"


def with_role(signed_in: SignedIn, member: str, role: str) -> Any:
    newest = signed_in.rosters.newest
    members = tuple(replace(each, role=role) if each.id == member else each for each in newest.members)
    return replace(newest, members=members)


def test_a_member_in_an_unknown_role_is_told_to_update_and_others_go_on(house: House, signed_in: SignedIn) -> None:
    coach = join(house, signed_in, "coach", "coach")
    dossier = open_dossier(coach, "Jan", "client", "loopbaan")
    show_roster(house, signed_in, members=with_role(signed_in, coach.member, "assistant").members)
    with pytest.raises(TooOldError, match="your role in the practice"):
        coach.refresh()
    director = house.again()
    assert coach.member in director.rosters.newest.present - director.rosters.newest.active
    with pytest.raises(QuarantineError):
        load_dossier(director, dossier)
    assert load_dossier(director, dossier, left_behind=True).heads.newest.holders == {director.member, coach.member}


def test_a_server_lets_nobody_in_by_a_role_that_it_does_not_know(
    house: House, signed_in: SignedIn, later_server: None
) -> None:
    coach = join(house, signed_in, "coach", "coach")
    post_roster(signed_in, with_role(signed_in, coach.member, "assistant"), [])
    with pytest.raises(NotSignedInError):
        house.gateway.begin_session(coach.member).get("/dossiers")


@pytest.fixture
def assisted(house: House, signed_in: SignedIn, later_server: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A director's dossier that a colleague has in a role of a later day: what holds of it and who she is."""
    helper = join(house, signed_in, "hulp", "coach")

    def grantees(holders: Iterable[str]) -> tuple[Grantee, ...]:
        roles = {**dict.fromkeys(holders, HOLDER), helper.member: "assistant"}
        return tuple(Grantee(id_, role) for id_, role in sorted(roles.items()))

    monkeypatch.setattr(new_dossier, "holders_of", grantees)
    return open_dossier(signed_in, "Jan", "client", "loopbaan"), helper


def test_a_grantee_in_an_unknown_role_opens_nothing_and_is_shown_nothing(
    house: House, signed_in: SignedIn, assisted: Any
) -> None:
    dossier, helper = assisted
    assert [one.id for one in list_dossiers(signed_in)] == [dossier]
    assert (dossier, 1, helper.member) in house.gateway.rows.wrap, "she has a wrap"
    assert list_dossiers(helper) == []
    with pytest.raises(ApiError) as refused:
        helper.api.get(f"/dossiers/{dossier}")
    assert refused.value.code == "not_found"


def test_a_server_that_shows_it_all_the_same_is_not_followed(
    house: House, signed_in: SignedIn, assisted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    dossier, helper = assisted
    for place in ("context", "dossiers.showing"):
        monkeypatch.setattr(f"vault.flows.{place}.is_holder", lambda *_: True)
    with pytest.raises(TooOldError, match="your role in this dossier"):
        load_dossier(helper, dossier)
    doubts: list[Doubt] = []
    assert list_dossiers(helper, doubts=doubts) == []
    assert [doubt.dossier for doubt in doubts] == [dossier]
