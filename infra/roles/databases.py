"""Makes the roles of both databases, with exactly the rights in `database.sql` and `keystore.sql`; repeatable."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import ProgrammingError

from vault.adapters.sql.factory import database_engine, keystore_engine, writing
from vault.adapters.sql.migrate import migrate_database, migrate_keystore
from vault.adapters.sql.postgres import Lock
from vault.errors import ConfigurationError

_HERE = Path(__file__).parent
_LOCK = Lock(0x76_6C_74_05)
_ADVICE = (
    "Let the owner's address name a role that owns the database and may make roles (CREATEROLE), or let an "
    "administrator make both roles first, with the passwords of their addresses."
)
_TOO_MUCH = """
SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls
    OR EXISTS (SELECT FROM pg_auth_members WHERE member = pg_roles.oid)
FROM pg_roles WHERE rolname = %s
"""


def apply_databases(
    owner_database_url: str, owner_keystore_url: str, *, gateway: tuple[str, str], worker: tuple[str, str]
) -> None:
    """Migrate both databases, then make the two roles (name, password) and give them their rights in each.

    Raises ConfigurationError when the owner lacks rights or a role has more rights than these, and UnavailableError
    when a server does not answer. Finished steps stay; another run completes them.
    """
    for engine, migrate, rights in (
        (database_engine(owner_database_url), migrate_database, "database.sql"),
        (keystore_engine(owner_keystore_url), migrate_keystore, "keystore.sql"),
    ):
        try:
            _apply(engine, migrate, rights, gateway, worker)
        finally:
            engine.dispose()


def _apply(
    engine: Engine, migrate: Callable[[Engine], None], rights: str, gateway: tuple[str, str], worker: tuple[str, str]
) -> None:
    with _as_owner():
        migrate(engine)
        with writing(engine, _LOCK) as connection:
            driver = connection.connection.driver_connection
            if not isinstance(driver, psycopg.Connection):
                raise ConfigurationError("roles are made on PostgreSQL alone", advice="Embedded engines have none.")
            for name, password in (gateway, worker):
                _make_role(connection, driver, name, password)
                _refuse_too_much(connection, name)
            names = {"database": driver.info.dbname, "gateway": gateway[0], "worker": worker[0]}
            connection.exec_driver_sql(_filled((_HERE / rights).read_text(encoding="utf-8"), names, driver))


@contextmanager
def _as_owner() -> Iterator[None]:
    try:
        yield
    except ConfigurationError as error:
        raise ConfigurationError(f"the roles were not made: {error}", advice=_ADVICE) from error


def _make_role(connection: Connection, driver: psycopg.Connection[Any], name: str, password: str) -> None:
    """Make the role, or give it this password; the server gets a verifier, not the password."""
    there = connection.exec_driver_sql("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,)).first() is not None
    verifier = driver.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode()
    statement = sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(
        sql.SQL("ALTER" if there else "CREATE"), sql.Identifier(name), sql.Literal(verifier)
    )
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(statement.as_string(driver))
    except ProgrammingError as error:
        # An administrator made the role and owns its password; a wrong one shows at the process's login.
        if not (there and isinstance(error.orig, psycopg.errors.InsufficientPrivilege)):
            raise


def _refuse_too_much(connection: Connection, name: str) -> None:
    if connection.exec_driver_sql(_TOO_MUCH, (name,)).scalar() is not False:
        raise ConfigurationError(f"{name} is a superuser, may make roles or databases, or is a member of another role")


def _filled(statements: str, names: dict[str, str], driver: psycopg.Connection[Any]) -> str:
    for name, value in names.items():
        statements = statements.replace(f':"{name}"', sql.Identifier(value).as_string(driver))
    return statements
