"""Erasing against deleting the same files, and the sweep's query over a million documents against one over a thousand.

    python -m tests.bench.erasure [folder] [dossiers] [documents]

Both parts compare within one run. The peer of the erasure is a raw delete of a copy of the same files, with the same
syncs; it signs nothing, shreds nothing and looks at nothing again.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import event

from tests.actors import NOW, Practice
from tests.attack.house import ask, ports_at
from vault.adapters.records import SqlStore
from vault.domain.dossier import DocumentState, Segment, object_name
from vault.flows import deposit, erasing
from vault.flows.context import Ports

OBJECTS = 50
BODY = b"ciphertext of a page, " * 200


def main(folder: str | None, dossiers: int, documents: int) -> None:
    """Print both ratios with what they are made of."""
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        erase(Path(scratch), dossiers)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        look(Path(scratch), documents)


def erase(folder: Path, dossiers: int) -> None:
    """Erase dossiers of 50 objects each, and delete a copy of the same files."""
    practice = Practice(ports_at(folder / "data")).set_up()
    ids = [practice.open_dossier() for _ in range(dossiers)]
    for dossier in ids:
        _fill(practice, dossier, folder / "data" / "objects")
        ask(practice, dossier)
    objects = folder / "data" / "objects"
    shutil.copytree(objects, folder / "copy")
    os.sync()
    start = time.perf_counter()
    _delete(folder / "copy")
    raw = time.perf_counter() - start
    start = time.perf_counter()
    certified = 0
    while (done := erasing.sweep(practice.ports, practice.now)).found:
        certified += done.certified
    ours = time.perf_counter() - start
    left = [name for name in practice.ports.objects.names() if not name.startswith("ledger/")]
    if certified != dossiers or left:
        raise SystemExit(f"failed: {certified} of {dossiers} erased, {len(left)} objects left")
    each = 1000 * ours / dossiers
    print(
        f"{dossiers} dossiers x {OBJECTS} objects: erased and certified in {ours:.1f} s ({each:.1f} ms a dossier), ",
        end="",
    )
    print(f"deleted raw in {raw:.1f} s: {ours / raw:.2f} times the time of a raw delete")


def _fill(practice: Practice, dossier: str, folder: Path) -> None:
    """Stored documents of one object each; written without a sync for each, for that is not what is measured."""
    ports, caller = practice.ports, practice.director.caller
    first = practice.deposit(dossier, BODY)
    with ports.store.transaction() as tx:
        row = tx.document(first.id)
        assert row is not None
        record = tx.record(row.record)
        assert record is not None
    copies = [practice.new_document(dossier, BODY) for _ in range(OBJECTS - 1)]
    ports.keystore.create([deposit.subject_of(each.id) for each in copies])
    digest = hashlib.sha256(BODY).digest()
    for each in copies:
        path = folder / object_name(dossier, each.id, 0)
        path.parent.mkdir(mode=0o700, parents=True)
        path.write_bytes(BODY)
    heads = ports.keystore.seal_many(
        [(deposit.subject_of(each.id), "document.head", each.id, each.head) for each in copies]
    )
    with ports.store.transaction() as tx:
        for each, head in zip(copies, heads, strict=True):
            tx.add_record(replace(record, hash=each.envelope.hash, subject=each.id, record=each.envelope.record))
            tx.add_document(replace(row, id=each.id, record=each.envelope.hash, head=head, uploader=caller.member))
            tx.add_segment(Segment(each.id, 0, len(BODY), digest))


def _delete(folder: Path) -> None:
    for path, _, files in os.walk(folder, topdown=False):
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        for name in files:
            os.unlink(name, dir_fd=handle)
            os.fsync(handle)
        os.close(handle)
        Path(path).rmdir()


def look(folder: Path, documents: int) -> None:
    """Time every query of a sweep that looks for work, over few and over many stored documents."""
    small, large = _stocked(folder / "small", 1000), _stocked(folder / "large", documents)
    for name, query in QUERIES.items():
        plan = _plan(large.store, query)
        few, many = _median(small, query), _median(large, query)
        print(f"{name}: {1000 * few:.2f} ms over 1000 documents, {1000 * many:.2f} ms over {documents}: ", end="")
        print(f"{many / few:.2f} times; plan: {plan}")
        if "SCAN" in plan:
            raise SystemExit("failed: a sweep reads a whole table")


THEN = NOW + timedelta(days=400)
Query = Callable[[SqlStore], object]


def _query(ask_rows: Callable[..., object]) -> Query:
    def query(store: SqlStore) -> object:
        with store.transaction() as tx:
            return ask_rows(tx)

    return query


QUERIES: dict[str, Query] = {
    "dossiers that are due": _query(lambda tx: tx.due_dossiers(THEN, 100)),
    "open erasures": _query(lambda tx: tx.open_erasures(THEN, 100)),
    "abandoned documents": _query(lambda tx: tx.abandoned_documents(THEN, 500)),
}


def _stocked(folder: Path, documents: int) -> Ports:
    """That many stored documents, fifty a dossier, and ten things of each kind that are due: the same work in both."""
    folder.mkdir()
    ports = ports_at(folder)
    practice = Practice(ports).set_up()
    dossier = practice.open_dossier()
    one = practice.deposit(dossier)
    path = folder / "records.db"
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA foreign_keys=OFF")
        _multiply(database, "dossier", dossier, documents // OBJECTS, {})
        _multiply(database, "document", one.id, documents, {})
        due = (THEN - timedelta(days=1)).replace(tzinfo=None)
        _multiply(database, "document", one.id, 10, {"state": DocumentState.DEPOSITING.value}, first=documents)
        _multiply(database, "dossier", dossier, 10, {"destroy_on": _instant(database, due)}, first=documents)
        database.execute("ANALYZE")
    database.close()
    return ports


def _instant(database: sqlite3.Connection, moment: datetime) -> object:
    """A moment as that database spells it, seen at one that stands there."""
    (there,) = database.execute("SELECT created_at FROM dossier LIMIT 1").fetchone()
    return int(moment.timestamp()) if isinstance(there, int) else moment.isoformat(" ") + str(there)[19:]


def _multiply(
    database: sqlite3.Connection, table: str, id_: str, count: int, changes: dict[str, object], first: int = 0
) -> None:
    """Copies of one row under other ids."""
    names = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
    kept = dict(zip(names, database.execute(f"SELECT * FROM {table} WHERE id = ?", [id_]).fetchone(), strict=True))
    kept |= changes
    unique = {name for name in ("id", "record", "head", "index") if name in kept and table == "document"} - {"head"}
    marks = ", ".join("?" * len(names))
    rows = (
        [f"{number:0{len(str(kept[n]))}x}" if n in (unique or {"id"}) else kept[n] for n in names]
        for number in range(first + 1, first + count + 1)
    )
    database.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)


def _plan(store: object, query: Query) -> str:
    assert isinstance(store, SqlStore)
    seen: list[tuple[str, object]] = []

    def listen(_c: object, _k: object, statement: str, parameters: object, *_: object) -> None:
        seen.append((statement, parameters))

    event.listen(store._engine, "before_cursor_execute", listen)
    query(store)
    event.remove(store._engine, "before_cursor_execute", listen)
    statement, parameters = next(each for each in seen if each[0].startswith("SELECT"))
    with store._engine.connect() as connection:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()  # type: ignore[arg-type]
    return "; ".join(row[-1] for row in rows)


def _median(ports: Ports, query: Query) -> float:
    assert isinstance(ports.store, SqlStore)
    walls = []
    for _ in range(31):
        start = time.perf_counter()
        query(ports.store)
        walls.append(time.perf_counter() - start)
    return statistics.median(walls[1:])


if __name__ == "__main__":
    main(
        sys.argv[1] if len(sys.argv) > 1 else None,
        int(sys.argv[2]) if len(sys.argv) > 2 else 1000,
        int(sys.argv[3]) if len(sys.argv) > 3 else 1_000_000,
    )
