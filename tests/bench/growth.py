"""What a vault of a million documents costs against one of a thousand: opening a share, listing a dossier, sweeping."""

# ruff: noqa: RUF001  the signs of multiplication and of a range

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, Engine, Table, text

from tests import engines, installation
from tests.actors import NOW, TOKEN, Link, Practice
from tests.bench.measuring import timed
from tests.bench.results import Goal, Result
from tests.bench.stage import scratch
from tests.twins.objects import MemoryObjects
from vault.adapters.database import SqlStore, tables
from vault.adapters.keystore import GenerationFiles, SqlKeystore
from vault.adapters.keystore import tables as keys
from vault.adapters.sql.factory import database_engine, keystore_engine, sqlite_url
from vault.adapters.sql.migrate import migrate_database, migrate_keystore
from vault.domain.dossiers import DocumentState
from vault.flows.context import Ports
from vault.flows.documents import reading
from vault.flows.shares import pickup
from vault.flows.shares.pickup import Proofs
from vault.rules.verdict import Refused

ROW = 10
GOAL = Goal(at_most=1.2)
THEN = NOW + timedelta(days=400)
A_DOSSIER = 50  # documents
DUE = 10  # of each kind, in the small vault and in the large one: the same work
Work = Callable[[], object]


def run(*, quick: bool = False) -> Iterator[Result]:
    """Rows are copies made inside the databases; what is asked for is real."""
    few, many, rounds = (100, 1000, 3) if quick else (1000, 1_000_000, 41)
    for name, addresses in (("SQLite", _files), ("PostgreSQL", _databases)):
        if quick and name != "SQLite":
            return
        with ExitStack() as stack:
            folder = stack.enter_context(scratch())
            small = stack.enter_context(vault(folder, addresses, few))
            large = stack.enter_context(vault(folder, addresses, many))
            for what, work in small.items():
                yield compare(f"{what} ({name}), {many:,} documents against {few:,}", work, large[what], rounds)


def compare(name: str, small: Work, large: Work, rounds: int) -> Result:
    """The median costs, taken in turn."""
    walls = [(timed(small).wall, timed(large).wall) for _ in range(rounds + 2)][2:]
    few, many = (statistics.median(side) for side in zip(*walls, strict=True))
    ours, peer = f"{many * 1000:.2f} ms", f"{few * 1000:.2f} ms"
    return Result(ROW, name, many / few, "× the cost", GOAL, ours=ours, peer=peer)


@contextmanager
def _files(folder: Path) -> Iterator[tuple[str, str]]:
    yield sqlite_url(folder / "records.db"), sqlite_url(folder / "keystore.db")


@contextmanager
def _databases(_: Path) -> Iterator[tuple[str, str]]:
    with engines.new_database() as records, engines.new_database() as keystore:
        yield records, keystore


@contextmanager
def vault(folder: Path, addresses: Callable[..., object], documents: int) -> Iterator[Mapping[str, Work]]:
    """A vault with that many documents, and what is timed in it, by name."""
    place = folder / str(documents)
    place.mkdir()
    with ExitStack() as stack:
        records_url, keystore_url = stack.enter_context(addresses(place))  # type: ignore[arg-type]
        records, keystore = database_engine(records_url), keystore_engine(keystore_url)
        stack.callback(records.dispose)
        stack.callback(keystore.dispose)
        migrate_database(records)
        migrate_keystore(keystore)
        ports = Ports(
            store=SqlStore(records),
            keystore=SqlKeystore(keystore, GenerationFiles(place / "keys" / "generation")),
            objects=MemoryObjects(),
            installation=installation.keys(),
            setup_token=lambda: TOKEN,
            spend_setup_token=lambda: None,
        )
        practice = Practice(ports).set_up()
        dossier = practice.open_dossier()
        stored = [practice.deposit(dossier) for _ in range(3)]
        link = practice.share(dossier, stored[:1])
        fill(records, keystore, documents, {"dossier": dossier, "document": stored[0].id, "share": link.id})
        yield works(practice, dossier, link)


