"""Child processes are measured for coverage only where a test says so: `@MEASURED`, or `with measured():`.

Measuring takes as long again as a child's start, and most children run what others have shown. A fork that ends by
`os._exit`, or a kill, loses its measurement anyway.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

_VARIABLE = "COVERAGE_PROCESS_CONFIG"  # by it `coverage` begins in a new Python process
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
        yield


@pytest.fixture
def measured_children() -> Iterator[None]:
    """The child processes of this test are measured."""
    with measured():
        yield
