"""Child processes are measured for coverage only where a test says so: `@MEASURED`, or `with measured():`.

Most children run what others have shown. A fork that ends by `os._exit`, or a kill, loses its measurement anyway.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.marking import loading

_VARIABLE = "COVERAGE_PROCESS_CONFIG"  # by it coverage.py begins in a new Python process, under `--cov`
_KEPT: dict[str, str] = {}
MEASURED = pytest.mark.usefixtures("measured_children")


def leave_children_out() -> None:
    """From now on new processes are not measured."""
    if _VARIABLE in os.environ:
        _KEPT[_VARIABLE] = os.environ.pop(_VARIABLE)


@contextmanager
def measured() -> Iterator[None]:
    """Processes started in this block are measured, if there is a measurement."""
    with pytest.MonkeyPatch.context() as patched:
        for name, value in _KEPT.items():
            patched.setenv(name, value)
        if loading.is_installed():
            inherited = os.environ.get("PYTHONPATH")
            places = [str(loading.PROCESSES), str(loading.ROOT), *([inherited] if inherited else [])]
            patched.setenv("PYTHONPATH", os.pathsep.join(places))
        yield


@pytest.fixture
def measured_children() -> Iterator[None]:
    """The child processes of this test are measured."""
    with measured():
        yield