def works(practice: Practice, dossier: str, link: Link) -> Mapping[str, Work]:
    """What is timed."""
    ports, caller = practice.ports, practice.director.caller
    proofs = Proofs(link.possess, link.open)
    looks: dict[str, Callable[..., object]] = {
        "sweep for dossiers that are due": lambda tx: tx.due_dossiers(THEN, 100),
        "sweep for open erasures": lambda tx: tx.open_erasures(THEN, 100),
        "sweep for abandoned documents": lambda tx: tx.abandoned_documents(THEN, THEN + timedelta(days=2), 500),
    }

    def swept(look: Callable[..., object]) -> object:
        with ports.store.reading() as tx:
            return look(tx)

    return {
        "open a share": lambda: _granted(pickup.cover(ports, link.id, proofs, practice.now)),
        "list a dossier": lambda: _granted(reading.documents(ports, caller, dossier, "", 500)),
        **{name: partial(swept, look) for name, look in looks.items()},
    }


def _granted(answer: object) -> object:
    assert not isinstance(answer, Refused), answer
    return answer


def fill(records: Engine, keystore: Engine, documents: int, there: Mapping[str, str]) -> None:
    """Copies of one dossier, document and share under other ids, their keys, and a few of each that are due."""
    dossiers = documents // A_DOSSIER
    due = int((THEN - timedelta(days=1)).timestamp())
    with records.begin() as to:
        _without_foreign_keys(to)
        copy(to, tables.dossier, there["dossier"], 1, dossiers, {"id": 32})
        copy(to, tables.dossier, there["dossier"], dossiers + 1, dossiers + DUE, {"id": 32, "destroy_on": f"{due}"})
        within = {"id": 32, "record": 64, "dossier": _hex(to, f"n.i / {A_DOSSIER} + 1", 32)}
        copy(to, tables.document, there["document"], 1, documents, within)
        unfinished = within | {"state": f"'{DocumentState.DEPOSITING.value}'"}
        copy(to, tables.document, there["document"], documents + 1, documents + DUE, unfinished)
        copy(to, tables.share, there["share"], 1, dossiers, {"id": 32, "record": 64})
        copy(to, tables.entry, there["share"], 1, dossiers, {"share": 32, "document": 32}, key="share")
    with keystore.begin() as to:
        for kind, count in (("document", documents), ("dossier", dossiers), ("share", dossiers)):
            copy(to, keys.shred_key, there[kind], 1, count, {"id": 32})
    for engine in (records, keystore):
        with engine.begin() as connection:
            connection.exec_driver_sql("ANALYZE")


def copy(
    to: Connection, table: Table, id_: str, first: int, last: int, changes: Mapping[str, int | str], key: str = "id"
) -> None:
    """Copies of the row `id_`, numbered: a number as a change is so many hex digits of it, a text is SQL."""
    if last < first:
        return
    kept = {column.name: f't."{column.name}"' for column in table.columns}
    kept |= {name: _hex(to, "n.i", how) if isinstance(how, int) else how for name, how in changes.items()}
    names = ", ".join(f'"{name}"' for name in kept)
    statement = (
        f'INSERT INTO "{table.name}" ({names}) WITH RECURSIVE n(i) AS '
        "(SELECT CAST(:first AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < :last) "
        f'SELECT {", ".join(kept.values())} FROM n CROSS JOIN "{table.name}" AS t WHERE t."{key}" = :id'
    )
    to.execute(text(statement), {"first": first, "last": last, "id": id_})


def _hex(to: Connection, number: str, digits: int) -> str:
    if to.dialect.name == "postgresql":
        return f"lpad(to_hex({number}), {digits}, '0')"
    return f"printf('%0{digits}x', {number})"


def _without_foreign_keys(to: Connection) -> None:
    """Nothing is checked for a million rows that name only each other; on SQLite the checks are quick."""
    if to.dialect.name == "postgresql":
        to.exec_driver_sql("SET LOCAL session_replication_role = replica")
