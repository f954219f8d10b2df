"""All rows of a store, taken from one snapshot, and put into an empty one: the same for SQLite and PostgreSQL.

A copy of SQLite's file would hold its free pages too, and lie on the disk in the clear before it is sealed. `pg_dump`
has to be there, of the server's version, and what it writes goes back into PostgreSQL alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby, islice

from sqlalchemy import (
    Boolean,
    Column,
    ColumnClause,
    Connection,
    LargeBinary,
    MetaData,
    String,
    column,
    delete,
    func,
    insert,
    inspect,
    select,
    table,
    text,
)

from infra.backup.row_lines import BYTES, FLAG, NUMBER, TEXT, About, line, read_lines, written
from vault.adapters.database import tables as records_tables
from vault.adapters.keystore import tables as keystore_tables
from vault.errors import IntegrityError

BATCH = 500
_REVISION = "alembic_version"
RECORDS, KEYSTORE = "records", "keystore"
METADATA: dict[str, MetaData] = {RECORDS: records_tables.metadata, KEYSTORE: keystore_tables.metadata}


def revision_of(connection: Connection) -> str:
    """The revision of the tables there; empty in a database without any."""
    if not inspect(connection).has_table(_REVISION):
        return ""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none() or "")


def dump(connection: Connection, about: About) -> Iterator[bytes]:
    """The lines of all rows of the snapshot that this connection reads."""
    yield line(about.to_json())
    count = 0
    for each in METADATA[about.store].sorted_tables:
        kinds = [(item.name, _kind(item)) for item in each.columns]
        yield line({"table": each.name, "columns": kinds})
        query = select(*(_column(*kind) for kind in kinds)).select_from(table(each.name))
        with connection.execution_options(yield_per=BATCH).execute(query) as rows:
            for row in rows:
                yield line([written(value, kind) for value, (_, kind) in zip(row, kinds, strict=True)])
                count += 1
    yield line({"rows": count})


def check_sound(connection: Connection) -> None:
    """Raise IntegrityError for an SQLite database that is damaged; PostgreSQL checks each page as it is read."""
    if connection.dialect.name == "sqlite":
        said = connection.execute(text("PRAGMA integrity_check(1)")).scalar_one()
        if said != "ok":
            raise IntegrityError(
                f"a database is damaged: {said}", advice="No backup was made of it. Put an older set back, or get help."
            )


def load(connection: Connection, lines: Iterable[bytes], about: About, step: Callable[[str], None]) -> None:
    """Put the rows of a dump into tables that hold nothing else; raises IntegrityError, then nothing may be kept."""
    if about.store == KEYSTORE:
        connection.execute(delete(keystore_tables.state))  # the row that a new keystore begins with
    known = set(inspect(connection).get_table_names()) - {_REVISION}
    for columns, group in groupby(read_lines(lines, about), key=lambda pair: pair[0]):
        if columns.table not in known:
            raise IntegrityError(
                f"the rows of the {about.store} are damaged", advice="Nothing was changed. Take another set."
            )
        statement = insert(table(columns.table, *(_column(*kind) for kind in columns.kinds)))
        while rows := [row for _, row in islice(group, BATCH)]:
            connection.execute(statement, rows)
        step(f"{about.store}: {columns.table}")
    if connection.dialect.name == "postgresql":
        _go_on_counting(connection, METADATA[about.store])


def _go_on_counting(connection: Connection, metadata: MetaData) -> None:
    """Let PostgreSQL number what comes next after what is there."""
    for each in metadata.sorted_tables:
        for item in each.columns:
            if item.autoincrement is True:
                highest = func.max(item)
                sequence = func.pg_get_serial_sequence(each.name, item.name)
                connection.execute(
                    select(func.setval(sequence, func.coalesce(highest, 1), highest.is_not(None))).select_from(each)
                )


def _kind(item: Column[object]) -> str:
    stored = getattr(item.type, "impl", item.type)
    kinds = ((Boolean, FLAG), (LargeBinary, BYTES), (String, TEXT))
    return next((kind for type_, kind in kinds if isinstance(stored, type_)), NUMBER)


def _column(name: str, kind: str) -> ColumnClause[object]:
    """The column as the database keeps it, but for flags: a number in SQLite."""
    return column(name, Boolean()) if kind == FLAG else column(name)
