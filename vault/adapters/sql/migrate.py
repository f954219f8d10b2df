"""Brings a database to the newest schema; the supervisor calls it before it starts anything else."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from vault.adapters.sql.factory import writing
from vault.adapters.sql.postgres import Lock

_MIGRATIONS = Path(__file__).parent / "migrations"
_FOLDERS = {"records": _MIGRATIONS / "database", "keystore": _MIGRATIONS / "keystore"}
_LOCK = Lock(0x76_6C_74_04)  # an arbitrary number, the same in every process


def migrate_database(engine: Engine) -> None:
    """Migrate the records store in one transaction; repeatable, and safe when two processes do it at once.

    Raises ConfigurationError for a database that a newer version has used.
    """
    _upgrade(engine, _FOLDERS["records"])


def migrate_keystore(engine: Engine) -> None:
    """As `migrate_database`, for the keystore."""
    _upgrade(engine, _FOLDERS["keystore"])


def schemas(store: str) -> tuple[str, ...]:
    """The revisions of a store's tables that this version knows, the oldest first; `records` or `keystore`."""
    return tuple(sorted(path.name.partition("_")[0] for path in (_FOLDERS[store] / "versions").glob("*.py")))


def migrate_to(engine: Engine, store: str, revision: str) -> None:
    """Make the tables of that revision in an empty database: rows of a backup that is older are put into them."""
    with writing(engine, _LOCK) as connection:
        if _recorded(connection) != [revision]:
            from vault.adapters.sql.alembic_run import upgrade  # noqa: PLC0415 - as below

            upgrade(connection, _FOLDERS[store], revision)


def newest(migrations: Path) -> str:
    """The last revision: the number that its file's name begins with."""
    return max(path.name for path in (migrations / "versions").glob("*.py")).partition("_")[0]


def _upgrade(engine: Engine, migrations: Path) -> None:
    with writing(engine, _LOCK) as connection:
        if _recorded(connection) != [newest(migrations)]:
            from vault.adapters.sql.alembic_run import upgrade  # noqa: PLC0415 - most starts do without

            upgrade(connection, migrations)


def _recorded(connection: Connection) -> list[str]:
    """The revisions that Alembic wrote into the database; none in a new one."""
    if not inspect(connection).has_table("alembic_version"):
        return []
    return list(connection.scalars(text("SELECT version_num FROM alembic_version")))
