"""What a start makes is kept, and what comes after it is collected."""

from __future__ import annotations

import subprocess
import sys

import pytest

from vault import start


def said(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_after_a_start_only_what_came_later_is_collected():
    code = "import gc; from vault import start; start.begin(); begun = gc.isenabled(); start.done()"
    assert said(f"{code}; print(begun, gc.isenabled(), gc.get_freeze_count() > 1000)") == "False True True\n"


def test_where_nobody_began_nothing_is_kept(monkeypatch):
    monkeypatch.setattr(start.gc, "freeze", lambda: pytest.fail("kept"))
    start.done()


@pytest.mark.parametrize("words", [["completion", "bash"], ["age-keygen", "-o", "/dev/null"]])
def test_a_command_that_runs_is_collected(words: list[str]):
    code = f"import gc, sys; sys.argv = {['dossier', *words]}; from vault.cli.main import run; run(); print(gc.isenabled())"
    assert said(code).endswith("True\n")
