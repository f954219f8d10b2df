"""On PostgreSQL: text is compared by its bytes.

An index over text in a locale's order becomes silently wrong when an update of the C library changes that order. SQLite
has always compared bytes.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_BY_BYTES = """
DO $$ DECLARE this record; BEGIN
    FOR this IN
        SELECT attrelid::regclass AS named, quote_ident(attname) AS part, format_type(atttypid, atttypmod) AS kind
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND relname <> 'alembic_version'
        AND attnum > 0 AND NOT attisdropped AND attcollation <> 0 ORDER BY relname, attnum
    LOOP
        EXECUTE format('ALTER TABLE %s ALTER COLUMN %s TYPE %s COLLATE "C"', this.named, this.part, this.kind);
    END LOOP;
END $$
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_BY_BYTES)
