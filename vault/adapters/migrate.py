"""Brings a database to the newest schema; the supervisor calls it before it starts anything else."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, text

from vault.adapters.sql_engine import writing

_MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x766175_6C74  # any number, the same for all of us


def migrate_records(engine: Engine) -> None:
    """Migrate the records store, whole or not at all; repeatable, and safe when two processes do it at once."""
    _upgrade(engine, "records")


def migrate_keystore(engine: Engine) -> None:
    """As `migrate_records`, for the keystore."""
    _upgrade(engine, "keystore")


def _upgrade(engine: Engine, name: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS / name).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with writing(engine) as connection:  # on SQLite `BEGIN IMMEDIATE` is the lock
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
