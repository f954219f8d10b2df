"""On PostgreSQL: text is compared by its bytes, disclosures and audit are append-only.

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
# Only the details of an audit entry may change. SQLite refuses changes to disclosures since 0001.
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
    if op.get_bind().dialect.name == "postgresql":
        for statement in (_BY_BYTES, _REFUSE, _KEEP_ENTRY, _TRIGGERS):
            op.execute(statement)
