"""Two profiles of hypothesis, `ci`, the same few examples every time, and `nightly`, many new ones; which children are
measured for coverage.

`make test` runs the first; `make fuzz` the second (`--hypothesis-profile=nightly`). A deadline would measure the machine.
"""

from __future__ import annotations

import gc
import os
import sys

import pytest
from hypothesis import settings

from tests.measured import leave_children_out, measured_children

# Keep compiled files: tests start hundreds of processes, and compiling takes longer than most tests.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

settings.register_profile("ci", max_examples=20, derandomize=True, database=None, deadline=None)
settings.register_profile("nightly", max_examples=100, derandomize=False, deadline=None, print_blob=True)
settings.load_profile("ci")

__all__ = ["measured_children"]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """A worker of pytest-xdist begins its own measurement."""
    leave_children_out()


@pytest.hookimpl(tryfirst=True)
def pytest_collection() -> None:
    leave_children_out()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What was imported until now stays: collecting it again and again takes a sixth of the tests' work."""
    gc.collect()
    gc.freeze()
