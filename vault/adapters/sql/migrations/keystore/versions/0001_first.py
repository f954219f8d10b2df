"""The first schema of the keystore."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# On PostgreSQL text is compared by its bytes, as SQLite always compares it: an index over text in a locale's order
# becomes silently wrong when an update of the C library changes that order.
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
    op.create_table(
        "generation",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("mark", sa.String(length=32), nullable=False),
        sa.Column("destroyed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_generation"),
    )
    op.create_index("ix_generation_mark", "generation", ["mark"], unique=False)
    op.create_table(
        "ledger",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_ledger"),
    )
    op.create_table(
        "shred_key",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("kind IN ('dossier', 'document', 'share', 'member', 'notice')", name="ck_shred_key_kind"),
        sa.PrimaryKeyConstraint("kind", "id", name="pk_shred_key"),
    )
    op.create_index("ix_shred_key_generation", "shred_key", ["generation"], unique=False)
    op.create_table(
        "state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("current", sa.BigInteger(), nullable=False),
        sa.Column("turning", sa.BigInteger(), nullable=False),
        sa.Column("allotted", sa.BigInteger(), nullable=False),
        sa.Column("turner", sa.String(length=32), nullable=False),
        sa.Column("installation", sa.String(length=32), nullable=True),
        sa.Column("audit", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name="ck_state_id"),
        sa.PrimaryKeyConstraint("id", name="pk_state"),
    )
    op.create_table(
        "tombstone",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.CheckConstraint("kind IN ('dossier', 'document', 'share', 'member', 'notice')", name="ck_tombstone_kind"),
        sa.PrimaryKeyConstraint("kind", "id", name="pk_tombstone"),
    )
    op.execute("INSERT INTO state (id, current, turning, allotted, turner, audit) VALUES (1, 0, 0, 0, '', 0)")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_BY_BYTES)
