"""What a start prints to type next works as it stands, in a shell that stands elsewhere."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from infra.supervisor.next_steps import command, next_steps
from vault.cli.terminal.output import Output
from vault.settings import Settings


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "Mijn dossiërs" / "vault"
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / ".venv" / "bin" / "dossier").touch(mode=0o755)
    monkeypatch.setattr(sys, "executable", str(folder / ".venv" / "bin" / "python"))
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    return folder


def settings(data: Path, **environment: str) -> Settings:
    return Settings.from_environment({"DOSSIER_DATA": str(data), **environment})


def test_paths_are_short_and_the_first_line_goes_to_where_they_hold(checkout):
    steps = next_steps(settings(checkout / "data"))
    assert steps["command"] == ".venv/bin/dossier"
    assert steps["path"] == "data/setup-token"
    assert steps["before"] == f"cd '{checkout}'"


def test_what_lies_elsewhere_is_named_whole_and_quoted(checkout, tmp_path):
    path = next_steps(settings(tmp_path / "de kluis"))["path"]
    assert path == f"'{tmp_path}/de kluis/setup-token'"


def test_another_port_is_said(checkout):
    before = next_steps(settings(checkout / "data", DOSSIER_LISTEN="127.0.0.1:8421"))["before"]
    assert before.endswith(" && export DOSSIER_URL=http://127.0.0.1:8421")


def test_a_command_that_every_shell_finds_goes_by_its_name(checkout, monkeypatch):
    monkeypatch.setenv("PATH", str(checkout / ".venv" / "bin"))
    assert command() == "dossier"
    monkeypatch.setenv("VIRTUAL_ENV", str(checkout / ".venv"))  # this shell only
    assert command() == ".venv/bin/dossier"


def test_another_command_of_that_name_is_not_ours(checkout, tmp_path, monkeypatch):
    (tmp_path / "dossier").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert command() == ".venv/bin/dossier"


def test_without_an_installed_command_it_is_called_by_name(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    assert command() == "dossier"


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize(
    ("key", "verbs"), [("next_init", ["init", "login", "open", "put"]), ("next_login", ["login", "ls"])]
)
def test_every_line_is_one_that_a_shell_takes(checkout, capsys, language, key, verbs):
    (checkout / "README.md").touch()
    Output(language=language).say(f"serve.{key}", **next_steps(settings(checkout / "data")))
    captured = capsys.readouterr()
    words = [shlex.split(line) for line in (captured.out + captured.err).splitlines()[1:]]
    assert words[0] == ["cd", str(checkout)]
    assert [(line[0], line[1]) for line in words[1:]] == [(".venv/bin/dossier", verb) for verb in verbs]
    assert key == "next_login" or words[-1][-1] == "README.md"
