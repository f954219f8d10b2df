"""The one factory of SQL engines, their transactions, and what their failures mean to a caller.

SQLite's driver opens transactions late by itself (298 of 800 updates were lost, DDL did not roll back): here it never
does. Every unit of work that writes begins with `BEGIN IMMEDIATE`, one that only reads with `BEGIN`.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.sql.schema import Table

from vault.errors import ConfigurationError, UnavailableError

BUSY_SECONDS = 30
_READS = "vault_reads"
_RECORDS = ("journal_mode=WAL", "synchronous=FULL")
# WAL would leave deleted keys readable in its log; `secure_delete` zeroes freed cells and pages.
_KEYSTORE = ("secure_delete=ON", "journal_mode=TRUNCATE", "synchronous=EXTRA", "temp_store=MEMORY")
_PASSING = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
}


def sqlite_url(path: Path) -> str:
    """The address of an SQLite file."""
    return URL.create("sqlite", database=str(path)).render_as_string(hide_password=False)


def records_engine(url: str) -> Engine:
    """An engine for the records store; an SQLite file is made, readable by its owner alone."""
    return _engine(url, _RECORDS)


def keystore_engine(url: str) -> Engine:
    """An engine for the keystore: what is deleted there is overwritten, in the file and in its journal."""
    return _engine(url, _KEYSTORE)


def _engine(address: str, pragmas: tuple[str, ...]) -> Engine:
    url = make_url(address)
    if url.get_backend_name() != "sqlite":
        return create_engine(url, hide_parameters=True, pool_pre_ping=True, isolation_level="SERIALIZABLE")
    if not url.database or url.database == ":memory:":
        raise ConfigurationError("an SQLite address must name a file", advice="write sqlite:///path/to/file.db")
    _make_file(Path(url.database))
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=16,
        max_overflow=-1,
        connect_args={"isolation_level": None, "timeout": BUSY_SECONDS, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: object) -> None:
        for pragma in ("foreign_keys=ON", *pragmas):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get(_READS, False)
        connection.exec_driver_sql(f"PRAGMA query_only={'ON' if reads else 'OFF'}")
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def _make_file(path: Path) -> None:
    """An empty file of mode 0600: SQLite gives its journals the mode of the file they belong to."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise UnavailableError(f"{path} cannot be opened: {error.strerror}", advice=_ADVICE) from error


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A unit of work: commits at the end, rolls back on an exception; raises UnavailableError."""
    with _translated(), engine.begin() as connection:
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent view that waits for no writer; raises UnavailableError."""
    with _translated(), engine.connect() as connection:
        yield connection.execution_options(**{_READS: True})


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except PoolTimeoutError as error:
        raise UnavailableError("the database has no connection left", advice=_ADVICE) from error
    except DBAPIError as error:
        reason = _passing(error)
        if reason is None:
            raise
        raise UnavailableError(f"the database cannot do this now: {reason}", advice=_ADVICE) from error


_ADVICE = "Nothing was changed. See whether the disk is full or the database is down, then try again."


def _passing(error: DBAPIError) -> str | None:
    """Why it may go through later, or None when it is a fault of ours."""
    if isinstance(error.orig, sqlite3.Error):
        code = getattr(error.orig, "sqlite_errorcode", None)
        return str(error.orig) if code is not None and code & 0xFF in _PASSING else None
    if isinstance(error, (OperationalError, InterfaceError)) or error.connection_invalidated:
        return type(error.orig).__name__
    return None


def insert_into(connection: Connection, table: Table) -> sqlite.Insert:
    """An INSERT that knows ON CONFLICT; SQLite and PostgreSQL spell it alike, SQLAlchemy has one class for each."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)  # type: ignore[return-value]
    return sqlite.insert(table)
