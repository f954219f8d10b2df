"""What every family of rows does: rows to domain values and back, an INSERT that tells of a collision."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Executable, Table
from sqlalchemy.exc import IntegrityError

from vault.adapters.sql.factory import insert_into, undoable

T = TypeVar("T")
BATCH = 1000  # values in one IN (…), well below the limits of every engine


class Rows:
    """Rows of one open transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def _insert(self, table: Table, value: object) -> bool:
        """False when a row with one of its unique keys is there already; LookupError when it names an absent row."""
        return (
            self._write(insert_into(self._connection, table).values(columns(value)).on_conflict_do_nothing(), table)
            == 1
        )

    def _write(self, statement: Executable, table: Table, *rows: dict[str, Any]) -> int:
        """How many rows the INSERT wrote; LookupError when one names an absent row."""
        try:
            with undoable(self._connection):
                return self._changed(statement, *rows)
        except IntegrityError as error:
            raise LookupError(f"a new {table.name} names a row that does not exist, or breaks a check") from error

    def _changed(self, statement: Executable, *rows: dict[str, Any]) -> int:
        """How many rows the statement wrote; also of an INSERT, which SQLAlchemy does not count unasked.

        With `rows` it is executed once for each, in one message to the server.
        """
        counting = {"preserve_rowcount": True}
        count: int = self._connection.execute(statement, rows or None, execution_options=counting).rowcount
        return count

    def _all(self, kind: type[T], query: Executable, values: Mapping[str, Any] | None = None) -> list[T]:
        """The rows of a query, each as the domain value that bears its columns' names; `values` are its parameters."""
        return [kind(**row) for row in self._connection.execute(query, values).mappings()]

    def _one(self, kind: type[T], query: Executable, values: Mapping[str, Any] | None = None) -> T | None:
        row = self._connection.execute(query, values).mappings().one_or_none()
        return None if row is None else kind(**row)


def columns(value: object, *but: str) -> dict[str, Any]:
    """The fields of a domain value by name, save those."""
    assert is_dataclass(value)
    return {field.name: getattr(value, field.name) for field in fields(value) if field.name not in but}


def batches(items: Iterable[T]) -> Iterator[Sequence[T]]:
    """The items, each once and in order, in groups of at most `BATCH`."""
    rest = iter(dict.fromkeys(items))
    while group := list(islice(rest, BATCH)):
        yield group
