"""Who does a task alone: a lock that ends with its holder, whatever becomes of it (`vault.ports.store.Store.alone`).

PostgreSQL keeps an advisory lock for as long as the connection that took it lasts, outside any unit of work, so that
nothing waits for its end. Beside SQLite lies an empty file that is locked; the system lets go of it with the process.
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

_TASK = 0x76_6C_74_03  # beside the families of locks in `store`


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
        # Whatever went wrong in between: a connection goes back to the pool without the lock, or not at all.
        if not free:
            connection.invalidate()
        connection.close()


def _let_go(connection: Connection, task: str) -> bool:
    """False when the database cannot be told so any more; the lock is gone with its connection."""
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
