"""The adapters that every contract runs over: a new engine is a new line in a list below."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from hashlib import sha256
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from tests import buckets
from tests.contract.places import (
    CHILDREN,
    postgres_databases,
    postgres_keystore,
    postgres_store,
    sql_keystore,
    sql_store,
)
from tests.twins import MemoryKeystore, MemoryObjects, MemoryStore
from vault.adapters.objects_directory import DirectoryObjects
from vault.adapters.objects_s3 import S3Objects
from vault.ports.keystore import Keystore
from vault.ports.objects import Objects
from vault.ports.store import Store

STORES: dict[str, Callable[[Path], Store]] = {
    "memory": lambda _: MemoryStore(),
    "sqlite": sql_store,
    "postgres": postgres_store,
}
KEYSTORES: dict[str, Callable[[Path], Keystore]] = {
    "memory": lambda _: MemoryKeystore(),
    "sqlite": sql_keystore,
    "postgres": postgres_keystore,
}
OBJECTS: dict[str, Callable[[Path], Objects]] = {
    "memory": lambda _: MemoryObjects(),
    "directory": lambda folder: DirectoryObjects(folder / "objects"),
}
FIXTURES = {"records": "store", "keystore": "keystore"}


@pytest.fixture
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """The test's folder, with databases on PostgreSQL if the test runs there."""
    if "postgres" not in request.node.callspec.params.values():
        yield tmp_path
        return
    names = [name for name in ("records", "keystore") if FIXTURES[name] in request.fixturenames]
    with postgres_databases(tmp_path, *names):
        yield tmp_path


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, databases: Path) -> Store:
    return STORES[request.param](databases)


@pytest.fixture(params=KEYSTORES)
def keystore(request: pytest.FixtureRequest, databases: Path) -> Keystore:
    return KEYSTORES[request.param](databases)


@pytest.fixture(params=["sqlite", "postgres"])
def kept(databases: Path) -> Path:
    """A folder with databases for several processes: `store_at`, `keystore_at`."""
    return databases


# A gateway's: where the server compares checksums, it does so instead of the gateway.
PROVING = {f"{name}, proving": name for name in ("moto", "versity, versioned")}


@pytest.fixture(params=[*OBJECTS, *buckets.SERVERS, *PROVING])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Objects]:
    if request.param in OBJECTS:
        yield OBJECTS[request.param](tmp_path)
        return
    server, versioned = buckets.SERVERS[PROVING.get(request.param, request.param)]
    with buckets.new_bucket(server(), versioned=versioned) as bucket:
        objects = bucket.objects(proving=request.param in PROVING)
        if request.param in PROVING:
            tried(objects)
            bucket.empty()
        yield objects


def tried(objects: S3Objects) -> None:
    """Have it find out about its server, which may keep the object of the trial."""
    objects.put("tried", io.BytesIO(bytes(1 << 20)), 1 << 20, sha256(bytes(1 << 20)).digest())


@pytest.fixture
def deciding(request: pytest.FixtureRequest) -> None:
    """Object stores that decide a race of two puts of one name."""
    if request.node.callspec.params["objects"] == "rclone":
        pytest.skip("rclone ignores If-None-Match, and its folders lag behind removals")


@pytest.fixture
def forked(socket_enabled: None) -> ForkServerContext:
    return CHILDREN
