"""`dossier keys`: the installation's keys as the roster has them, and a director's signature under a new one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.client.house import House
from tests.installation import keys
from vault.cli import main as cli
from vault.records.types.roster import LEDGER

Capture = pytest.CaptureFixture[str]
NEW = keys("K").public[LEDGER].hex()


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOSSIER_LANG", "en")
    monkeypatch.chdir(tmp_path)


def run(capsys: Capture, *argv: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = cli.main(list(argv))
    said = capsys.readouterr()
    return code, said.out, said.err


def test_a_key_is_shown_listed_and_the_one_before_it_ends(house: House, capsys: Capture) -> None:
    assert house.signed_in.is_director
    code, said, _ = run(capsys, "keys", "--json")
    before = json.loads(said)["keys"]
    assert (code, [(each["uses"], each["until"]) for each in before]) == (
        0,
        [(["ledger"], None), (["checkpoint"], None), (["attest"], None)],
    )
    assert run(capsys, "keys", "--use", "ledger", "--key", NEW)[0] == 2, "nobody is there to be asked"
    code, said, _ = run(capsys, "keys", "--use", "ledger", "--key", NEW.upper(), "--yes")
    assert (code, len(said.splitlines()), f"{NEW}  ledger  since" in said) == (0, 4, True)
    assert f"{before[0]['key']}  ledger  from" in said
    listed = json.loads(run(capsys, "keys", "--json")[1])["keys"]
    assert [(each["key"], each["until"] is None) for each in listed if each["uses"] == ["ledger"]] == [
        (before[0]["key"], False),
        (NEW, True),
    ]


@pytest.mark.parametrize("wrong", ["", "xyz", NEW[1:], NEW + "00"])
def test_what_is_no_key_is_refused_before_anything_is_asked(house: House, capsys: Capture, wrong: str) -> None:
    assert house.signed_in.is_director
    code, _, said = run(capsys, "keys", "--use", "ledger", "--key", wrong, "--yes")
    assert (code, "this is no key" in said, "the worker's log" in said) == (2, True, True)


@pytest.mark.parametrize("half", [("--use", "ledger"), ("--key", NEW)])
def test_half_of_it_is_refused(capsys: Capture, half: tuple[str, str]) -> None:
    assert run(capsys, "keys", *half)[0] == 2
