"""A practice on PostgreSQL with two gateways."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.places import postgres_databases
from tests.races.house import House, open_house


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with postgres_databases(tmp_path):
        yield open_house(tmp_path)


@pytest.fixture
def light(tmp_path: Path) -> Iterator[House]:
    """With its keys in memory."""
    with postgres_databases(tmp_path, "records"):
        yield open_house(tmp_path, keys=False)
