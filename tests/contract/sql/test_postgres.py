"""What PostgreSQL must do by itself: refuse, end, order, and say what is wrong without a secret."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from multiprocessing.context import ForkServerContext
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from tests import engines
from tests.contract.places import (
    MIGRATING,
    postgres_databases,
    postgres_store,
    postgres_url,
)
from tests.contract.samples import NOW, audit, disclosure, dossier, id_, member, record, share
from vault.adapters.database import SqlStore
from vault.adapters.database import tables as records_tables
from vault.adapters.keystore import tables as keystore_tables
from vault.adapters.sql import factory
from vault.adapters.sql.factory import database_engine, keystore_engine, reading, writing
from vault.adapters.sql.migrate import migrate_database, migrate_keystore
from vault.adapters.sql.patience import WORKING
from vault.domain.dossiers import DocumentState
from vault.errors import ConfigurationError, UnavailableError
from vault.ports.errors import ConflictError

TABLES = {"records": records_tables.metadata, "keystore": keystore_tables.metadata}


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with postgres_databases(tmp_path, "records"):
        yield tmp_path


@pytest.fixture
def store(folder: Path) -> SqlStore:
    return postgres_store(folder)


@pytest.fixture
def engine(folder: Path) -> Iterator[Engine]:
    engine = database_engine(postgres_url(folder, "records"))
    yield engine
    engine.dispose()


def setting(engine: Engine, name: str) -> object:
    with reading(engine) as connection:
        return connection.exec_driver_sql(f"SHOW {name}").scalar()


def test_a_session_keeps_what_it_acknowledged_and_lets_no_dead_client_hold_a_lock(engine: Engine) -> None:
    names = ("synchronous_commit", "lock_timeout", "idle_in_transaction_session_timeout", "application_name")
    assert [setting(engine, name) for name in names] == ["on", "30s", "1min", "dossier"]
    with writing(engine) as connection:
        idle = connection.exec_driver_sql(f"SHOW {names[2]}").scalar()
    assert idle == "4s", "who froze in the middle of writing stops nobody longer"


def test_who_reads_cannot_write_and_sees_one_moment(engine: Engine, store: SqlStore) -> None:
    with pytest.raises(DBAPIError, match="read-only"), store.reading() as rows:
        rows.add_dossier(dossier())
    with store.reading() as rows:
        assert rows.dossier(id_(1)) is None
        with writing(engine) as connection:
            connection.execute(records_tables.heartbeat.insert().values(name="sweep", at=NOW))
        assert rows.heartbeats() == {}, "committed after this view began"
    with store.reading() as rows:
        assert rows.heartbeats() == {"sweep": NOW}


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_the_address_is_taken(folder: Path, scheme: str) -> None:
    address = f"{scheme}{postgres_url(folder, 'records').removeprefix('postgresql')}"
    engine = database_engine(address)
    SqlStore(engine).check()
    engine.dispose()


def test_parameters_of_the_address_reach_the_driver(folder: Path, tmp_path: Path) -> None:
    url = make_url(postgres_url(folder, "records"))
    secret = tmp_path / "passfile"
    secret.write_text(f"*:*:*:*:{url.password}\n")
    secret.chmod(0o600)
    plain = url.set(password=None).render_as_string(hide_password=False)
    engine = database_engine(f"{plain}?passfile={secret}&application_name=mine&options=-c%20work_mem%3D8MB")
    assert setting(engine, "application_name") == "mine"
    assert setting(engine, "work_mem") == "8MB"
    assert setting(engine, "lock_timeout") == "30s", "ours beside theirs"
    engine.dispose()


@pytest.mark.parametrize(
    "address",
    [
        "mysql://user:hunter2@host/db",
        "postgresql+psycopg2://user:hunter2@host/db",
        "postgresql://user:hunter2@host",
        "postgresql://user:hunter2@host:port/db",
        "postgresql://user:hunter2@host/db?nonsense=1",
        "user:hunter2",
        "",
    ],
)
def test_an_address_that_cannot_be_used_is_refused_and_not_repeated(address: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        database_engine(address)
    assert caught.value.advice
    shown = f"{caught.value}{caught.value.advice}{caught.value.__cause__}"
    assert "hunter2" not in shown


def test_a_server_that_is_not_there_is_unavailable(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    url = make_url(postgres_url(folder, "records")).set(port=port, password="hunter2")
    engine = database_engine(url.render_as_string(hide_password=False))
    with pytest.raises(UnavailableError) as caught:
        SqlStore(engine).check()
    assert str(port) in str(caught.value), "which server it was"
    assert "hunter2" not in f"{caught.value}{caught.value.__cause__}"


def test_a_wrong_password_is_told_and_not_shown(folder: Path) -> None:
    url = make_url(postgres_url(folder, "records")).set(password="hunter2")
    engine = database_engine(url.render_as_string(hide_password=False))
    with pytest.raises(UnavailableError, match="password authentication failed") as caught:
        SqlStore(engine).check()
    assert "hunter2" not in f"{caught.value}{caught.value.__cause__}"


def test_a_database_without_tables_says_what_to_start() -> None:
    with engines.new_database() as url:
        engine = database_engine(url)
        with pytest.raises(ConfigurationError) as caught:
            SqlStore(engine).check()
        engine.dispose()
    assert "dossier serve" in caught.value.advice


def test_a_unit_of_work_that_waits_too_long_is_told_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(factory, "WORKING", replace(WORKING, busy_seconds=0.05))
    one, other = postgres_store(folder), postgres_store(folder)
    with one.transaction() as rows:
        rows.add_dossier(dossier())
        with pytest.raises(UnavailableError, match="lock timeout"), other.transaction():
            pass
        with other.reading() as seen:
            assert seen.dossier(id_(1)) is None, "who only reads waits for nobody"
    with other.transaction() as rows:
        assert rows.dossier(id_(1)) == dossier()


def test_connections_are_bounded_and_waited_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(factory, "WORKING", replace(WORKING, busy_seconds=0.05))
    engine = database_engine(postgres_url(folder, "records"))
    held = [engine.connect() for _ in range(16)]
    with pytest.raises(UnavailableError, match="no connection left"):
        SqlStore(engine).check()
    for connection in held:
        connection.close()
    SqlStore(engine).check()
    engine.dispose()


def test_a_server_without_room_for_another_connection_is_unavailable(folder: Path, engine: Engine) -> None:
    name = make_url(postgres_url(folder, "records")).database
    with psycopg.connect(engines.postgres(), autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{name}" CONNECTION LIMIT 0')
        connection.execute("CREATE ROLE limited_by_test LOGIN PASSWORD 'x'")
        try:
            url = make_url(postgres_url(folder, "records")).set(username="limited_by_test", password="x")
            other = database_engine(url.render_as_string(hide_password=False))
            with pytest.raises(UnavailableError, match="too many connections"):
                SqlStore(other).check()
        finally:
            connection.execute(f'ALTER DATABASE "{name}" CONNECTION LIMIT -1')
            connection.execute("DROP ROLE limited_by_test")


def test_an_idle_unit_of_work_ends_and_its_lock_with_it(folder: Path, engine: Engine) -> None:
    with pytest.raises(UnavailableError):
        fall_asleep(SqlStore(engine), postgres_store(folder))
    SqlStore(engine).check()


def fall_asleep(store: SqlStore, other: SqlStore) -> None:
    with store.transaction() as rows:
        rows.add_dossier(dossier())
        rows._connection.exec_driver_sql("SET idle_in_transaction_session_timeout = '1ms'")
        with other.transaction() as others:  # waits until the server has ended the idle one
            assert others.dossier(id_(1)) is None
        rows.dossier(id_(1))


def test_who_is_frozen_in_the_middle_stops_nobody_for_long(folder: Path, forked: ForkServerContext) -> None:
    child = forked.Process(target=write_and_freeze, args=(folder,))
    child.start()
    assert child.pid is not None
    while Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
        os.sched_yield()
    try:
        with postgres_store(folder).transaction(id_(1)) as rows:
            assert rows.dossier(id_(1)) is None
            rows.add_dossier(dossier())
    finally:
        os.kill(child.pid, signal.SIGCONT)
        child.join()
    assert child.exitcode == 0, "it was told that its unit of work is lost"


def write_and_freeze(folder: Path) -> None:
    with suppress(UnavailableError), postgres_store(folder).transaction(id_(1)) as rows:
        rows.add_dossier(dossier())
        os.kill(os.getpid(), signal.SIGSTOP)
        rows.add_dossier(dossier(2))
        raise AssertionError("it went on in a unit of work that the server had ended")


def test_a_standby_is_unavailable_to_who_writes(engine: Engine) -> None:
    with pytest.raises(UnavailableError, match="read-only"):
        write_on_a_standby(engine)


def write_on_a_standby(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        connection.execute(text("DELETE FROM orphan"))


def test_a_failed_statement_that_was_passed_over_is_never_taken_for_a_commit(engine: Engine) -> None:
    with pytest.raises(AssertionError, match="nothing of this unit"):
        pass_over_a_failure(engine)
    with reading(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM heartbeat")).scalar() == 0


def pass_over_a_failure(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(records_tables.heartbeat.insert().values(name="sweep", at=NOW))
        with suppress(ProgrammingError):
            connection.execute(text("SELECT 1 FROM pg_class WHERE"))


def test_a_unit_of_work_goes_on_after_a_collision(store: SqlStore) -> None:
    with store.transaction() as rows:
        rows.add_member(member(1, email=b"one"))
        rows.add_member(member(2, email=b"two"))
        with pytest.raises(ConflictError):
            rows.update_member(member(2, email=b"one"))
        with pytest.raises(LookupError):
            rows.add_record(record(1))
        rows.add_dossier(dossier())
    with store.reading() as rows:
        assert rows.dossier(id_(1)) == dossier()


def test_no_value_shows_in_an_error(store: SqlStore) -> None:
    with store.transaction() as rows, pytest.raises(LookupError) as caught:
        rows.add_record(record(1, record=b"very secret"))
    assert "secret" not in f"{caught.value}{caught.value.__cause__}"


@pytest.mark.parametrize("strange", ["\0", "a\0b", "\ud800", "x" * 5000, "';--", "\U0001f600"])
def test_a_name_that_cannot_exist_is_not_found(store: SqlStore, strange: str) -> None:
    with store.transaction(strange) as rows:
        assert rows.dossier(strange) is None
        assert rows.documents(strange) == []
        assert rows.share(strange) is None
        assert rows.record(strange) is None
        assert rows.set_document_state([strange], DocumentState.REMOVED) == []


@pytest.mark.parametrize("name", MIGRATING)
def test_migrations_make_exactly_the_tables_that_the_code_knows(name: str) -> None:
    make, migrate = MIGRATING[name]
    with engines.new_database() as url:
        engine = make(url)
        for _ in range(2):
            migrate(engine)
        with reading(engine) as connection:
            assert compare_metadata(MigrationContext.configure(connection), TABLES[name]) == []
            checks = connection.execute(text("SELECT count(*) FROM pg_constraint WHERE contype = 'c'")).scalar()
        engine.dispose()
    tables = TABLES[name].sorted_tables
    known = sum(type(c).__name__ == "CheckConstraint" for table in tables for c in table.constraints)
    internal = 2  # information_schema has two of its own
    assert checks == known + internal


def test_a_migration_that_fails_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with engines.new_database() as url:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE wrap (id integer)")  # in the way of the last but one
        engine = database_engine(url)
        with pytest.raises(ProgrammingError, match="already exists"):
            migrate_database(engine)
        assert inspect(engine).get_table_names() == ["wrap"]
        engine.dispose()


def test_several_processes_migrate_at_once(tmp_path: Path, forked: ForkServerContext) -> None:
    with engines.new_database() as records, engines.new_database() as keystore:
        children = [forked.Process(target=migrate_both, args=(records, keystore)) for _ in range(3)]
        for child in children:
            child.start()
        for child in children:
            child.join()
    assert [child.exitcode for child in children] == [0] * 3


def migrate_both(records: str, keystore: str) -> None:
    migrate_database(database_engine(records))
    migrate_keystore(keystore_engine(keystore))


def test_all_text_is_compared_by_its_bytes(engine: Engine) -> None:
    with reading(engine) as connection:
        others = connection.execute(
            text(
                "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' "
                "AND data_type IN ('text', 'character varying') AND collation_name IS DISTINCT FROM 'C' "
                "AND table_name <> 'alembic_version'"
            )
        ).all()
    assert others == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE disclosure SET document = 'x'",
        "DELETE FROM disclosure",
        "TRUNCATE disclosure",
        "DELETE FROM audit",
        "TRUNCATE audit",
        "UPDATE audit SET hash = 'x'",
        "UPDATE audit SET details = 'other'",
        "UPDATE audit SET details = NULL, at = 0",
    ],
)
def test_what_is_append_only_is_changed_by_nobody_its_owner_included(
    store: SqlStore, engine: Engine, statement: str
) -> None:
    with store.transaction() as rows:
        rows.add_dossier(dossier())
        rows.add_share(share(), [])
        rows.add_disclosures([disclosure(1)])
        rows.add_audit(audit(1))
    with pytest.raises(IntegrityError, match="append-only"), writing(engine) as connection:
        connection.execute(text(statement))


def test_every_foreign_key_has_an_index(engine: Engine) -> None:
    schema = inspect(engine)
    for table in schema.get_table_names():
        leading = {index["column_names"][0] for index in schema.get_indexes(table)}
        leading.update(schema.get_pk_constraint(table)["constrained_columns"][:1])
        for key in schema.get_foreign_keys(table):
            assert key["constrained_columns"][0] in leading, (table, key)
