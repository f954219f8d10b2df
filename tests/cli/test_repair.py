"""`dossier repair`: what is given up is shown and asked; only a director signs it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.client.house import House
from vault.cli import main as cli
from vault.cli import repair as verb
from vault.cli.terminal.output import Output
from vault.cli.terminal.sightings import say_known
from vault.flows.clock.trusting import BELIEVED
from vault.sdk.device import clock
from vault.sdk.people.server_clock import doubted_clock
from vault.sdk.people.session import SignedIn

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def restored(house: House, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> House:
    """A house whose records were put back to before a document and a checkpoint, after its device saw both."""
    monkeypatch.setenv("DOSSIER_LANG", "en")
    monkeypatch.setenv("DOSSIER_HOME", str(house.home.path))
    house.put(house.dossier, a=b"a")
    house.checkpoint()
    backup = house.gateway.rows.copy()
    house.put(house.dossier, b=b"b")
    house.checkpoint()
    assert cli.main(["ls", house.dossier.id]) == 0
    house.ports.store._tables = backup
    capsys.readouterr()
    return house


def run(capsys: Capture, *arguments: str) -> tuple[int, str, str]:
    code = cli.main(list(arguments))
    return code, *capsys.readouterr()


@pytest.mark.parametrize("language", ["en", "nl"])
def test_a_jam_ends_once_it_is_said_what_is_given_up(
    restored: House, capsys: Capture, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setenv("DOSSIER_LANG", language)
    code, _, err = run(capsys, "ls", restored.dossier.id)
    assert (code, "dossier repair index:" in err) == (7, True)
    assert "dossier repair checkpoint:2:" in err
    code, out, err = run(capsys, "repair", "--yes", "--reason", "restored", "--json")
    assert code == 0
    named = json.loads(out)["repair"]["sets_aside"]
    assert {each.partition(":")[0] for each in named} == {"checkpoint", "index", "audit"}
    assert all(each in err for each in named)
    assert restored.dossier.id in err
    code, _, err = run(capsys, "ls", restored.dossier.id)
    assert (code, "repair" in err) == (0, False)
    code, out, _ = run(capsys, "repair")
    assert (code, "restored" in out) == (0, True)


def test_who_declines_changes_nothing(restored: House, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verb.Output, "ask", lambda self, key, **values: "n")
    assert run(capsys, "repair", "--reason", "x")[0] == 1
    assert cli.main(["ls", restored.dossier.id]) == 7
    assert [kind for kind, _ in restored.gateway.rows.chain if kind == "repair"] == []


def test_another_member_is_told_of_a_repair_once(restored: House, capsys: Capture) -> None:
    named = f"checkpoint:9:{'a' * 64}"
    assert run(capsys, "repair", named, "--yes", "--reason", "back-up of this morning")[0] == 0
    home = restored.device("other").home
    signed_in = SignedIn.load(home)
    assert signed_in.new_repairs == ()
    say_known(restored.device("third"), Output())
    assert "Dirkje" in capsys.readouterr().err


def test_a_wrong_code_is_refused_before_anything_is_asked(restored: House, capsys: Capture) -> None:
    code, _, err = run(capsys, "repair", "checkpoint:x")
    assert (code, "names nothing that was seen" in err) == (2, True)


@pytest.fixture
def doubted(house: House, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> House:
    """A house whose worker believed the clock last long ago."""
    monkeypatch.setenv("DOSSIER_HOME", str(house.home.path))
    with house.ports.store.transaction() as tx:
        tx.beat(BELIEVED, house.signed_in.now() - timedelta(days=183))
    capsys.readouterr()
    return house


@pytest.mark.parametrize("language", ["en", "nl"])
def test_a_director_agrees_with_a_clock_in_doubt(
    doubted: House, capsys: Capture, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setenv("DOSSIER_LANG", language)
    code, out, _ = run(capsys, "doctor")
    assert (code, "dossier repair" in out) == (1, True)
    code, out, err = run(capsys, "repair", "--yes", "--json")
    assert (code, set(json.loads(out)), set(json.loads(out)["clock"])) == (0, {"clock"}, {"says", "believed"})
    assert "2026" in err
    code, out, _ = run(capsys, "repair", "--json")
    assert (code, json.loads(out)) == (0, {"repairs": []})


def test_who_sees_another_time_elsewhere_agrees_to_nothing(
    doubted: House, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verb.Output, "ask", lambda self, key, **values: "n")
    assert run(capsys, "repair")[0] == 1
    assert doubted_clock(doubted.signed_in) is not None


def test_a_device_whose_clock_differs_cannot_agree(
    doubted: House, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SignedIn, "now", lambda _: clock.now() + timedelta(minutes=6))
    code, _, err = run(capsys, "repair", "--yes", "--json")
    assert (code, json.loads(err.splitlines()[-1])["error"]["code"]) == (1, "clock_wrong")
