"""The adapters that every contract runs over: another engine is one more line in a list below."""

from __future__ import annotations

from collections.abc import Callable
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from tests.contract.places import CHILDREN, sql_keystore, sql_store
from vault.adapters.memory import MemoryKeystore, MemoryObjects, MemoryStore
from vault.adapters.objects_directory import DirectoryObjects
from vault.ports import Keystore, Objects, Store

STORES: dict[str, Callable[[Path], Store]] = {
    "memory": lambda _: MemoryStore(),
    "sqlite": sql_store,
}
KEYSTORES: dict[str, Callable[[Path], Keystore]] = {
    "memory": lambda _: MemoryKeystore(),
    "sqlite": sql_keystore,
}
OBJECTS: dict[str, Callable[[Path], Objects]] = {
    "memory": lambda _: MemoryObjects(),
    "directory": lambda folder: DirectoryObjects(folder / "objects"),
}


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return STORES[request.param](tmp_path)


@pytest.fixture(params=KEYSTORES)
def keystore(request: pytest.FixtureRequest, tmp_path: Path) -> Keystore:
    return KEYSTORES[request.param](tmp_path)


@pytest.fixture(params=OBJECTS)
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    return OBJECTS[request.param](tmp_path)


@pytest.fixture
def forked(socket_enabled: None) -> ForkServerContext:
    return CHILDREN
