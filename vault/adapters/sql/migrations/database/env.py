"""Runs the database migrations on the connection that `migrate` hands over, inside its transaction."""

from alembic import context

from vault.adapters.database.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # Alembic assumes SQLite cannot; with our engine it can, see `factory`
)
with context.begin_transaction():
    context.run_migrations()
