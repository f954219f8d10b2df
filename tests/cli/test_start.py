"""The command line takes back what a start put off (`vault/start.py`)."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize("words", [["completion", "bash"], ["age-keygen", "-o", "/dev/null"]])
def test_a_command_that_runs_is_collected(words: list[str]) -> None:
    code = f"import gc, sys; sys.argv = {['dossier', *words]}; from vault.cli.main import run; run(); print(gc.isenabled())"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.endswith("True\n")
