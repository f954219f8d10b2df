"""Database failures sorted for callers: unavailable, wrongly configured, or a bug of ours."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from vault.errors import ConfigurationError, UnavailableError, VaultError

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
# SQLSTATE, PostgreSQL manual appendix A. Classes: connection, resources, operator, system; then deadlocks, a lock
# timeout, a transaction ended for idling, a read-only server (a standby).
_PASSING_CLASSES = ("08", "53", "57", "58")
_PASSING_STATES = {"40001", "40P01", "55P03", "25P03"}
_READ_ONLY = "25006"
_MISSING_RIGHT = "42501"
_MISSING_TABLE = {"42P01", "42703", "3F000"}
_ADVICE = "Nothing was changed. See whether the disk is full or the database is down, then try again."
# The response to a commit may be lost; flows are safe to repeat.
_SERVER_ADVICE = "Nothing was lost. See whether the database server is up and has room, then try again."


@contextmanager
def translated(*, writes: bool) -> Iterator[None]:
    """Raise UnavailableError or ConfigurationError for faults outside this program; other exceptions pass."""
    try:
        yield
    except PoolTimeoutError as error:
        raise UnavailableError("the database has no connection left", advice=_SERVER_ADVICE) from error
    except sqlite3.Error as error:
        meaning = _sqlite(error)
        if meaning is None:
            raise
        raise meaning from error
    except DBAPIError as error:
        meaning = _sqlite(error.orig) if isinstance(error.orig, sqlite3.Error) else _postgres(error, writes=writes)
        if meaning is None:
            raise
        raise meaning from error


def _sqlite(error: sqlite3.Error) -> VaultError | None:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None or code & 0xFF not in _PASSING:
        return None
    return UnavailableError(f"the database cannot do this now: {error}", advice=_ADVICE)


def _postgres(error: DBAPIError, *, writes: bool) -> VaultError | None:
    import psycopg  # noqa: PLC0415 - a vault on SQLite does without, and starts sooner

    cause = error.orig
    if not isinstance(cause, psycopg.Error):
        return None
    state, said = cause.sqlstate or "", cause.diag.message_primary or _first_line(cause)
    if state == _MISSING_RIGHT:
        return ConfigurationError(
            f"the database refuses this to its user: {said}",
            advice="Give the roles their rights by `python -m infra.roles`, and each process its own role's address.",
        )
    if state in _MISSING_TABLE:
        return ConfigurationError(
            f"the database is not the one this version made: {said}",
            advice="Start the supervisor (`dossier serve`) once: it brings the databases up to date.",
        )
    lost = isinstance(cause, (psycopg.OperationalError, psycopg.InterfaceError)) and not state
    passing = state.startswith(_PASSING_CLASSES) or state in _PASSING_STATES or (writes and state == _READ_ONLY)
    if not (lost or passing or error.connection_invalidated):
        return None
    return UnavailableError(f"the database cannot do this now: {said}", advice=_SERVER_ADVICE)


def _first_line(cause: Exception) -> str:
    """The driver's first line; it names server, user and database, never a password or a value."""
    return (str(cause).strip().splitlines() or [type(cause).__name__])[0]
