"""The sweeps find their few rows by an index, however many others there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from sqlalchemy import Engine, event, insert, text

from tests.contract.places import postgres_databases, postgres_url
from tests.contract.samples import DAY, NOW, certified, document, dossier, erasure, id_, pickup, share
from vault.adapters.database import SqlStore, tables
from vault.adapters.database.erasures import _row
from vault.adapters.database.rows import columns
from vault.adapters.sql.factory import database_engine, reading, sqlite_url, writing
from vault.adapters.sql.migrate import migrate_database
from vault.domain.dossiers import DocumentState, StagedKind
from vault.ports.keystore import SubjectKind
from vault.ports.store import Transaction

MANY = 1100
SWEEPS: dict[str, Callable[[Transaction], object]] = {
    "ix_erasure_open": lambda rows: rows.open_erasures(NOW, 10),
    "ix_dossier_due": lambda rows: rows.due_dossiers(NOW, 10),
    "ix_document_unfinished": lambda rows: rows.abandoned_documents(NOW + 2 * DAY, NOW + 3 * DAY, 10),
    "ix_orphan_seen_at": lambda rows: rows.orphans(NOW + DAY, 10),
    "ix_staged_staged_at": lambda rows: rows.staged_dossiers(NOW + DAY, 10),
    "ix_rowless_seen_at": lambda rows: rows.rowless(NOW + DAY, 10),
}


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("plans")
    with ExitStack() as stack:
        if request.param == "postgres":
            stack.enter_context(postgres_databases(folder, "records"))
            engine = database_engine(postgres_url(folder, "records"))
        else:
            engine = database_engine(sqlite_url(folder / "records.db"))
            migrate_database(engine)
        stack.callback(engine.dispose)
        fill(engine)
        yield engine


def fill(engine: Engine) -> None:
    """Few rows of each kind that a sweep looks for among many that it does not."""
    few = [number % 100 == 0 for number in range(MANY)]
    rows = {
        tables.dossier: [dossier(n, destroy_on=NOW if n % 2 else None, fenced=not few[n]) for n in range(MANY)],
        tables.document: [
            document(n, dossier=id_(0), state=DocumentState.PENDING if few[n] else DocumentState.STORED)
            for n in range(MANY)
        ],
        tables.erasure: [erasure(n) if few[n] else certified(n) for n in range(MANY)],
        tables.share: [share(n, dossier=id_(0), **ended(n)) for n in range(MANY)],
        tables.pickup: [pickup(share=id_(n), finished_at=NOW) for n in range(MANY)],
    }
    with writing(engine) as connection:
        for table, values in rows.items():
            write = _row if table is tables.erasure else columns
            connection.execute(insert(table), [write(value) for value in values])
        orphans = [{"name": id_(number), "seen_at": NOW} for number in range(MANY)]
        connection.execute(insert(tables.orphan), orphans)
        under = {"dossier": id_(0), "identity": "a" * 64, "kind": StagedKind.DOCUMENT}
        staged = [{**under, "subject": id_(number), "staged_at": NOW} for number in range(MANY)]
        connection.execute(insert(tables.staged), staged)
        rowless = [{"kind": SubjectKind.DOCUMENT, "id": id_(number), "seen_at": NOW} for number in range(MANY)]
        connection.execute(insert(tables.rowless), rowless)


def ended(number: int) -> dict[str, object]:
    """Most were over long ago and are shredded, or are open; a few of each kind are neither."""
    over = [{"revoked_at": NOW}, {"expires_at": NOW}, {"used": 1, "expires_at": NOW + 9 * DAY}][number // 100 % 3]
    if number % 100 == 0:
        return over
    return over | {"shredded_at": NOW} if number % 2 else {"expires_at": NOW + 9 * DAY}


@pytest.mark.parametrize("analysed", [False, True], ids=["at first", "with statistics"])
@pytest.mark.parametrize("index", SWEEPS)
def test_a_sweep_uses_its_index_and_sorts_nothing(engine: Engine, index: str, analysed: bool) -> None:
    if analysed:
        with writing(engine) as connection:
            connection.execute(text("ANALYZE"))
    for plan in plans(engine, SWEEPS[index]):
        if engine.dialect.name == "postgresql":
            assert any(f"using {index} on" in line for line in plan), plan
            assert not any("Sort" in line or "Seq Scan" in line for line in plan), plan
        else:
            assert len(plan) == 1, plan
            assert f"INDEX {index} " in plan[0]


@pytest.mark.parametrize("analysed", [False, True], ids=["at first", "with statistics"])
def test_the_sweep_finds_shares_that_are_over_by_an_index_for_each_reason(engine: Engine, analysed: bool) -> None:
    if analysed:
        with writing(engine) as connection:
            connection.execute(text("ANALYZE"))
    found = plans(engine, lambda rows: rows.over_shares(NOW + 2 * DAY, 10))
    for index, plan in zip(["ix_share_revoked", "ix_share_expired", "ix_share_spent"], found, strict=True):
        assert any(index in line for line in plan), plan
        assert not any(word in line for word in ("Seq Scan", "Sort", "TEMP B-TREE") for line in plan), plan


def plans(engine: Engine, act: Callable[[Transaction], object]) -> list[list[str]]:
    """How the engine goes about each query of the act."""
    sent: list[tuple[str, Any]] = []

    def listen(*args: Any) -> None:
        sent.append((args[2], args[3]))

    event.listen(engine, "before_cursor_execute", listen)
    try:
        with SqlStore(engine).transaction() as rows:
            act(rows)
    finally:
        event.remove(engine, "before_cursor_execute", listen)
    queries = [(query, values) for query, values in sent if query.startswith("SELECT")]
    postgres = engine.dialect.name == "postgresql"
    explain, column = ("EXPLAIN", 0) if postgres else ("EXPLAIN QUERY PLAN", 3)
    with reading(engine) as connection:
        return [
            [row[column] for row in connection.exec_driver_sql(f"{explain} {query}", values)]
            for query, values in queries
        ]
