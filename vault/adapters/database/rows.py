"""The base of every store of rows: rows to domain values and back, an INSERT that reports a collision."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Executable, Table
from sqlalchemy.exc import IntegrityError

from vault.adapters.sql.factory import insert_into, undoable

T = TypeVar("T")
_INSERTIONS: dict[tuple[str, str], Executable] = {}
BATCH = 1000  # values in one IN (…), well below the limits of every engine


class Rows:
    """The rows seen by one open transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def _insert(self, table: Table, value: object) -> bool:
        """False when a unique key is taken; raises LookupError when a foreign key names an absent row."""
        return self._write(_insertion(self._connection, table), table, columns(value)) == 1

    def _write(self, statement: Executable, table: Table, *rows: dict[str, Any]) -> int:
        """How many rows the INSERT wrote; raises LookupError when a foreign key names an absent row."""
        try:
            with undoable(self._connection):
                return self._changed(statement, *rows)
        except IntegrityError as error:
            raise LookupError(f"a new {table.name} names a row that does not exist, or breaks a check") from error

    def _changed(self, statement: Executable, *rows: dict[str, Any]) -> int:
        """How many rows the statement wrote, also for an INSERT, which SQLAlchemy counts only on request.

        With `rows` it is executed once for each row, in one message to the server.
        """
        counting = {"preserve_rowcount": True}
        count: int = self._connection.execute(statement, rows or None, execution_options=counting).rowcount
        return count

    def _all(self, kind: type[T], query: Executable, values: Mapping[str, Any] | None = None) -> list[T]:
        """The rows of a query as domain values, by column names; `values` are the query's parameters."""
        return [kind(**row) for row in self._connection.execute(query, values).mappings()]

    def _one(self, kind: type[T], query: Executable, values: Mapping[str, Any] | None = None) -> T | None:
        row = self._connection.execute(query, values).mappings().one_or_none()
        return None if row is None else kind(**row)


def _insertion(connection: Connection, table: Table) -> Executable:
    """An INSERT of one row that leaves a taken key alone; built once, which takes longer than to execute it."""
    key = (connection.dialect.name, table.name)
    if key not in _INSERTIONS:
        _INSERTIONS[key] = insert_into(connection, table).on_conflict_do_nothing()
    return _INSERTIONS[key]


def columns(value: object, *but: str) -> dict[str, Any]:
    """The fields of a domain value by name, without the excluded ones."""
    assert is_dataclass(value)
    return {field.name: getattr(value, field.name) for field in fields(value) if field.name not in but}


def batches(items: Iterable[T]) -> Iterator[Sequence[T]]:
    """The distinct items in order, in groups of at most `BATCH`."""
    rest = iter(dict.fromkeys(items))
    while group := list(islice(rest, BATCH)):
        yield group
