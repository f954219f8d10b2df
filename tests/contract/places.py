"""Embedded engines in a folder, migrated; engines are closed with the test that opened them.

A new database is a copy of one that was migrated once, and a new process is forked from one that has imported all of
this: migrating and importing took most of the time of these tests.
"""

from __future__ import annotations

import multiprocessing
import tempfile
import weakref
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Engine

from vault.adapters.keystore import GenerationFiles, SqlKeystore
from vault.adapters.migrate import migrate_keystore, migrate_records
from vault.adapters.records import SqlStore
from vault.adapters.sql_engine import keystore_engine, records_engine, sqlite_url

T = TypeVar("T")
CHILDREN = multiprocessing.get_context("forkserver")
CHILDREN.set_forkserver_preload(["tests.contract.places", "hypothesis", "pytest"])


def sql_store(folder: Path) -> SqlStore:
    engine = _made(folder / "records.db", records_engine, migrate_records)
    return _closing(SqlStore(engine), engine)


def sql_keystore(folder: Path, *, step: Callable[[str], None] = lambda _: None) -> SqlKeystore:
    engine = _made(folder / "keystore.db", keystore_engine, migrate_keystore)
    return _closing(SqlKeystore(engine, generations(folder), step=step), engine)


def generations(folder: Path) -> GenerationFiles:
    return GenerationFiles(folder / "keys" / "generation")


def _made(path: Path, make: Callable[[str], Engine], migrate: Callable[[Engine], None]) -> Engine:
    engine = make(sqlite_url(path))
    if not path.stat().st_size:
        path.write_bytes(_migrated(make, migrate))
    return engine


@cache
def _migrated(make: Callable[[str], Engine], migrate: Callable[[Engine], None]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "new.db"
        engine = make(sqlite_url(path))
        migrate(engine)
        engine.dispose()
        return path.read_bytes()


def _closing(owner: T, engine: Engine) -> T:
    weakref.finalize(owner, engine.dispose)
    return owner
