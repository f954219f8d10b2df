"""The plugin: `-p tests.marking.plugin` measures what a session of pytest reaches; `tests.marking.report` tells it.

It begins when it is imported: the first conftest imports what is to be measured.
"""

from __future__ import annotations

import pytest

from tests.marking import loading

if not loading.is_installed():
    loading.install()


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    loading.write()
