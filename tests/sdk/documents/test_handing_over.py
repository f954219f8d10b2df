"""Many dossiers change hands: each whole, what cannot be done is told, and repeating does what is left."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.client.colleagues import anew, join
from tests.client.house import House
from vault.errors import InvalidInputError
from vault.sdk.documents.handing_over import bring_directors, hand_over, let_go, step_down
from vault.sdk.documents.listing import list_documents
from vault.sdk.dossiers.finding import Doubt, list_dossiers, load_dossier, open_dossier
from vault.sdk.dossiers.holders import OnlyDirectorError, assign
from vault.sdk.dossiers.open_dossier import OpenDossier
from vault.sdk.errors import ServerUnreachableError
from vault.sdk.keys.sheet import new_sheet
from vault.sdk.people.appointing import change_role, dismiss
from vault.sdk.people.session import SignedIn


@pytest.fixture
def coach(house: House) -> SignedIn:
    return join(house, house.signed_in, "Carla", "coach")


@pytest.fixture
def els(house: House, coach: SignedIn) -> SignedIn:
    return join(house, house.signed_in, "Els", "coach")


@pytest.fixture
def hers(house: House, coach: SignedIn) -> list[OpenDossier]:
    """Two dossiers of the coach, and one that is not hers."""
    house.open("Andere")
    dossiers = [house.open(name) for name in ("Jan", "Piet")]
    for dossier in dossiers:
        house.put(dossier, a=b"a")
        assign(dossier, coach.member)
    return dossiers


def names(signed_in: SignedIn, doubts: list[Doubt] | None = None) -> list[str]:
    return [one.name for one in list_dossiers(anew(signed_in), doubts=doubts)]


def test_all_that_one_holds_goes_to_another(
    house: House, coach: SignedIn, els: SignedIn, hers: list[OpenDossier]
) -> None:
    assert names(coach) == ["Jan", "Piet"]
    told = list[tuple[int, int]]()
    handed = hand_over(house.signed_in, coach.member, els.member, tell=lambda *said: told.append(said))
    assert (sorted(handed.done), handed.left) == (sorted(one.id for one in hers), [])
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert names(els) == ["Jan", "Piet"]
    assert names(coach) == [], "the heads that took them from her say why"
    assert coach.pins.dossiers == {}
    assert hand_over(house.signed_in, coach.member, els.member).done == []
    assert hand_over(house.signed_in, els.member, coach.member, [hers[0].id]).done == [hers[0].id]
    assert (names(coach), names(els)) == (["Jan"], ["Piet"]), "and she may be given one again"
    assert load_dossier(house.again(), hers[0].id).epoch == 3


@pytest.mark.parametrize("lie", ["nothing", "the heads before", "another's heads"])
def test_a_dossier_that_vanishes_without_such_a_head_is_told(
    house: House, coach: SignedIn, hers: list[OpenDossier], lie: str
) -> None:
    assert names(coach) == ["Jan", "Piet"]
    gone = hers[1].id
    before = house.signed_in.api.get(f"/dossiers/{gone}")["heads"]
    hand_over(house.signed_in, coach.member, house.signed_in.member, [one.id for one in hers])
    other = coach.api.get(f"/dossiers/{hers[0].id}/heads")
    shown = {"nothing": {"items": []}, "the heads before": {"items": before}, "another's heads": other}
    house.line.lie("GET", f"/dossiers/{gone}/heads$", lambda _: shown[lie])
    doubts = list[Doubt]()
    assert names(coach, doubts) == []
    assert [doubt.dossier for doubt in doubts] == [gone]
    house.line.clear()
    assert names(coach) == []


def test_a_leaver_keeps_no_good_key_and_one_damaged_dossier_stops_nothing(
    house: House, coach: SignedIn, hers: list[OpenDossier]
) -> None:
    took = hand_over(house.signed_in, coach.member, house.signed_in.member, [hers[1].id])
    assert took.done == [hers[1].id]
    document = list_documents(hers[0])[0].id
    row = house.gateway.rows.document[document]
    coach.refresh()
    own = open_dossier(coach, "Eigen", "client", "begeleiding")
    dismiss(house.signed_in, coach.member)
    house.gateway.rows.document[document] = replace(row, head=b"x" * 40)
    handed = let_go(house.signed_in, coach.member)
    assert (handed.done, [(one.dossier, one.name) for one in handed.left]) == ([own], [(hers[0].id, "Jan")])
    fresh = load_dossier(house.device("fresh"), hers[0].id)
    assert coach.member not in fresh.heads.newest.members, "she is out of its head all the same"
    assert coach.member in fresh.heads.could_keep
    house.gateway.rows.document[document] = row
    assert let_go(house.signed_in, coach.member).done == [hers[0].id]
    assert let_go(house.signed_in, coach.member).done == []
    for dossier in (own, hers[0].id, hers[1].id):
        assert coach.member not in load_dossier(house.signed_in, dossier).heads.could_keep


def test_a_lost_connection_ends_it_and_it_goes_on_where_it_was(
    house: House, coach: SignedIn, hers: list[OpenDossier], no_pauses: None
) -> None:
    dismiss(house.signed_in, coach.member)
    house.line.lose("POST", "/head$", "request", skip=1)
    with pytest.raises(ServerUnreachableError):
        let_go(house.signed_in, coach.member)
    house.line.clear()
    assert len(let_go(house.again(), coach.member).done) == 1


class TestDirectors:
    def promote(self, house: House, member: str, role: str) -> None:
        change_role(house.signed_in, member, role, new_sheet() if role == "coach" else None)

    def test_a_new_one_is_brought_every_dossier(self, house: House, coach: SignedIn, hers: list[OpenDossier]) -> None:
        self.promote(house, coach.member, "director")
        assert names(coach) == ["Jan", "Piet"]
        assert len(bring_directors(house.signed_in).done) == 1
        assert names(coach) == ["Andere", "Jan", "Piet"]
        assert bring_directors(house.signed_in).done == []

    def test_one_who_is_one_no_more_keeps_what_is_her_own(
        self, house: House, coach: SignedIn, hers: list[OpenDossier]
    ) -> None:
        self.promote(house, coach.member, "director")
        bring_directors(house.signed_in)
        coach.refresh()
        own = open_dossier(coach, "Eigen", "client", "begeleiding")
        self.promote(house, coach.member, "coach")
        assert len(step_down(house.signed_in, coach.member).done) == 1
        assert names(coach) == ["Eigen", "Jan", "Piet"]
        assert len(step_down(house.signed_in, coach.member, keep=[own]).done) == 2
        assert names(coach) == ["Eigen"]


def test_only_a_director_does_so_and_no_director_loses_any(house: House, coach: SignedIn, els: SignedIn) -> None:
    coach.refresh()
    director = house.signed_in.member
    for act in (
        lambda: hand_over(coach, els.member, coach.member),
        lambda: let_go(coach, els.member),
        lambda: bring_directors(coach),
        lambda: step_down(coach, els.member),
    ):
        with pytest.raises(OnlyDirectorError):
            act()
    for act in (
        lambda: hand_over(house.signed_in, director, coach.member),
        lambda: let_go(house.signed_in, director),
        lambda: step_down(house.signed_in, director),
    ):
        with pytest.raises(InvalidInputError):
            act()
