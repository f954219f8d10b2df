"""The first schema of the keystore."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
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
    op.execute("INSERT INTO state (id, current, turning, allotted, turner) VALUES (1, 0, 0, 0, '')")
