from __future__ import annotations

import os
import resource
import signal
import sqlite3
import stat
from dataclasses import replace
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DatabaseError

from tests.contract.places import sql_keystore, sql_store
from tests.contract.samples import disclosure, dossier, id_, record, share
from vault.adapters.database import tables as records_tables
from vault.adapters.keystore import tables as keystore_tables
from vault.adapters.sql import factory, migrate
from vault.adapters.sql.factory import database_engine, keystore_engine, reading, sqlite_url, writing
from vault.adapters.sql.migrate import migrate_database, migrate_keystore
from vault.adapters.sql.patience import WORKING
from vault.errors import ConfigurationError, UnavailableError
from vault.ports.keystore import Subject, SubjectKind
from vault.ports.store import Store

MIGRATED = [
    pytest.param(database_engine, migrate_database, records_tables.metadata, id="records"),
    pytest.param(keystore_engine, migrate_keystore, keystore_tables.metadata, id="keystore"),
]


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return database_engine(sqlite_url(tmp_path / "some.db"))


def pragma(engine: Engine, name: str) -> object:
    with reading(engine) as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


def test_the_records_survive_a_loss_of_power(engine: Engine) -> None:
    names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    assert [pragma(engine, name) for name in names] == ["wal", 2, 1, 30_000]


def test_the_keystore_overwrites_what_is_deleted(tmp_path: Path) -> None:
    engine = keystore_engine(sqlite_url(tmp_path / "keystore.db"))
    names = ("secure_delete", "journal_mode", "synchronous")
    assert [pragma(engine, name) for name in names] == [1, "truncate", 3]


def test_every_file_of_a_database_is_its_owners_alone(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        store = sql_store(tmp_path / "new folder")
        with store.transaction() as rows:
            rows.add_dossier(dossier())
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "new folder").iterdir()}
    finally:
        os.umask(old)
    assert modes == dict.fromkeys(("records.db", "records.db-wal", "records.db-shm"), 0o600)


def test_a_schema_change_rolls_back_whole(engine: Engine) -> None:
    with pytest.raises(ZeroDivisionError):
        make_half(engine)
    assert inspect(engine).get_table_names() == []


