"""The plugin: `-p tests.blind` makes a session of pytest blind (see tests/blindness.py)."""

from __future__ import annotations

from tests import blindness


def pytest_configure() -> None:
    if not blindness.is_installed():
        blindness.install()
