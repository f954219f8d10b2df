from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.gateway.house import House, Switch, build, serving


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run generated requests on one engine, PostgreSQL if there is one; `make fuzz` runs them on both."""
    if "DOSSIER_TEST_POSTGRES_URL" in os.environ and "DOSSIER_FUZZ_EXAMPLES" not in os.environ:
        twice = [item for item in items if getattr(item, "originalname", "") in ALSO_ON_POSTGRESQL]
        items[:] = [item for item in items if item not in twice]
        config.hook.pytest_deselected(items=twice)


ALSO_ON_POSTGRESQL = (
    "test_valid_requests_get_documented_answers",
    "test_a_signed_record_of_any_content_is_taken_or_refused_as_documented",
)


@pytest.fixture(scope="session")
def served() -> Iterator[tuple[Switch, int]]:
    switch = Switch()
    with serving(switch) as port:
        yield switch, port


@pytest.fixture
def building(served: tuple[Switch, int]) -> Iterator[Callable[..., House]]:
    """A function that makes a house with a fresh practice; the newest house is served."""
    built: list[House] = []

    def make(**app: Any) -> House:
        built.append(build(*served, **app))
        return built[-1]

    yield make
    for house in built:
        house.http.close()


@pytest.fixture
def house(building: Callable[..., House]) -> House:
    return building()
