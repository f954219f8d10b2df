"""Trials of the rights of gateway and worker in the databases, by statements that touch no row and are rolled back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from psycopg.errors import InsufficientPrivilege
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from infra.roles.plan import Plan
from infra.roles.trials import Trial, must, must_not
from vault.errors import VaultError
from vault.settings import Role
from vault.wiring import keystore, records

_FAULTS = (DBAPIError, VaultError)
_ANYTHING = {
    "make a table": "CREATE TABLE trial (n int)",
    "change a table": "ALTER TABLE {table} ADD COLUMN trial int",
    "empty a table": "TRUNCATE {table}",
    "make a role": "CREATE ROLE dossier_trial",
}
_MUST: Mapping[tuple[str, Role], Mapping[str, str]] = {
    ("records", Role.GATEWAY): {
        "read documents": "SELECT FROM document LIMIT 0",
        "take a deposit in": "INSERT INTO document SELECT * FROM document WHERE false",
        "write the audit": "INSERT INTO audit SELECT * FROM audit WHERE false",
    },
    ("records", Role.WORKER): {
        "read documents": "SELECT FROM document LIMIT 0",
        "remove what is due": "DELETE FROM document WHERE false",
        "mark a share as shredded": "UPDATE share SET shredded_at = shredded_at WHERE false",
        "leave its heartbeat": "INSERT INTO heartbeat SELECT * FROM heartbeat WHERE false",
    },
    ("keystore", Role.GATEWAY): {
        "read keys": "SELECT FROM shred_key LIMIT 0",
        "make keys": "INSERT INTO shred_key SELECT * FROM shred_key WHERE false",
    },
    ("keystore", Role.WORKER): {
        "destroy keys": "DELETE FROM shred_key WHERE false",
        "inscribe tombstones": "INSERT INTO tombstone SELECT * FROM tombstone WHERE false",
    },
}
_MUST_NOT: Mapping[tuple[str, Role], Mapping[str, str]] = {
    ("records", Role.GATEWAY): {
        "remove a dossier": "DELETE FROM dossier WHERE false",
        "remove a link of an index": "DELETE FROM index_link WHERE false",
        "remove from the audit": "DELETE FROM audit WHERE false",
        "remove a disclosure": "DELETE FROM disclosure WHERE false",
        "change a disclosure": "UPDATE disclosure SET at = at WHERE false",
        "change what an erasure stands on": "UPDATE erasure SET evidence = evidence WHERE false",
        "mark a share as shredded": "UPDATE share SET shredded_at = shredded_at WHERE false",
    },
    ("records", Role.WORKER): {
        "make a document": "INSERT INTO document SELECT * FROM document WHERE false",
        "make a share": "INSERT INTO share SELECT * FROM share WHERE false",
        "change a sign-in": "UPDATE member SET login = login WHERE false",
        "agree with its own clock": "INSERT INTO clock_word SELECT * FROM clock_word WHERE false",
        "remove from the audit": "DELETE FROM audit WHERE false",
    },
    ("keystore", Role.GATEWAY): {
        "destroy a key": "DELETE FROM shred_key WHERE false",
        "replace a key": "UPDATE shred_key SET sealed = sealed WHERE false",
        "inscribe a tombstone": "INSERT INTO tombstone SELECT * FROM tombstone WHERE false",
    },
    ("keystore", Role.WORKER): {
        "make a key": "INSERT INTO shred_key SELECT * FROM shred_key WHERE false",
        "remove a tombstone": "DELETE FROM tombstone WHERE false",
        "remove from the ledger": "DELETE FROM ledger WHERE false",
    },
}
_OWNED = {"records": "document", "keystore": "shred_key"}


def try_databases(plan: Plan) -> Iterator[Trial]:
    """Try each role in each database."""
    for role, settings in ((Role.GATEWAY, plan.gateway), (Role.WORKER, plan.worker)):
        for database, make in (("records", records), ("keystore", keystore)):
            engine = make(settings)
            try:
                yield from _try(engine, database, role)
            finally:
                engine.dispose()


def _try(engine: Engine, database: str, role: Role) -> Iterator[Trial]:
    where = f"{database}: the {role}"
    for what, statement in _MUST[database, role].items():
        yield must(f"{where} can {what}", partial(_run, engine, statement), _FAULTS)
    never = {
        **_MUST_NOT[database, role],
        **{what: text.format(table=_OWNED[database]) for what, text in _ANYTHING.items()},
    }
    for what, statement in never.items():
        yield must_not(f"{where} cannot {what}", partial(_run, engine, statement), _refused, _FAULTS)


def _run(engine: Engine, statement: str) -> None:
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
        connection.rollback()


def _refused(error: Exception) -> bool:
    return isinstance(error, DBAPIError) and isinstance(error.orig, InsufficientPrivilege)
