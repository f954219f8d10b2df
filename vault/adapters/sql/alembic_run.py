"""Alembic: the migrations a database lacks. Imported only where one is lacking, because it takes half of a start."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from vault.errors import ConfigurationError


def upgrade(connection: Connection, migrations: Path, revision: str = "head") -> None:
    """Run what is missing, within the transaction of the connection; raises ConfigurationError."""
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))  # an index over a million rows takes long
    _check_known(connection, ScriptDirectory.from_config(config))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _check_known(connection: Connection, scripts: ScriptDirectory) -> None:
    """Raise ConfigurationError for a schema that no migration of this version makes; nothing was changed then."""
    known = {script.revision for script in scripts.walk_revisions()}
    if not known.issuperset(MigrationContext.configure(connection).get_current_heads()):
        raise ConfigurationError(
            "a newer version of this program has used this database",
            advice="Nothing was changed. Start that version, or a newer one.",
        )
