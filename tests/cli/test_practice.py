"""`dossier practice` shows the policy, and signs the next one as a director types it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.client.house import House
from vault.cli import main as cli

Capture = pytest.CaptureFixture[str]
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(house: House, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> Run:
    assert house.signed_in
    for name, value in {"DOSSIER_LANG": "nl", "DOSSIER_URL": house.url, "DOSSIER_HOME": str(house.home.path)}.items():
        monkeypatch.setenv(name, value)

    def typed(*argv: str) -> tuple[int, str, str]:
        code = cli.main(["practice", *argv])
        said = capsys.readouterr()
        return code, said.out, said.err

    return typed


def test_it_is_shown_and_changed_one_thing_at_a_time(run: Run) -> None:
    code, out, _ = run()
    assert (code, "cliënten 60 maanden" in out, "Beleid nummer 1" in out) == (0, True, True)
    assert run("--share-days", "30")[0] == 2, "without a terminal nothing is changed unasked"
    code, out, _ = run("--share-days", "30", "--client-months", "48", "--name", "De Brug", "--yes", "--json")
    said = json.loads(out)
    assert (code, said["share_days"], said["name"], said["version"]) == (0, 30, "De Brug", 2)
    assert said["retention"] == {"client": 48, "commissioner": 60}
    code, out, _ = run("--share-days", "30", "--json")
    assert (code, json.loads(out)["version"]) == (0, 2), "nothing changes, so nothing is signed or asked"


@pytest.mark.parametrize(
    "option",
    [("--client-months", "61"), ("--share-days", "0"), ("--share-max", "10001"), ("--announce-days", "91")],
)
def test_what_no_policy_may_say_is_refused_before_it_is_signed(run: Run, option: tuple[str, str]) -> None:
    code, _, err = run(*option, "--yes")
    assert (code, "ligt tussen" in err) == (2, True)


def test_links_begin_with_an_address_that_readers_take(run: Run) -> None:
    assert run("--public-url", "ftp://a.nl", "--yes")[0] == 2
    code, out, _ = run("--public-url", "https://kluis.example/", "--yes", "--json")
    assert (code, json.loads(out)["public_url"]) == (0, "https://kluis.example")


def test_a_coach_sees_it_and_changes_nothing(run: Run, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.client.colleagues import join  # noqa: PLC0415

    coach = join(house, house.signed_in, "Carla", "coach")
    monkeypatch.setattr("vault.cli.practice.load", lambda _: coach)
    assert run()[0] == 0
    assert run("--share-days", "30", "--yes")[0] == 1
