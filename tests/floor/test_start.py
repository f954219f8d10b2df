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
