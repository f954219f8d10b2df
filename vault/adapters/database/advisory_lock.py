"""An advisory lock on a task, released with its holder's connection or process (`vault.ports.store.Store.alone`).

PostgreSQL: an advisory lock of the session, outside any transaction. SQLite: a lock on an empty file beside the
database, which the kernel releases with the process.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, func, select

from vault.adapters.sql.factory import begun
from vault.adapters.sql.failures import translated
from vault.adapters.sql.postgres import number_of
from vault.errors import VaultError
from vault.files import unavailable_on_failure

_TASK = 0x76_6C_74_03  # differs from the families of locks in `store`


@contextmanager
def alone(engine: Engine, task: str) -> Iterator[bool]:
    """See `Store.alone`; raises UnavailableError."""
    with _by_file(engine, task) if engine.dialect.name == "sqlite" else _by_connection(engine, task) as mine:
        yield mine


@contextmanager
def _by_connection(engine: Engine, task: str) -> Iterator[bool]:
    with translated(writes=True):
        connection = begun(engine)
    free = False
    try:
        with translated(writes=True):
            mine = bool(connection.scalar(select(func.pg_try_advisory_lock(_TASK, number_of(task)))))
            connection.commit()
        try:
            yield mine
        finally:
            free = not mine or _let_go(connection, task)
    finally:
        # A connection that may still hold the lock must not return to the pool.
        if not free:
            connection.invalidate()
        connection.close()


def _let_go(connection: Connection, task: str) -> bool:
    """Release the lock; False when the database is unreachable: the lock is then gone with its connection."""
    try:
        with translated(writes=True), connection.begin():
            connection.scalar(select(func.pg_advisory_unlock(_TASK, number_of(task))))
    except VaultError:
        return False
    return True


@contextmanager
def _by_file(engine: Engine, task: str) -> Iterator[bool]:
    path = f"{engine.url.database}-{task}"
    with unavailable_on_failure(path):
        file = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        yield _locked(file)
    finally:
        os.close(file)


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
