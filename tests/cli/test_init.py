"""`dossier init`: no secret of one-time codes becomes somebody's second factor without a word."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from tests.client.house import EMAIL, PASSWORD, TOKEN, Gateway
from vault.cli.main import main
from vault.cli.terminal.output import Output
from vault.sdk.keys.one_time_codes import read_secret_file, write_secret_file
from vault.sdk.people import founding

THERE = b"codes of someone else"
pytestmark = pytest.mark.usefixtures("quick_argon")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a secret that no set-up of it made."""
    folder = tmp_path / "home"
    folder.mkdir()
    write_secret_file(folder / "totp", THERE)
    (tmp_path / "password").write_text(PASSWORD)
    (tmp_path / "token").write_text(TOKEN)
    monkeypatch.setenv("DOSSIER_HOME", str(folder))
    monkeypatch.setenv("DOSSIER_PASSWORD_FILE", str(tmp_path / "password"))
    monkeypatch.setenv("DOSSIER_LANG", "en")
    return folder


def init(home: Path, *more: str) -> int:
    given = ("--practice", "Proef", "--email", EMAIL, "--setup-token-file", str(home.parent / "token"))
    return main(["init", *given, "--sheet", str(home.parent / "sheet.txt"), *more])


@pytest.mark.parametrize(
    ("typed", "more", "agreed"), [("j", (), True), ("n", (), False), (None, (), False), (None, ("--yes",), True)]
)
def test_codes_that_were_there_are_used_only_once_somebody_agrees(
    gateway: Gateway,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    typed: str | None,
    more: tuple[str, ...],
    agreed: bool,
) -> None:
    monkeypatch.setattr(Output, "interactive", typed is not None)
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{typed}\n"))
    code, said = init(home, *more), capsys.readouterr().err
    assert code == (0 if agreed else 2)
    assert (gateway.line.count("POST", "/setup$") == 1) == agreed
    assert str(home / "totp") in said
    assert read_secret_file(home / "totp") == THERE


def test_a_refusal_says_how_to_get_new_codes(
    gateway: Gateway, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Output, "interactive", True)
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert init(home) == 2
    assert f"Move {home / 'totp'} away" in capsys.readouterr().err
    (home / "totp").rename(home / "other")
    assert init(home) == 0
    assert read_secret_file(home / "totp") not in {None, THERE}


def test_a_set_up_that_waits_goes_on_with_its_codes_without_a_question(
    gateway: Gateway, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "totp").unlink()
    monkeypatch.setattr(founding, "again", lambda ask: ask())
    gateway.line.lose_answer("POST", "/setup$")
    assert init(home) == 5
    made = read_secret_file(home / "totp")
    gateway.line.clear()
    assert [init(home), init(home)] == [0, 0]
    assert read_secret_file(home / "totp") == made
    assert f"the secret that was there already: {home / 'totp'}" in capsys.readouterr().err


def test_codes_from_a_file_that_was_named_are_told(
    gateway: Gateway, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (home / "totp").rename(tmp_path / "mine")
    monkeypatch.setenv("DOSSIER_TOTP_FILE", str(tmp_path / "mine"))
    assert init(home) == 0
    assert f"the secret that was there already: {tmp_path / 'mine'}" in capsys.readouterr().err