def make_half(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE half (id INTEGER)"))
        _ = 1 / 0


def test_a_busy_database_is_unavailable_and_nothing_is_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(factory, "WORKING", replace(WORKING, busy_seconds=0))
    store = sql_store(tmp_path)
    other = sqlite3.connect(tmp_path / "records.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(UnavailableError) as caught, store.transaction():
        pass
    assert "try again" in caught.value.advice
    store.check()  # who only reads waits for no writer
    other.close()
    with store.transaction() as rows:
        rows.add_dossier(dossier())


def test_a_full_disk_is_unavailable_and_nothing_is_changed(tmp_path: Path, forked: ForkServerContext) -> None:
    sql_store(tmp_path)
    sql_keystore(tmp_path).create([Subject(SubjectKind.SHARE, id_(1))])
    child = forked.Process(target=fill, args=(tmp_path,))
    child.start()
    child.join()
    assert child.exitcode == 0
    with sql_store(tmp_path).transaction() as rows:
        assert rows.dossier(id_(1)) is None
    assert not sql_keystore(tmp_path).exists(Subject(SubjectKind.NOTICE, id_(1)))


def fill(folder: Path) -> None:
    store, keystore = sql_store(folder), sql_keystore(folder)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limit = 4096 + max(path.stat().st_size for path in folder.glob("*.db*"))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    with pytest.raises(UnavailableError):
        add_much(store, 10 * limit)
    with pytest.raises(UnavailableError):
        keystore.create([Subject(SubjectKind.NOTICE, id_(number)) for number in range(10_000)])


def add_much(store: Store, size: int) -> None:
    with store.transaction() as rows:
        rows.add_dossier(dossier())
        rows.add_record(record(1, record=bytes(size)))


def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UnavailableError):
        database_engine(sqlite_url(tmp_path / "file" / "records.db"))


def test_a_fault_of_ours_is_no_passing_trouble(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(DatabaseError), reading(engine) as connection:
        connection.execute(text("SELECT nonsense FROM nowhere"))
    (tmp_path / "garbage.db").write_bytes(b"this is no database" * 100)
    with pytest.raises(DatabaseError), reading(database_engine(sqlite_url(tmp_path / "garbage.db"))):
        pass


def test_no_value_shows_in_an_error(tmp_path: Path) -> None:
    store = sql_store(tmp_path)
    with store.transaction() as rows, pytest.raises(LookupError) as caught:
        rows.add_record(record(1, record=b"very secret"))
    assert "secret" not in f"{caught.value}{caught.value.__cause__}"


@pytest.mark.parametrize("address", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_that_would_forget_is_refused(address: str) -> None:
    with pytest.raises(ConfigurationError):
        database_engine(address)


@pytest.mark.parametrize(("make", "migrate", "metadata"), MIGRATED)
def test_migrations_make_exactly_the_tables_that_the_code_knows(
    tmp_path: Path, make: object, migrate: object, metadata: object
) -> None:
    engine = make(sqlite_url(tmp_path / "some.db"))  # type: ignore[operator]
    for _ in range(2):
        migrate(engine)  # type: ignore[operator]
    with reading(engine) as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        made = connection.execute(text("SELECT sql FROM sqlite_master WHERE type = 'table'")).scalars()
        checks = sum((sql or "").count("CHECK") for sql in made)
    known = sum(type(c).__name__ == "CheckConstraint" for t in metadata.sorted_tables for c in t.constraints)  # type: ignore[attr-defined]
    assert checks == known


def test_every_foreign_key_has_an_index(tmp_path: Path) -> None:
    engine = database_engine(sqlite_url(tmp_path / "some.db"))
    migrate_database(engine)
    schema = inspect(engine)
    for table in schema.get_table_names():
        leading = {index["column_names"][0] for index in schema.get_indexes(table)}
        leading.update(schema.get_pk_constraint(table)["constrained_columns"][:1])
        for key in schema.get_foreign_keys(table):
            assert key["constrained_columns"][0] in leading, (table, key)


def test_every_sweep_uses_its_index(tmp_path: Path) -> None:
    engine = database_engine(sqlite_url(tmp_path / "some.db"))
    migrate_database(engine)
    sweeps = {
        "SELECT * FROM document WHERE state <> 'stored' AND leased_until < 5": "ix_document_unfinished",
        "SELECT * FROM share WHERE shredded_at IS NULL AND revoked_at IS NULL AND expires_at < 5": "ix_share_expired",
        "DELETE FROM session WHERE seen_at < 5 OR created_at < 5": "ix_session_seen_at",
        "DELETE FROM throttle WHERE until < 5 OR until <= (SELECT until FROM throttle ORDER BY until DESC LIMIT 1 OFFSET 9)": (
            "ix_throttle_until"
        ),
        "SELECT * FROM wrap WHERE member = 'm'": "ix_wrap_member",
    }
    with reading(engine) as connection:
        for query, index in sweeps.items():
            plan = connection.execute(text(f"EXPLAIN QUERY PLAN {query}")).all()
            assert any(index in row[3] for row in plan), plan


@pytest.mark.parametrize("verb", ["UPDATE disclosure SET document = 'x'", "DELETE FROM disclosure"])
def test_a_disclosure_is_changed_by_nobody(tmp_path: Path, verb: str) -> None:
    with sql_store(tmp_path).transaction() as rows:
        rows.add_dossier(dossier())
        rows.add_share(share(), [])
        rows.add_disclosures([disclosure(1)])
    connection = sqlite3.connect(tmp_path / "records.db")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(verb)
    connection.close()


@pytest.mark.parametrize("name", ["database", "keystore"])
def test_the_newest_migration_is_the_one_that_alembic_ends_with(name: str) -> None:
    migrations = Path(migrate.__file__).parent / "migrations" / name
    assert ScriptDirectory(str(migrations)).get_heads() == [migrate.newest(migrations)]


@pytest.mark.parametrize(
    ("engine_of", "migrate"), [(database_engine, migrate_database), (keystore_engine, migrate_keystore)]
)
def test_a_database_of_a_newer_version_is_left_as_it_is(tmp_path: Path, engine_of: Any, migrate: Any) -> None:
    engine = engine_of(sqlite_url(tmp_path / "some.db"))
    migrate(engine)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0999'"))
    before = (tmp_path / "some.db").read_bytes()
    with pytest.raises(ConfigurationError, match="newer version"):
        migrate(engine)
    assert (tmp_path / "some.db").read_bytes() == before


def test_several_processes_migrate_at_once(tmp_path: Path, forked: ForkServerContext) -> None:
    children = [forked.Process(target=migrate_both, args=(tmp_path,)) for _ in range(4)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    assert [child.exitcode for child in children] == [0] * 4


def migrate_both(folder: Path) -> None:
    migrate_database(database_engine(sqlite_url(folder / "records.db")))
    migrate_keystore(keystore_engine(sqlite_url(folder / "keystore.db")))
