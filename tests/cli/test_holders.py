"""`dossier assign`: a director gives a coach a dossier, by the names that people know."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.client.colleagues import anew, join
from tests.client.house import House
from vault.cli import main as cli
from vault.sdk.dossiers.finding import list_dossiers, load_dossier
from vault.sdk.people.session import SignedIn

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def at_home(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOSSIER_LANG", "en")
    monkeypatch.setenv("DOSSIER_HOME", str(house.home.path))


@pytest.fixture
def coach(house: House) -> SignedIn:
    return join(house, house.signed_in, "Carla", "coach")


def test_a_dossier_is_assigned_by_name_and_again_changes_nothing(
    house: House, coach: SignedIn, capsys: Capture
) -> None:
    house.open("Jan")
    assert cli.main(["assign", "Jan", "carla@voorbeeld.nl"]) == 0
    assert capsys.readouterr().out == "Carla now holds the dossier Jan.\n"
    assert [one.name for one in list_dossiers(anew(coach))] == ["Jan"]
    assert cli.main(["assign", "Jan", "Carla", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["assigned"] is False


def test_a_coach_assigns_nothing(
    house: House, coach: SignedIn, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOSSIER_LANG", "nl")
    monkeypatch.setattr("vault.cli.assign.load", lambda _: coach)
    assert cli.main(["assign", "Jan", "Dirkje"]) == 1
    assert "Alleen de directie mag dit" in capsys.readouterr().err


def test_a_dossier_is_taken_from_her_and_again_changes_nothing(house: House, coach: SignedIn, capsys: Capture) -> None:
    dossier = house.open("Jan")
    assert cli.main(["assign", "Jan", "Carla"]) == cli.main(["unassign", "Jan", "Carla"]) == 0
    assert capsys.readouterr().out.endswith("Carla holds the dossier Jan no more; it has new keys.\n")
    assert load_dossier(house.again(), dossier.id).epoch == 2
    assert cli.main(["unassign", "Jan", "Carla", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["unassigned"] is False
    assert cli.main(["unassign", "Jan", "Dirkje"]) == 2, "a director keeps it"


def test_nobody_is_guessed(house: House, capsys: Capture) -> None:
    house.open("Jan")
    assert cli.main(["assign", "Jan", "Carl"]) == 1
    assert cli.main(["assign", "Piet", "Dirkje"]) == 1


class TestHandOver:
    @pytest.fixture
    def els(self, house: House, coach: SignedIn) -> SignedIn:
        return join(house, house.signed_in, "Els", "coach")

    def test_all_of_them_or_those_that_are_named(
        self, house: House, coach: SignedIn, els: SignedIn, capsys: Capture
    ) -> None:
        for name in ("Jan", "Piet", "Kees"):
            house.open(name)
            assert cli.main(["assign", name, "Carla"]) == 0
        capsys.readouterr()
        assert cli.main(["hand-over", "Carla", "Els", "Jan"]) == 0
        assert capsys.readouterr().out == "1 dossier went from Carla to Els, with new keys.\n"
        assert cli.main(["hand-over", "Carla", "els@voorbeeld.nl", "--json"]) == 0
        assert len(json.loads(capsys.readouterr().out)["done"]) == 2
        assert cli.main(["hand-over", "Carla", "Els"]) == 0
        assert capsys.readouterr().out.startswith("0 dossiers went")

    def test_what_is_damaged_is_named_and_stops_nothing(
        self, house: House, coach: SignedIn, els: SignedIn, capsys: Capture
    ) -> None:
        jan, _ = house.open("Jan"), house.open("Piet")
        house.put(jan, a=b"a")
        for name in ("Jan", "Piet"):
            assert cli.main(["assign", name, "Carla"]) == 0
        (document,) = house.gateway.documents
        house.gateway.rows.document[document.id] = replace(document, head=b"x" * 40)
        capsys.readouterr()
        assert cli.main(["hand-over", "Carla", "Els"]) == 3
        said = capsys.readouterr()
        assert said.out == "1 dossier went from Carla to Els, with new keys.\n"
        assert "Left: Jan: new keys would not reach what is damaged in this dossier: a" in said.err
        assert cli.main(["hand-over", "Carla", "Els", "--json"]) == 1
        assert [each["name"] for each in json.loads(capsys.readouterr().out)["left"]] == ["Jan"]
        assert cli.main(["hand-over", "Carla", "Els", "--leave-damaged"]) == 0
