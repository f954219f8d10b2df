"""Migrated engines for a folder, embedded or on PostgreSQL; closed at the end of their test.

A new database is a copy of one that was migrated once, and a new process is forked from one that has imported all of
this: migrating and importing took most of the time of these tests.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import tempfile
import weakref
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import TypeVar

import psycopg
from sqlalchemy import Engine

from tests import engines
from vault.adapters.database import SqlStore
from vault.adapters.database import tables as records_tables
from vault.adapters.keystore import GenerationFiles, SqlKeystore
from vault.adapters.keystore import tables as keystore_tables
from vault.adapters.sql.factory import database_engine, keystore_engine, sqlite_url
from vault.adapters.sql.migrate import migrate_database, migrate_keystore

T = TypeVar("T")
MIGRATING: dict[str, tuple[Callable[[str], Engine], Callable[[Engine], None]]] = {
    "records": (database_engine, migrate_database),
    "keystore": (keystore_engine, migrate_keystore),
}
TABLES = {"records": list(records_tables.metadata.tables), "keystore": list(keystore_tables.metadata.tables)}
CHILDREN = multiprocessing.get_context("forkserver")
CHILDREN.set_forkserver_preload(["tests.contract.places", "hypothesis", "pytest"])


def sql_store(folder: Path) -> SqlStore:
    engine = _made(folder / "records.db", database_engine, migrate_database)
    return _closing(SqlStore(engine), engine)


def sql_keystore(folder: Path, *, step: Callable[[str], None] = lambda _: None) -> SqlKeystore:
    engine = _made(folder / "keystore.db", keystore_engine, migrate_keystore)
    return _closing(SqlKeystore(engine, generations(folder), step=step), engine)


@contextmanager
def postgres_databases(folder: Path, *names: str) -> Iterator[None]:
    """Empty, migrated databases of the folder until the block ends, also for other processes.

    They are reused: emptying a database takes a twentieth of the time of making one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    taken = {name: _spare(name).pop() if _spare(name) else _new(name) for name in names or MIGRATING}
    for name, url in taken.items():
        (folder / f"{name}.url").write_text(url)
    yield
    for name, url in taken.items():
        emptied(name, url)
        _spare(name).append(url)


def postgres_url(folder: Path, name: str) -> str:
    return (folder / f"{name}.url").read_text()


def postgres_store(folder: Path) -> SqlStore:
    engine = database_engine(postgres_url(folder, "records"))
    return _closing(SqlStore(engine), engine)


def postgres_keystore(folder: Path, *, step: Callable[[str], None] = lambda _: None) -> SqlKeystore:
    engine = keystore_engine(postgres_url(folder, "keystore"))
    return _closing(SqlKeystore(engine, generations(folder), step=step), engine)


def store_at(folder: Path) -> SqlStore:
    """The store on the folder's engine."""
    return (postgres_store if (folder / "records.url").exists() else sql_store)(folder)


def keystore_at(folder: Path, *, step: Callable[[str], None] = lambda _: None) -> SqlKeystore:
    return (postgres_keystore if (folder / "keystore.url").exists() else sql_keystore)(folder, step=step)


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


@cache
def _spare(_: str) -> list[str]:
    return []


@cache
def _kept(process: int) -> ExitStack:
    """This process's databases, dropped at its end; a child process drops nothing."""
    kept = ExitStack()
    atexit.register(lambda: kept.close() if os.getpid() == process else None)
    return kept


def _new(name: str) -> str:
    make, migrate = MIGRATING[name]
    url = _kept(os.getpid()).enter_context(engines.new_database())
    engine = make(url)
    migrate(engine)
    engine.dispose()
    return url


def emptied(name: str, url: str, *, stay: bool = False) -> None:
    """Reset to a freshly migrated database; other connections are ended, unless they may stay."""
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
    with psycopg.connect(url, autocommit=True) as connection:
        if not stay:
            connection.execute(f"{others} AND pid <> pg_backend_pid() AND backend_type = 'client backend'")
        connection.execute("SET session_replication_role = replica")  # no trigger, no foreign key
        connection.execute("; ".join(f'DELETE FROM "{table}"' for table in TABLES[name]))
        if name == "keystore":
            connection.execute(
                "INSERT INTO state (id, current, turning, allotted, turner, audit) VALUES (1, 0, 0, 0, '', 0)"
            )


def _closing(owner: T, engine: Engine) -> T:
    weakref.finalize(owner, engine.dispose)
    return owner
