"""A terminal that cannot show a character shows another one: no command ends by that, and JSON stays JSON."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from vault.cli.terminal.output import Output
from vault.cli.terminal.streams import encodes, make_lenient

NARROW = ["latin-1", "ascii", "cp1252", "cp437"]


class Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


def terminal(encoding: str) -> Terminal:
    return Terminal(io.BytesIO(), encoding=encoding, errors="strict")


def written(stream: io.TextIOWrapper) -> str:
    stream.flush()
    raw = stream.buffer
    assert isinstance(raw, io.BytesIO)
    return raw.getvalue().decode(stream.encoding)


def narrow(monkeypatch: pytest.MonkeyPatch, encoding: str) -> tuple[Terminal, Terminal]:
    """Standard output and standard error of that encoding, as `dossier` makes them ready."""
    both = terminal(encoding), terminal(encoding)
    monkeypatch.setattr(sys, "stdout", both[0])
    monkeypatch.setattr(sys, "stderr", both[1])
    make_lenient()
    return both


@pytest.mark.parametrize("encoding", NARROW)
def test_words_are_shown_with_what_there_is(monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    streams = narrow(monkeypatch, encoding)
    Output().result({}, "✓ Zoë Łukasz 文 …\n✗ x")
    Output().failure("code", "Ł", "advies …")
    assert "Zo" in written(streams[0])
    assert "?ukasz ?" in written(streams[0])
    assert "dossier: ?" in written(streams[1])
    first, second = written(streams[0]).splitlines()
    assert first[0] != second[0], "what holds and what does not are told apart"


@pytest.mark.parametrize("encoding", [*NARROW, "utf-8"])
def test_json_is_the_same_value_on_every_terminal(monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    streams = narrow(monkeypatch, encoding)
    value = {"name": "✓ Zoë Łukasz 文 \U0001f600 \u202e"}
    Output(json=True).result(value)
    assert json.loads(written(streams[0])) == value
    Output(json=True).failure("code", "Ł 文", "…")
    assert json.loads(written(streams[1]))["error"]["message"] == "Ł 文"


@pytest.mark.parametrize(("encoding", "draws"), [("utf-8", True), ("latin-1", False)])
def test_a_code_is_drawn_only_where_it_can_be_scanned(
    monkeypatch: pytest.MonkeyPatch, encoding: str, draws: bool
) -> None:
    narrow(monkeypatch, encoding)
    assert Output().draws is draws
    assert Output(json=True).draws is False


def test_a_stream_in_memory_shows_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    make_lenient()
    assert encodes("文", None)
    assert not encodes("文", "latin-1")


@pytest.mark.parametrize("encoding", ["latin-1", "ascii"])
@pytest.mark.parametrize("spoken", ["nl", "en"])
@pytest.mark.parametrize(
    "argv", [["--help"], ["share", "--help"], ["doctor"], ["ls", "文"], ["completion", "zsh"], ["文"]]
)
def test_no_command_ends_by_a_character(argv: list[str], spoken: str, encoding: str, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "PYTHONIOENCODING": encoding,
        "LC_ALL": "C.UTF-8",
        "DOSSIER_LANG": spoken,
        "DOSSIER_HOME": str(tmp_path),
        "DOSSIER_URL": "http://127.0.0.1:1",
    }
    command = [sys.executable, "-m", "vault", *argv]
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    said = (done.stdout + done.stderr).decode(encoding)
    assert "Unicode" not in said
    assert "DOSSIER_DEBUG" not in said, "which only what was not foreseen asks for"
