"""Brings a database to the newest schema; the supervisor calls it before it starts anything else."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from vault.adapters.sql.factory import writing
from vault.adapters.sql.postgres import Lock
from vault.errors import ConfigurationError

_MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = Lock(0x76_6C_74_04)  # an arbitrary number, the same in every process


def migrate_database(engine: Engine) -> None:
    """Migrate the records store in one transaction; repeatable, and safe when two processes do it at once.

    Raises ConfigurationError for a database that a newer version has used.
    """
    _upgrade(engine, "database")


def migrate_keystore(engine: Engine) -> None:
    """As `migrate_database`, for the keystore."""
    _upgrade(engine, "keystore")


def _check_known(connection: Connection, scripts: ScriptDirectory) -> None:
    """Raise ConfigurationError for a schema that no migration of this version makes; nothing was changed then."""
    known = {script.revision for script in scripts.walk_revisions()}
    if not known.issuperset(MigrationContext.configure(connection).get_current_heads()):
        raise ConfigurationError(
            "a newer version of this program has used this database",
            advice="Nothing was changed. Start that version, or a newer one.",
        )


def _upgrade(engine: Engine, name: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS / name).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with writing(engine, _LOCK) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL statement_timeout = 0"))  # an index over a million rows takes long
        _check_known(connection, ScriptDirectory.from_config(config))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
