"""What sets a machine up heals itself, leaves alone what is not its own, and says a sentence when it cannot."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra import install
from infra.install import FAILED, INTERRUPTED, NOT_NOW, Installing, main


@pytest.fixture
def venv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DOSSIER_LANG", "en")
    return tmp_path / "Mijn dossiërs" / ".venv"


class Steps(Installing):
    """Everything but the packages."""

    ran: list[str]
    fails: BaseException | None = None

    def _run(self, name: str, command: list[str], count: int = 0) -> None:
        del count
        self.ran.append(name)
        if name == "venv":
            (self._venv / "bin").mkdir()
            self._python.symlink_to(sys.executable)
            (self._venv / "pyvenv.cfg").touch()
        elif "--require-hashes" in command:
            assert {"--no-deps", "--only-binary"} <= set(command)
            (self._venv / "bin" / f"package{len(self.ran)}").touch()
            if self.fails is not None:
                raise self.fails

    def _usable(self) -> bool:
        return not self._busy.exists() and self._is_ours() and (self._venv / "pyvenv.cfg").exists()


@pytest.fixture
def steps(venv: Path) -> Iterator[type[Steps]]:
    venv.parent.mkdir()
    Steps.ran, Steps.fails = [], None
    yield Steps
    Steps.ran, Steps.fails = [], None


def installed(steps: type[Steps], kind: str, venv: Path) -> list[str]:
    steps.ran = []
    steps(kind, venv, 0.0).run()
    return steps.ran


def test_what_is_there_is_not_installed_again(steps, venv):
    assert installed(steps, "run", venv) == ["venv", "pip", "pip", "compileall", "pip"]
    assert installed(steps, "run", venv) == []
    assert installed(steps, "test", venv) == ["pip", "pip", "pip"]
    assert [installed(steps, kind, venv) for kind in ("demo", "run")] == [[], []]


def test_a_changed_lock_is_installed(steps, venv, monkeypatch, tmp_path):
    installed(steps, "run", venv)
    (tmp_path / "lock").write_text("a==2 \\\n    --hash=sha256:00\n")
    monkeypatch.setattr(install, "WHOLE", tmp_path / "lock")
    assert installed(steps, "run", venv) == ["pip", "pip", "compileall", "pip"]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), install.Refusal("no")])
def test_what_was_left_half_made_is_made_anew(steps, venv, error):
    steps.fails = error
    with pytest.raises(type(error)):
        installed(steps, "run", venv)
    steps.fails = None
    assert installed(steps, "run", venv)[0] == "venv"


def test_a_failure_before_anything_was_put_in_costs_nothing(steps, venv, monkeypatch):
    installed(steps, "run", venv)
    steps.fails = install.Refusal("no network")
    monkeypatch.setattr(Steps, "_state", lambda _: [1])
    with pytest.raises(install.Refusal):
        installed(steps, "test", venv)
    assert installed(steps, "run", venv) == []


def test_a_folder_that_was_moved_is_made_anew(steps, venv):
    installed(steps, "run", venv)
    moved = venv.with_name("moved")
    venv.rename(moved)
    assert installed(steps, "run", moved)[0] == "venv"


def test_what_is_not_an_environment_is_left_alone(steps, venv, capsys):
    venv.mkdir()
    (venv / "holiday.jpg").touch()
    assert main(["run", str(venv)]) == FAILED
    assert "left alone" in capsys.readouterr().err
    assert [path.name for path in venv.iterdir()] == ["holiday.jpg"]


@pytest.mark.parametrize(
    ("said", "code", "sentence"),
    [
        ("ERROR: Could not install packages: [Errno 28] No space left on device", NOT_NOW, "is full"),
        ("WARNING: connection broken by 'X'\nERROR: No matching distribution found", NOT_NOW, "cannot be reached"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM", FAILED, "not the one that was locked"),
        ("ERROR: No matching distribution found for x", FAILED, "does not exist for this machine"),
        ("something else", FAILED, "something else"),
    ],
)
def test_what_pip_says_becomes_a_sentence(venv, said, code, sentence):
    refusal = Installing("run", venv, 0.0)._why("pip", said)
    assert refusal.code == code
    assert sentence in str(refusal)


def test_what_a_command_says_is_read_and_its_interruption_is_ours(venv, capsys, monkeypatch):
    monkeypatch.setattr(install, "_QUIET_FOR", -1.0)
    one = Installing("run", venv, 0.0)
    one._run("pip", ["printf", "Collecting a\nCollecting b\nInstalling collected packages: a\n"], 2)
    assert [line.split("] ")[1] for line in capsys.readouterr().err.splitlines()] == [
        "1 of 2 packages",
        "2 of 2 packages",
        "unpacking",
    ]
    with pytest.raises(KeyboardInterrupt):
        one._run("pip", ["env", "--default-signal=INT", "sh", "-c", "kill -INT $$"])  # whatever was ignored here
    with pytest.raises(install.Refusal, match="why not"):
        one._run("pip", ["sh", "-c", "echo why not; exit 3"])


def test_an_interruption_is_told_with_its_code(venv, capsys, monkeypatch):
    def interrupted(_: Installing) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Installing, "run", interrupted)
    assert main(["run", str(venv)]) == INTERRUPTED
    assert "Nothing was lost" in capsys.readouterr().err


def test_a_folder_that_is_not_there_or_not_possible_is_told(venv, capsys, monkeypatch, tmp_path):
    assert main(["run", str(tmp_path / "a:b" / ".venv")]) == FAILED
    assert "another name" in capsys.readouterr().err
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert main(["run", str(venv)]) == FAILED
    assert "Nothing can be written" in capsys.readouterr().err


def test_a_python_without_venv_is_told(venv, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    assert main(["run", str(venv)]) == FAILED
    assert "python3-venv" in capsys.readouterr().err


def test_it_needs_nothing_but_python(venv):
    """Not even this project: it runs where nothing is installed."""
    code = "import sys, runpy; runpy.run_path(sys.argv[1]); print(*(m.split('.')[0] for m in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, install.__file__], capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) <= {*sys.stdlib_module_names, "__main__"}
