"""The first schema of the records store."""

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
# Disclosures and audit are append-only for every client; only the details of an audit entry may change.
_REFUSE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$
"""
_KEEP_ENTRY = """
CREATE FUNCTION keep_entry() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.details IS NULL AND to_jsonb(NEW) - 'details' = to_jsonb(OLD) - 'details' THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'audit is append-only' USING ERRCODE = 'integrity_constraint_violation';
END $$
"""
_TRIGGERS = """
CREATE TRIGGER disclosure_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON disclosure
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_no_removal BEFORE DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_no_change BEFORE UPDATE ON audit FOR EACH ROW EXECUTE FUNCTION keep_entry();
"""


def upgrade() -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    op.create_table(
        "audit",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("dossier", sa.String(length=32), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_audit"),
        sa.UniqueConstraint("dossier", "sequence", name="uq_audit_dossier"),
    )
    op.create_table(
        "installation",
        sa.Column("only", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("mark", sa.String(length=32), nullable=False),
        sa.CheckConstraint('"only" = 1', name="ck_installation_only"),
        sa.PrimaryKeyConstraint("only", name="pk_installation"),
    )
    op.create_table(
        "chain",
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.Column("signatures", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "version", name="pk_chain"),
        sa.UniqueConstraint("hash", name="uq_chain_hash"),
    )
    op.create_table(
        "invitation",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("inviter", sa.String(length=32), nullable=False),
        sa.Column("possess", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("member", sa.String(length=32), nullable=True),
        sa.Column("joined", sa.LargeBinary(), nullable=True),
        sa.Column("joined_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_invitation"),
        sa.UniqueConstraint("member", name="uq_invitation_member"),
    )
    op.create_table(
        "dossier",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("index", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("destroy_on", sa.BigInteger(), nullable=True),
        sa.Column("fenced", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_dossier"),
    )
    op.create_index(
        "ix_dossier_due",
        "dossier",
        ["destroy_on", "id"],
        unique=False,
        sqlite_where=sa.text("destroy_on IS NOT NULL AND NOT fenced"),
        postgresql_where=sa.text("destroy_on IS NOT NULL AND NOT fenced"),
    )
    op.create_table(
        "erasure",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("dossier", sa.String(length=32), nullable=False),
        sa.Column("documents", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("request", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("commitment", sa.String(length=64), nullable=False),
        sa.Column("requested_at", sa.BigInteger(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("shredded_at", sa.BigInteger(), nullable=True),
        sa.Column("verified_at", sa.BigInteger(), nullable=True),
        sa.Column("counted_documents", sa.BigInteger(), nullable=False),
        sa.Column("counted_shares", sa.BigInteger(), nullable=False),
        sa.Column("counted_objects", sa.BigInteger(), nullable=False),
        sa.Column("counted_bytes", sa.BigInteger(), nullable=False),
        sa.Column("counted_keys", sa.BigInteger(), nullable=False),
        sa.Column("tombstones", sa.Text(), nullable=False),
        sa.Column("destroyed", sa.Text(), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=True),
        sa.Column("evidence", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "state IN ('requested', 'begun', 'fenced', 'shredded', 'removed', 'verified', 'certified', 'withdrawn')",
            name="ck_erasure_state",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_erasure"),
    )
    op.create_index("ix_erasure_dossier", "erasure", ["dossier", "id"], unique=False)
    op.create_index(
        "ix_erasure_open",
        "erasure",
        ["not_before", "id"],
        unique=False,
        sqlite_where=sa.text("state NOT IN ('certified', 'withdrawn')"),
        postgresql_where=sa.text("state NOT IN ('certified', 'withdrawn')"),
    )
    op.create_table(
        "certificate_check",
        sa.Column("erasure", sa.String(length=32), nullable=False),
        sa.Column("member", sa.String(length=32), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["erasure"], ["erasure.id"], name="fk_certificate_check_erasure"),
        sa.PrimaryKeyConstraint("erasure", "member", name="pk_certificate_check"),
    )
    op.create_table(
        "heartbeat",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_heartbeat"),
    )
    op.create_table(
        "lease",
        sa.Column("task", sa.String(length=32), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("beats", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("task", name="pk_lease"),
    )
    op.create_table(
        "leaves",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("checkpoint", sa.BigInteger(), nullable=False),
        sa.Column("leaves", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("id = 1", name="ck_leaves_id"),
        sa.PrimaryKeyConstraint("id", name="pk_leaves"),
    )
    op.create_table(
        "member",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("email", sa.LargeBinary(), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("parameters", sa.LargeBinary(), nullable=True),
        sa.Column("login", sa.LargeBinary(), nullable=True),
        sa.Column("totp", sa.LargeBinary(), nullable=True),
        sa.Column("keyring", sa.LargeBinary(), nullable=True),
        sa.Column("lock", sa.LargeBinary(), nullable=True),
        sa.Column("recovery", sa.LargeBinary(), nullable=True),
        sa.Column("totp_step", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("password_at", sa.BigInteger(), nullable=True),
        sa.Column("factor_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_member"),
        sa.UniqueConstraint("email", name="uq_member_email"),
    )
    op.create_table(
        "orphan",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_orphan"),
    )
    op.create_index("ix_orphan_seen_at", "orphan", ["seen_at", "name"], unique=False)
    op.create_table(
        "told",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.Column("taken", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_told"),
    )
    op.create_table(
        "practice",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("setup", sa.String(length=64), nullable=False),
        sa.Column("director", sa.String(length=32), nullable=False),
        sa.Column("sheet", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("only", sa.Integer(), server_default=sa.text("1"), nullable=False),
        # A reserved word of PostgreSQL, quoted there only: SQLite's text must stay the one in use.
        sa.CheckConstraint("only = 1" if on_sqlite else '"only" = 1', name="ck_practice_only"),
        sa.PrimaryKeyConstraint("id", name="pk_practice"),
        sa.UniqueConstraint("only", name="uq_practice_only"),
    )
    op.create_table(
        "throttle",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_throttle"),
    )
    op.create_index("ix_throttle_until", "throttle", ["until"], unique=False)
    op.create_table(
        "document",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("dossier", sa.String(length=32), nullable=False),
        sa.Column("record", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("draft", sa.Boolean(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=True),
        sa.Column("metadata", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("leased_until", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('depositing', 'pending', 'stored', 'removed')", name="ck_document_state"),
        sa.CheckConstraint("size >= 0", name="ck_document_size"),
        sa.CheckConstraint(
            "state IN ('depositing', 'removed') OR (head IS NOT NULL AND metadata IS NOT NULL)",
            name="ck_document_complete",
        ),
        sa.ForeignKeyConstraint(["dossier"], ["dossier.id"], name="fk_document_dossier"),
        sa.PrimaryKeyConstraint("id", name="pk_document"),
    )
    op.create_index("ix_document_dossier", "document", ["dossier", "id"], unique=False)
    op.create_index("ix_document_record", "document", ["record"], unique=False)
    op.create_index(
        "ix_document_unfinished",
        "document",
        ["leased_until", "id"],
        unique=False,
        sqlite_where=sa.text("state <> 'stored'"),
        postgresql_where=sa.text("state <> 'stored'"),
    )
    op.create_table(
        "index_link",
        sa.Column("dossier", sa.String(length=32), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.Column("signatures", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["dossier"], ["dossier.id"], name="fk_index_link_dossier"),
        sa.PrimaryKeyConstraint("dossier", "sequence", name="pk_index_link"),
    )
    op.create_table(
        "listed",
        sa.Column("dossier", sa.String(length=32), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["dossier"], ["dossier.id"], name="fk_listed_dossier"),
        sa.PrimaryKeyConstraint("dossier", "hash", name="pk_listed"),
    )
    op.create_table(
        "record",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("dossier", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.Column("signatures", sa.LargeBinary(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('pending', 'current', 'retired')", name="ck_record_state"),
        sa.ForeignKeyConstraint(["dossier"], ["dossier.id"], name="fk_record_dossier"),
        sa.PrimaryKeyConstraint("hash", name="pk_record"),
    )
    op.create_index("ix_record_dossier", "record", ["dossier", "hash"], unique=False)
    op.create_table(
        "session",
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("member", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=True),
        sa.Column("opened", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["member"], ["member.id"], name="fk_session_member"),
        sa.PrimaryKeyConstraint("token", name="pk_session"),
        sa.UniqueConstraint("id", name="uq_session_id"),
    )
    op.create_index("ix_session_created_at", "session", ["created_at"], unique=False)
    op.create_index("ix_session_member", "session", ["member"], unique=False)
    op.create_index("ix_session_seen_at", "session", ["seen_at"], unique=False)
    op.create_table(
        "share",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("dossier", sa.String(length=32), nullable=False),
        sa.Column("record", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("mode", sa.String(length=32), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("max", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("possess", sa.LargeBinary(), nullable=False),
        sa.Column("open", sa.LargeBinary(), nullable=False),
        sa.Column("cover", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("retry_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("shredded_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("used >= 0 AND used <= max", name="ck_share_used"),
        sa.ForeignKeyConstraint(["dossier"], ["dossier.id"], name="fk_share_dossier"),
        sa.PrimaryKeyConstraint("id", name="pk_share"),
    )
    op.create_index("ix_share_dossier", "share", ["dossier", "id"], unique=False)
    op.create_index(
        "ix_share_expired",
        "share",
        ["expires_at", "id"],
        unique=False,
        sqlite_where=sa.text("shredded_at IS NULL AND revoked_at IS NULL"),
        postgresql_where=sa.text("shredded_at IS NULL AND revoked_at IS NULL"),
    )
    op.create_index("ix_share_record", "share", ["record"], unique=False)
    op.create_index(
        "ix_share_revoked",
        "share",
        ["revoked_at", "id"],
        unique=False,
        sqlite_where=sa.text("shredded_at IS NULL AND revoked_at IS NOT NULL"),
        postgresql_where=sa.text("shredded_at IS NULL AND revoked_at IS NOT NULL"),
    )
    op.create_index(
        "ix_share_spent",
        "share",
        ["id"],
        unique=False,
        sqlite_where=sa.text("shredded_at IS NULL AND revoked_at IS NULL AND used >= max"),
        postgresql_where=sa.text("shredded_at IS NULL AND revoked_at IS NULL AND used >= max"),
    )
    op.create_table(
        "wrap",
        sa.Column("dossier", sa.String(length=32), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("member", sa.String(length=32), nullable=False),
        sa.Column("wrap", sa.LargeBinary(), nullable=False),
        sa.Column("symmetric", sa.LargeBinary(), nullable=True),
        sa.Column("label", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["dossier"], ["dossier.id"], name="fk_wrap_dossier"),
        sa.PrimaryKeyConstraint("dossier", "epoch", "member", name="pk_wrap"),
    )
    op.create_index("ix_wrap_member", "wrap", ["member", "dossier", "epoch"], unique=False)
    op.create_table(
        "disclosure",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("share", sa.String(length=32), nullable=False),
        sa.Column("pickup", sa.LargeBinary(), nullable=False),
        sa.Column("document", sa.String(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("consent", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_disclosure"),
    )
    op.create_index("ix_disclosure_share", "disclosure", ["share"], unique=False)
    op.create_table(
        "entry",
        sa.Column("share", sa.String(length=32), nullable=False),
        sa.Column("document", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.Column("capsule", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["document"], ["document.id"], name="fk_entry_document"),
        sa.ForeignKeyConstraint(["share"], ["share.id"], name="fk_entry_share"),
        sa.PrimaryKeyConstraint("share", "document", name="pk_entry"),
        sa.UniqueConstraint("share", "position", name="uq_entry_share"),
    )
    op.create_index("ix_entry_document", "entry", ["document"], unique=False)
    op.create_table(
        "pickup",
        sa.Column("share", sa.String(length=32), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["share"], ["share.id"], name="fk_pickup_share"),
        sa.PrimaryKeyConstraint("share", "name", name="pk_pickup"),
    )
    op.create_index("ix_pickup_started_at", "pickup", ["started_at"], unique=False)
    op.create_table(
        "segment",
        sa.Column("document", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["document"], ["document.id"], name="fk_segment_document"),
        sa.PrimaryKeyConstraint("document", "number", name="pk_segment"),
    )
    _worker()
    _append_only()


def _worker() -> None:
    op.create_table(
        "clock_word",
        sa.Column("member", sa.String(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["member"], ["member.id"], name="fk_clock_word_member"),
        sa.PrimaryKeyConstraint("member", name="pk_clock_word"),
    )
    op.create_table(
        "recovery_code",
        sa.Column("member", sa.String(length=32), nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["member"], ["member.id"], name="fk_recovery_code_member"),
        sa.PrimaryKeyConstraint("member", "code", name="pk_recovery_code"),
    )
    op.create_table(
        "former",
        sa.Column("member", sa.String(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("parameters", sa.LargeBinary(), nullable=False),
        sa.Column("login", sa.LargeBinary(), nullable=False),
        sa.Column("totp", sa.LargeBinary(), nullable=False),
        sa.Column("keyring", sa.LargeBinary(), nullable=False),
        sa.Column("lock", sa.LargeBinary(), nullable=False),
        sa.Column("recovery", sa.LargeBinary(), nullable=True),
        sa.Column("totp_step", sa.BigInteger(), nullable=False),
        sa.Column("password_at", sa.BigInteger(), nullable=True),
        sa.Column("factor_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["member"], ["member.id"], name="fk_former_member"),
        sa.PrimaryKeyConstraint("member", "at", name="pk_former"),
    )
    op.create_index("ix_former_at", "former", ["at"], unique=False)
    op.create_table(
        "staged",
        sa.Column("dossier", sa.String(length=32), nullable=False),
        sa.Column("identity", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("staged_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('document', 'record')", name="ck_staged_kind"),
        sa.ForeignKeyConstraint(["dossier"], ["dossier.id"], name="fk_staged_dossier"),
        sa.PrimaryKeyConstraint("dossier", "identity", "kind", "subject", name="pk_staged"),
    )
    op.create_index("ix_staged_staged_at", "staged", ["staged_at", "dossier"], unique=False)
    op.create_table(
        "rowless",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('dossier', 'document', 'share', 'member', 'notice')", name="ck_rowless_kind"),
        sa.PrimaryKeyConstraint("kind", "id", name="pk_rowless"),
    )
    op.create_index("ix_rowless_seen_at", "rowless", ["seen_at", "kind", "id"], unique=False)


def _append_only() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER disclosure_no_{verb.lower()} BEFORE {verb} ON disclosure "
                "BEGIN SELECT RAISE(ABORT, 'disclosures are append-only'); END"
            )
    else:
        for statement in (_BY_BYTES, _REFUSE, _KEEP_ENTRY, _TRIGGERS):
            op.execute(statement)
