"""PostgreSQL for the engine factory: URLs, keepalive, units of work behind advisory locks.

A unit of work is READ COMMITTED and takes advisory locks first; a reader has a REPEATABLE READ snapshot (decision
record 0011). Both begin in one message to the server.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from vault.adapters.sql.patience import Patience
from vault.errors import ConfigurationError

DRIVER = "postgresql+psycopg"
_SCHEMES = {"postgresql", "postgres", DRIVER}
_KEPT = 8  # connections of one pool that are kept open
_ADVICE = "Write postgresql://user@host:5432/database?passfile=/path/to/passfile."
# Client side: a dead server is noticed within a minute, also in the middle of a response.
_LIVENESS = {
    "keepalives_idle": 20,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
    "application_name": "dossier",
}
# Server side: a dead reader holds its snapshot for a minute at most, a hanging statement for five. A frozen process
# that was writing stops others no longer than `FROZEN`: the server ends its session, and the unit of work with it.
FROZEN = "4s"
_SESSION = {
    "idle_in_transaction_session_timeout": "60s",
    "tcp_keepalives_idle": "20",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
    "synchronous_commit": "on",
}


@dataclass(frozen=True, slots=True)
class Lock:
    """An advisory lock until the transaction ends: a key of two numbers, shared or exclusive."""

    family: int
    number: int = 0
    shared: bool = False

    @property
    def text(self) -> str:
        """The statement that waits for the lock; the queue is first come, first served."""
        return f"SELECT pg_advisory_xact_lock{'_shared' if self.shared else ''}({self.family}, {self.number})"


def number_of(name: str) -> int:
    """A lock's number for a name, 32 bits; a collision of two names only makes one wait for the other."""
    return int.from_bytes(hashlib.sha256(name.encode(errors="surrogatepass")).digest()[:4], "big", signed=True)


def parsed(address: str) -> URL:
    """The database URL, with the driver named; raises ConfigurationError, which does not quote the URL."""
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise ConfigurationError("a database's address cannot be read", advice=_ADVICE) from None
    if url.drivername in _SCHEMES:
        return url.set(drivername=DRIVER)
    if url.drivername == "sqlite":
        return url
    raise ConfigurationError(f"{url.drivername} is no kind of database that this vault knows", advice=_ADVICE)


def postgres_engine(url: URL, patience: Patience) -> Engine:
    """An engine whose units of work wait no longer than that for a connection, and for a lock."""
    if not url.database:
        raise ConfigurationError("a PostgreSQL address must name a database", advice=_ADVICE)
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=(kept := min(_KEPT, patience.connections)),
        max_overflow=patience.connections - kept,
        pool_timeout=patience.busy_seconds,
        connect_args=_connect_args(url, patience),
    )
    _check_options(engine)
    return engine


def _connect_args(url: URL, patience: Patience) -> dict[str, Any]:
    """Defaults that the URL may override. The driver begins no transaction by itself: `begin` does."""
    times = {"lock_timeout": patience.busy_seconds, "statement_timeout": patience.statement_seconds}
    session = {**{name: f"{round(seconds * 1000)}ms" for name, seconds in times.items()}, **_SESSION}
    theirs = url.query.get("options", "")
    options = [f"-c {name}={value}" for name, value in session.items()]
    liveness = {"connect_timeout": patience.connect_seconds, **_LIVENESS}
    mine = {name: value for name, value in liveness.items() if name not in url.query}
    return {**mine, "options": " ".join([*options, theirs if isinstance(theirs, str) else ""]), "autocommit": True}


def _check_options(engine: Engine) -> None:
    """Refuse an unknown libpq option now, not at the first connection."""
    from psycopg import ProgrammingError, conninfo  # noqa: PLC0415 - a vault on SQLite does without the driver

    _, arguments = engine.dialect.create_connect_args(engine.url)
    known = {name: value for name, value in arguments.items() if name != "context"}
    try:
        conninfo.make_conninfo("", **known)
    except ProgrammingError as error:
        raise ConfigurationError(
            f"a PostgreSQL address has a parameter that is none: {error}", advice=_ADVICE
        ) from None


def begin(connection: Connection, *, reads: bool, locks: tuple[Lock, ...]) -> None:
    """The first message of a unit of work."""
    if reads:
        connection.exec_driver_sql("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    else:
        begins = "BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE"
        patience = f"SET LOCAL idle_in_transaction_session_timeout = '{FROZEN}'"
        statements = [begins, patience, *(lock.text for lock in locks)]
        connection.exec_driver_sql("; ".join(statements))


def failed(connection: Connection) -> bool:
    """Whether a statement failed and was not undone: PostgreSQL would silently turn the commit into a rollback."""
    if connection.dialect.name != "postgresql":
        return False
    from psycopg import Connection as Driver  # noqa: PLC0415 - as above
    from psycopg.pq import TransactionStatus  # noqa: PLC0415

    driver = connection.connection.driver_connection
    return isinstance(driver, Driver) and driver.info.transaction_status == TransactionStatus.INERROR
