"""The server never needs what decrypts: its suites pass where `vault.age` and `vault.sdk` cannot be imported.

import-linter reads import statements; `tests/blindness.py`, under which `make test` runs the suites of the server, also
notices `importlib`, a name built at run time, and a lazy import. Here it is shown that it does.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.blindness import OURS, SUITES

ROOT = Path(__file__).resolve().parents[2]


def python(*arguments: str, blind: bool = True) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("COV", "PYTEST"))}
    place = f"{ROOT / 'tests' / 'blind_processes'}{os.pathsep}{ROOT}" if blind else str(ROOT)
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**kept, "PYTHONPATH": place, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("module", ["vault.age", "vault.sdk", "vault.sdk.keys.keyring"])
@pytest.mark.parametrize(
    "statement", ["import {0}", "import importlib; importlib.import_module('{0}')", "__import__('{0}')"]
)
def test_a_blind_process_has_nothing_that_decrypts(module: str, statement: str) -> None:
    assert (
        f"the server is blind: it has no {'.'.join(module.split('.')[:2])}"
        in python("-c", statement.format(module)).stderr
    )
    assert python("-c", statement.format(module), blind=False).returncode == 0


def test_a_blind_process_lets_libraries_have_cryptography_and_the_server_not() -> None:
    def imported_by(name: str) -> subprocess.CompletedProcess[str]:
        return python("-c", f"exec('import cryptography.fernet', {{'__name__': {name!r}}})")

    assert imported_by("minio.crypto").returncode == 0
    for ours in OURS:
        assert "the server is blind" in imported_by(f"{ours}.lazily").stderr


@pytest.mark.parametrize("module", ["gateway.app", "workers.tasks", "infra.supervisor", "vault.wiring"])
def test_every_door_of_the_server_opens_without_it(module: str) -> None:
    loaded = python("-c", f"import sys, {module}; print('cryptography' in sys.modules)")
    assert loaded.stderr == ""
    assert loaded.stdout.strip() == "False"


def test_make_test_runs_the_suites_of_the_server_blind() -> None:
    makefile = (ROOT / "Makefile").read_text()
    [blind] = re.findall(r"^BLIND := ((?:.*\\\n)*.*)$", makefile, re.MULTILINE)
    assert set(blind.replace("\\", " ").split()) == {f"tests/{name}" for name in SUITES}
    assert re.search(r"pytest [^\n]*-p tests\.blind \$\(BLIND\)", makefile)
    assert all((ROOT / "tests" / name).is_dir() for name in SUITES)


def test_make_test_measures_two_sessions_and_leaves_nothing_to_neither() -> None:
    makefile = (ROOT / "Makefile").read_text()
    [measured] = re.findall(r"^MEASURED := (.*)$", makefile, re.MULTILINE)
    assert all((ROOT / name).is_dir() for name in measured.split())
    measure = "-p tests.marking.plugin"
    recipe = makefile[makefile.index("\ntest: ") :].split("\n\n")[0]
    blind, user, rest = re.findall(r"pytest \$\(PYTEST_ARGS\) (.*)$", recipe, re.MULTILINE)
    assert (blind, user) == (f"{measure} -p tests.blind $(BLIND)", f"{measure} $(MEASURED)")
    assert rest == "$(BLIND:%=--ignore=%) $(MEASURED:%=--ignore=%)"
