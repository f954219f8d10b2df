"""Passwords and codes: from files for scripts, from a person where one sits there."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.client.house import TOTP
from vault.cli.terminal import credentials
from vault.cli.terminal.output import Output
from vault.sdk.device.home import Home
from vault.sdk.errors import MissingInputError
from vault.sdk.keys.one_time_codes import write_secret_file

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    answers: list[str] = []
    monkeypatch.setattr(Output, "interactive", property(lambda _: True))
    monkeypatch.setattr(Output, "secret", lambda *_: answers.pop(0))
    monkeypatch.setattr(Output, "ask", lambda *_: answers.pop(0))
    return answers


def test_a_password_file_loses_one_line_end_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "password"
    monkeypatch.setenv("DOSSIER_PASSWORD_FILE", str(path))
    for content, expected in ((b" a b \n", " a b "), (b"a\r\n", "a"), (b"a\n\n", "a\n"), (b"", "")):
        path.write_bytes(content)
        assert credentials.password(Output()) == expected
    path.unlink()
    with pytest.raises(MissingInputError):
        credentials.password(Output())


def test_a_new_password_is_typed_twice(typed: list[str], capsys: Capture) -> None:
    typed += ["one", "other", "one", "one"]
    assert credentials.new_password(Output(language="en")) == "one"
    assert "differ" in capsys.readouterr().err


def test_an_empty_new_password_becomes_six_words_that_are_shown(typed: list[str], capsys: Capture) -> None:
    typed.append("")
    made = credentials.new_password(Output(language="en"))
    assert len(made.split()) == 6
    assert made in capsys.readouterr().err


def test_codes_are_asked_for_where_no_secret_lies(typed: list[str], tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    typed.append("123 456")
    assert credentials.codes(home, Output())() == "123456"
    write_secret_file(credentials.totp_file(home), TOTP)
    assert len(credentials.codes(home, Output())()) == 6


def test_the_key_of_the_codes_is_drawn_only_for_eyes(
    typed: list[str], tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    del typed
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    for output, shown in ((Output(language="en"), True), (Output(json=True, language="en"), False)):
        credentials.show_totp(output, TOTP, account="a@b.nl", issuer="Praktijk", path=tmp_path)
        said = capsys.readouterr().err
        assert ("GEZDGNBV" in said, "█" in said) == (shown, shown)
