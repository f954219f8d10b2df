"""The sweeps find their few rows by an index, however many others there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, event, text

from tests.contract.samples import DAY, NOW, certified, document, dossier, erasure, id_
from vault.adapters.migrate import migrate_records
from vault.adapters.records import SqlStore
from vault.adapters.sql_engine import reading, records_engine, sqlite_url, writing
from vault.domain.dossier import DocumentState
from vault.ports import Transaction

MANY = 1100
SWEEPS: dict[str, Callable[[Transaction], object]] = {
    "ix_erasure_open": lambda rows: rows.open_erasures(NOW, 10),
    "ix_dossier_due": lambda rows: rows.due_dossiers(NOW, 10),
    "ix_document_unfinished": lambda rows: rows.abandoned_documents(NOW + 2 * DAY, 10),
    "ix_orphan_seen_at": lambda rows: rows.orphans(NOW + DAY, 10),
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = records_engine(sqlite_url(tmp_path_factory.mktemp("plans") / "records.db"))
    migrate_records(engine)
    with SqlStore(engine).transaction() as rows:
        for number in range(MANY):
            few = number % 100 == 0
            rows.add_dossier(dossier(number, destroy_on=NOW if number % 2 else None, fenced=not few))
            rows.add_document(
                document(number, dossier=id_(0), state=DocumentState.PENDING if few else DocumentState.STORED)
            )
            rows.add_erasure(erasure(number) if few else certified(number))
        rows.note_orphans([id_(number) for number in range(MANY)], NOW)
    yield engine
    engine.dispose()


@pytest.mark.parametrize("analysed", [False, True], ids=["at first", "with statistics"])
@pytest.mark.parametrize("index", SWEEPS)
def test_a_sweep_uses_its_index_and_sorts_nothing(engine: Engine, index: str, analysed: bool) -> None:
    if analysed:
        with writing(engine) as connection:
            connection.execute(text("ANALYZE"))
    [plan] = plans(engine, SWEEPS[index])
    assert len(plan) == 1, plan
    assert f"INDEX {index} " in plan[0]


def plans(engine: Engine, act: Callable[[Transaction], object]) -> list[list[str]]:
    """How SQLite goes about each query of the act."""
    sent: list[tuple[str, tuple[object, ...]]] = []

    def listen(*args: object) -> None:
        sent.append((args[2], args[3]))  # type: ignore[arg-type]

    event.listen(engine, "before_cursor_execute", listen)
    try:
        with SqlStore(engine).transaction() as rows:
            act(rows)
    finally:
        event.remove(engine, "before_cursor_execute", listen)
    queries = [(query, values) for query, values in sent if query.startswith("SELECT")]
    with reading(engine) as connection:
        return [
            [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", values)]
            for query, values in queries
        ]
