"""One practice for all tests of the faults; each test has its own dossier."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests import buckets
from tests.faults.house import Forker, Gateway, House
from tests.faults.lying_s3 import LyingS3
from tests.faults.proxy import Proxy
from tests.faults.s3_place import Place


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    forker = Forker()
    try:
        with Gateway(forker, folder / "data") as gateway:
            house = House(folder, forker, gateway)
            house.set_up()
            yield house
    finally:
        forker.close()


@pytest.fixture
def dossier(house: House, request: pytest.FixtureRequest) -> str:
    return house.open(f"{request.node.name} {house.number}"[-150:])


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


@pytest.fixture
def proxy(house: House) -> Iterator[Proxy]:
    """A proxy before the gateway; `through(proxy)` sends a command through it."""
    with Proxy(house.gateway.port) as between:
        yield between


@pytest.fixture(scope="module")
def standing() -> Iterator[Place]:
    with ExitStack() as stack:
        bucket = stack.enter_context(buckets.new_bucket(buckets.any_server(), versioned=True))
        liar = stack.enter_context(LyingS3(bucket.server.endpoint))
        yield Place(bucket, liar, bucket.objects(endpoint=liar.url))


@pytest.fixture
def place(standing: Place) -> Iterator[Place]:
    standing.liar.reset()
    yield standing
    standing.liar.reset()
    standing.bucket.empty()
