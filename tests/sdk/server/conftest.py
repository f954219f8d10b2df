"""A server that says what a test sets."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sdk.server.fake_server import Switch


@pytest.fixture
def switch() -> Iterator[Switch]:
    made = Switch()
    yield made
    made.server.close()
