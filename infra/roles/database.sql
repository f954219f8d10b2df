-- The rights of each role in the records; `python -m infra.roles` runs this as the owner, after the migrations.
-- By hand: psql -v database=NAME -v gateway=NAME -v worker=NAME -f records.sql
-- All rights are revoked first, so that those of an older version disappear.

REVOKE ALL ON DATABASE :"database" FROM PUBLIC, :"gateway", :"worker";
REVOKE ALL ON SCHEMA public FROM PUBLIC, :"gateway", :"worker";
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, :"gateway", :"worker";
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, :"gateway", :"worker";
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC, :"gateway", :"worker";

GRANT CONNECT ON DATABASE :"database" TO :"gateway", :"worker";
GRANT USAGE ON SCHEMA public TO :"gateway", :"worker";

-- Rights to read: the worker needs no throttle, the gateway no orphans.
GRANT SELECT ON practice, installation, chain, member, invitation, session, former, dossier, wrap, staged, record, index_link, listed, document, segment, share, entry, pickup,
    disclosure, erasure, certificate_check, audit, leaves, told, heartbeat,
    clock_word TO :"gateway", :"worker";

-- The gateway: the acts of users.
GRANT INSERT ON practice, chain, audit, told TO :"gateway";
GRANT INSERT, UPDATE (email, details, parameters, login, totp, keyring, lock, recovery, totp_step, password_at,
    factor_at) ON member TO :"gateway";
-- What was replaced goes by the clock alone: nobody who changes a password takes the one before away.
GRANT INSERT ON former TO :"gateway";
GRANT SELECT, INSERT, DELETE ON recovery_code TO :"gateway";
GRANT UPDATE (sheet) ON practice TO :"gateway";
GRANT INSERT, UPDATE (member, joined, joined_at), DELETE ON invitation TO :"gateway";
GRANT INSERT, UPDATE (seen_at), DELETE ON session TO :"gateway";
GRANT SELECT, INSERT, UPDATE, DELETE ON throttle TO :"gateway";
GRANT INSERT, UPDATE (at) ON clock_word TO :"gateway";
GRANT INSERT, UPDATE (kind, version, epoch, head, sequence, index, destroy_on) ON dossier TO :"gateway";
GRANT INSERT, UPDATE (wrap, "symmetric", label), DELETE ON wrap TO :"gateway";
GRANT INSERT, UPDATE (head, content, staged_at), DELETE ON staged TO :"gateway";
-- No link of an index goes while its dossier stands; what the newest lists changes with it.
GRANT INSERT ON index_link TO :"gateway";
GRANT INSERT, DELETE ON listed TO :"gateway";
-- It removes deposits that failed at their beginning.
GRANT INSERT, UPDATE (state, text), DELETE ON record TO :"gateway";
GRANT INSERT, UPDATE (record, head, metadata, state, leased_until), DELETE ON document TO :"gateway";
GRANT INSERT, DELETE ON segment, entry TO :"gateway";
GRANT INSERT, UPDATE (used, revoked_at, failures, retry_at) ON share TO :"gateway";
GRANT INSERT, UPDATE (last_at, finished_at) ON pickup TO :"gateway";
GRANT INSERT ON disclosure TO :"gateway";
GRANT USAGE ON SEQUENCE disclosure_number_seq, audit_number_seq TO :"gateway";
GRANT INSERT ON certificate_check TO :"gateway";
GRANT INSERT, UPDATE (state) ON erasure TO :"gateway";

-- The worker: timed acts. It makes no dossier, document or share, and releases nothing.
GRANT INSERT ON installation, chain, audit TO :"worker";
-- It puts a damaged roster or policy back from its copy; every reader verifies the chain.
GRANT UPDATE (hash, record, signatures) ON chain TO :"worker";
GRANT USAGE ON SEQUENCE audit_number_seq TO :"worker";
GRANT UPDATE (generation, mark) ON installation TO :"worker";
GRANT UPDATE (details) ON audit TO :"worker";
GRANT DELETE ON session, invitation, former, dossier, wrap, staged, record, index_link, listed, document, segment, share, entry, pickup TO :"worker";
GRANT UPDATE (destroy_on, fenced) ON dossier TO :"worker";
GRANT UPDATE (state) ON document TO :"worker";
GRANT UPDATE (revoked_at, shredded_at) ON share TO :"worker";
GRANT INSERT, UPDATE ON erasure, leaves, heartbeat TO :"worker";
GRANT UPDATE (taken) ON told TO :"worker";
-- A lease of the worker's tasks is nobody else's to take or to read.
GRANT SELECT, INSERT, UPDATE ON lease TO :"worker";
GRANT SELECT, INSERT, DELETE ON orphan TO :"worker";
GRANT SELECT, INSERT, UPDATE (seen_at), DELETE ON rowless TO :"worker";
