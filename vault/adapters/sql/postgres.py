"""PostgreSQL under the engine factory: addresses, connections that notice a death, units of work behind locks.

A unit of work is READ COMMITTED behind advisory locks that it takes as its first act, whoever only reads has one
REPEATABLE READ snapshot (decision record 0011). Both begin in one message to the server.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import conninfo
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from vault.errors import ConfigurationError

DRIVER = "postgresql+psycopg"
_SCHEMES = {"postgresql", "postgres", DRIVER}
_KEPT, _MORE = 8, 8  # connections of one process to one database: kept open, and at most beside them
_ADVICE = "Write postgresql://user@host:5432/database?passfile=/path/to/passfile."
# Of the client's end; a server that is gone is noticed within a minute also in the middle of an answer.
_LIVENESS = {
    "connect_timeout": 10,
    "keepalives_idle": 20,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
    "application_name": "dossier",
}
# Of the server's end: a gateway that is gone holds no lock for longer than a minute, a statement that hangs none for
# longer than five.
_SESSION = {
    "statement_timeout": "300s",
    "idle_in_transaction_session_timeout": "60s",
    "tcp_keepalives_idle": "20",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
    "synchronous_commit": "on",
}


@dataclass(frozen=True, slots=True)
class Lock:
    """An advisory lock of the unit of work, until it ends: two numbers (the server's key), shared or alone."""

    family: int
    number: int = 0
    shared: bool = False

    @property
    def text(self) -> str:
        """The statement that waits for it; waiters are served in the order in which they came."""
        return f"SELECT pg_advisory_xact_lock{'_shared' if self.shared else ''}({self.family}, {self.number})"


def number_of(name: str) -> int:
    """A lock's number for a name, 32 bits; two names that share one only wait for each other."""
    return int.from_bytes(hashlib.sha256(name.encode(errors="surrogatepass")).digest()[:4], "big", signed=True)


def parsed(address: str) -> URL:
    """The address of a database, its driver named; raises ConfigurationError, which does not repeat the address."""
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise ConfigurationError("a database's address cannot be read", advice=_ADVICE) from None
    if url.drivername in _SCHEMES:
        return url.set(drivername=DRIVER)
    if url.drivername == "sqlite":
        return url
    raise ConfigurationError(f"{url.drivername} is no kind of database that this vault knows", advice=_ADVICE)


def postgres_engine(url: URL, *, busy_seconds: float) -> Engine:
    """An engine whose units of work wait for a connection, and for a lock, at most so many seconds."""
    if not url.database:
        raise ConfigurationError("a PostgreSQL address must name a database", advice=_ADVICE)
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=_KEPT,
        max_overflow=_MORE,
        pool_timeout=busy_seconds,
        connect_args=_connect_args(url, busy_seconds),
    )
    _check_options(engine)
    return engine


def _connect_args(url: URL, busy_seconds: float) -> dict[str, Any]:
    """Ours where the address says nothing. The driver begins nothing by itself: `begin` does."""
    session = {"lock_timeout": f"{round(busy_seconds * 1000)}ms", **_SESSION}
    theirs = url.query.get("options", "")
    options = [f"-c {name}={value}" for name, value in session.items()]
    mine = {name: value for name, value in _LIVENESS.items() if name not in url.query}
    return {**mine, "options": " ".join([*options, theirs if isinstance(theirs, str) else ""]), "autocommit": True}


def _check_options(engine: Engine) -> None:
    """Refuse what libpq does not know now, not at the first connection."""
    _, arguments = engine.dialect.create_connect_args(engine.url)
    known = {name: value for name, value in arguments.items() if name != "context"}
    try:
        conninfo.make_conninfo("", **known)
    except psycopg.ProgrammingError as error:
        raise ConfigurationError(
            f"a PostgreSQL address has a parameter that is none: {error}", advice=_ADVICE
        ) from None


def begin(connection: Connection, *, reads: bool, locks: tuple[Lock, ...]) -> None:
    """The first message of a unit of work."""
    if reads:
        connection.exec_driver_sql("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    else:
        statements = ["BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE", *(lock.text for lock in locks)]
        connection.exec_driver_sql("; ".join(statements))


def failed(connection: Connection) -> bool:
    """Whether a statement failed and was not undone: the server would turn the commit into a rollback silently."""
    driver = connection.connection.driver_connection
    return isinstance(driver, psycopg.Connection) and driver.info.transaction_status == TransactionStatus.INERROR
