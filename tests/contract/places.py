"""Embedded engines in a folder, migrated; engines are closed with the test that opened them."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Engine

from vault.adapters.keystore import GenerationFiles, SqlKeystore
from vault.adapters.migrate import migrate_keystore, migrate_records
from vault.adapters.records import SqlStore
from vault.adapters.sql_engine import keystore_engine, records_engine, sqlite_url

T = TypeVar("T")


def sql_store(folder: Path) -> SqlStore:
    engine = records_engine(sqlite_url(folder / "records.db"))
    migrate_records(engine)
    return _closing(SqlStore(engine), engine)


def sql_keystore(folder: Path, *, step: Callable[[str], None] = lambda _: None) -> SqlKeystore:
    engine = keystore_engine(sqlite_url(folder / "keystore.db"))
    migrate_keystore(engine)
    return _closing(SqlKeystore(engine, generations(folder), step=step), engine)


def generations(folder: Path) -> GenerationFiles:
    return GenerationFiles(folder / "keys" / "generation")


def _closing(owner: T, engine: Engine) -> T:
    weakref.finalize(owner, engine.dispose)
    return owner
