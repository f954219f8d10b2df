from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.gateway.house import House, Switch, build, serving


@pytest.fixture(scope="session")
def served() -> Iterator[tuple[Switch, int]]:
    switch = Switch()
    with serving(switch) as port:
        yield switch, port


@pytest.fixture
def building(served: tuple[Switch, int]) -> Iterator[Callable[..., House]]:
    """Makes a house of a fresh practice; the newest one is served."""
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
