from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest

from tests.infra.serving import Server
from tests.journeys.machine import Director, Machine


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real `dossier serve` on a free port with data of its own."""
    folder = tmp_path_factory.mktemp("server")
    with Server(folder / "data", log=folder / "log") as running:
        yield running


@pytest.fixture(scope="session")
def director(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Director:
    """The practice is set up, the director signed in."""
    director = Director(tmp_path_factory.mktemp("people") / "director", server.url)
    director.set_up(server)
    return director


@pytest.fixture(scope="session")
def strangers(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Machine]:
    """Machines without an account, a new one each time."""
    root, numbers = tmp_path_factory.mktemp("strangers"), itertools.count()
    return lambda: Machine(root / str(next(numbers)), server.url)
