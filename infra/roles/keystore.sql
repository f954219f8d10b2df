-- The rights of each role in the keystore; `python -m infra.roles` runs this as the owner, after the migrations.
-- By hand: psql -v database=NAME -v gateway=NAME -v worker=NAME -f keystore.sql

REVOKE ALL ON DATABASE :"database" FROM PUBLIC, :"gateway", :"worker";
REVOKE ALL ON SCHEMA public FROM PUBLIC, :"gateway", :"worker";
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, :"gateway", :"worker";
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, :"gateway", :"worker";
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC, :"gateway", :"worker";

GRANT CONNECT ON DATABASE :"database" TO :"gateway", :"worker";
GRANT USAGE ON SCHEMA public TO :"gateway", :"worker";

GRANT SELECT ON shred_key, tombstone, state TO :"gateway", :"worker";
-- The check of the keystore writes a constant column, to test that the database accepts writes.
GRANT UPDATE (id) ON state TO :"gateway", :"worker";

-- Each compares where the four stores stand. What the ledger says is the worker's alone.
GRANT SELECT ON generation TO :"gateway", :"worker";
GRANT SELECT (sequence) ON ledger TO :"gateway";

-- The gateway makes keys; it cannot destroy or replace one.
GRANT INSERT ON shred_key TO :"gateway";

-- The worker destroys keys, turns them, and inscribes tombstones; it cannot make a key or remove a tombstone.
GRANT UPDATE (generation, sealed), DELETE ON shred_key TO :"worker";
GRANT UPDATE (current, turning, allotted, turner, installation, audit) ON state TO :"worker";
GRANT INSERT ON tombstone TO :"worker";
GRANT SELECT, INSERT ON ledger TO :"worker";
GRANT INSERT, UPDATE (mark, destroyed) ON generation TO :"worker";
