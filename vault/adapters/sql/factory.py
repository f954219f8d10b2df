"""The one factory of SQL engines, and their transactions.

SQLite's driver would begin transactions by itself, too late (298 of 800 updates were lost, DDL did not roll back): that
is switched off. Every unit of work that writes begins with `BEGIN IMMEDIATE`, one that only reads with `BEGIN`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.schema import Table

from vault.adapters.sql.failures import translated
from vault.adapters.sql.patience import WORKING, Patience
from vault.adapters.sql.postgres import Lock, begin, failed, parsed, postgres_engine
from vault.errors import ConfigurationError, UnavailableError

BUSY_SECONDS = WORKING.busy_seconds
_READS = "vault_reads"
_LOCKS = "vault_locks"
_RECORDS = ("journal_mode=WAL", "synchronous=FULL")
# WAL would leave deleted keys readable in its log; `secure_delete` zeroes freed cells and pages.
_KEYSTORE = ("secure_delete=ON", "journal_mode=TRUNCATE", "synchronous=EXTRA", "temp_store=MEMORY")


def sqlite_url(path: Path) -> str:
    """The database URL of an SQLite file."""
    return URL.create("sqlite", database=str(path)).render_as_string(hide_password=False)


def database_engine(url: str, patience: Patience | None = None) -> Engine:
    """An engine for the records store; a missing SQLite file is made, readable by its owner only.

    Raises ConfigurationError for a URL of no supported engine; nothing is connected yet.
    """
    return _engine(url, _RECORDS, patience)


def keystore_engine(url: str, patience: Patience | None = None) -> Engine:
    """As `database_engine`, for the keystore: SQLite overwrites deleted content, in its journal too."""
    return _engine(url, _KEYSTORE, patience)


def _engine(address: str, pragmas: tuple[str, ...], patience: Patience | None) -> Engine:
    url, patience = parsed(address), patience or WORKING
    return _sqlite_engine(url, pragmas, patience) if url.drivername == "sqlite" else _postgres_engine(url, patience)


def _postgres_engine(url: URL, patience: Patience) -> Engine:
    engine = postgres_engine(url, patience)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        begin(connection, reads=options.get(_READS, False), locks=options.get(_LOCKS, ()))

    return engine


def _sqlite_engine(url: URL, pragmas: tuple[str, ...], patience: Patience) -> Engine:
    if not url.database or url.database == ":memory:":
        raise ConfigurationError("an SQLite address must name a file", advice="write sqlite:///path/to/file.db")
    _make_file(Path(url.database))
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=patience.connections,
        max_overflow=-1,
        connect_args={"isolation_level": None, "timeout": patience.busy_seconds, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: object) -> None:
        for pragma in ("foreign_keys=ON", *pragmas):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # Directly on the driver: SQLAlchemy's execution path costs more than the whole unit of work.
        reads, driver = connection.get_execution_options().get(_READS, False), connection.connection
        if connection.info.get(_READS) is not reads:
            driver.execute(f"PRAGMA query_only={'ON' if reads else 'OFF'}").close()
            connection.info[_READS] = reads
        driver.execute("BEGIN" if reads else "BEGIN IMMEDIATE").close()

    return engine


def _make_file(path: Path) -> None:
    """An empty file of mode 0600: SQLite gives its journals the mode of the file they belong to."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    except OSError as error:
        advice = "Nothing was changed. See whether the disk is full or the folder may be written, then try again."
        raise UnavailableError(f"{path} cannot be opened: {error.strerror}", advice=advice) from error


@contextmanager
def writing(engine: Engine, *locks: Lock) -> Iterator[Connection]:
    """A unit of work: commits at the end, rolls back on an exception; raises UnavailableError.

    On PostgreSQL it first waits for these locks, in this order; on SQLite every unit of work is exclusive.
    """
    with translated(writes=True), begun(engine, {_LOCKS: locks}) as connection:
        yield connection
        if failed(connection):
            raise AssertionError("a failed statement was passed over: nothing of this unit of work can be kept")
        connection.commit()


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A consistent snapshot that waits for no writer; raises UnavailableError."""
    with translated(writes=False), begun(engine, {_READS: True}) as connection:
        yield connection


def begun(engine: Engine, options: dict[str, Any] | None = None) -> Connection:
    """A connection with a transaction begun on it; the caller closes it.

    A pooled connection may be dead. Its first message shows that, before anything was done, and a new connection
    replaces it. This saves the message of a ping each time.
    """
    options = options or {}
    connection = _begin_on(engine, options) or _begin_on(engine, options, last=True)
    assert connection is not None
    return connection


def _begin_on(engine: Engine, options: dict[str, Any], *, last: bool = False) -> Connection | None:
    """Begin on a pooled connection; None when it is dead: then the whole pool is replaced."""
    connection = engine.connect().execution_options(**options)
    try:
        connection.begin()
    except DBAPIError as error:
        connection.close()
        if last or not error.connection_invalidated:
            raise
        return None
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def undoable(connection: Connection) -> Iterator[None]:
    """A savepoint: rolls the block back when it raises, so that the unit of work can go on.

    SQLite undoes a failed statement by itself; PostgreSQL refuses every statement after a failed one without a
    savepoint.
    """
    if connection.dialect.name == "postgresql":
        with connection.begin_nested():
            yield
    else:
        yield


def insert_into(connection: Connection, table: Table) -> sqlite.Insert:
    """An INSERT with ON CONFLICT: the same SQL in SQLite and PostgreSQL, two classes in SQLAlchemy."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)  # type: ignore[return-value]
    return sqlite.insert(table)
