from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest

from tests.infra.serving import Server
from tests.journeys import topology
from tests.journeys.machine import Director, Machine
from tests.journeys.topology import Topology


@pytest.fixture(scope="session", params=topology.KINDS)
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Topology]:
    """A real `dossier serve`: one of everything on embedded engines, or several of each on real ones."""
    with topology.serving(request.param, tmp_path_factory.mktemp(f"server-{request.param}")) as made:
        yield made


@pytest.fixture(scope="session")
def server(running: Topology) -> Server:
    """On a free port, with data of its own."""
    return running.server


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
