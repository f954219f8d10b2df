"""The rows of a store as lines of JSON (FORMAT.md, "Backup"): about the store, each table and its rows, their number.

Bytes are base64url. A flag is true or false, since SQLite keeps a number and PostgreSQL none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from vault.errors import IntegrityError
from vault.records.encoding import RecordError, from_base64url, to_base64url

VERSION = 1
FLAG, BYTES, NUMBER, TEXT = "flag", "bytes", "number", "text"
_TYPES: dict[str, type] = {FLAG: bool, BYTES: str, NUMBER: int, TEXT: str}
_NAME = re.compile(r"[a-z_]{1,63}\Z")


@dataclass(frozen=True, slots=True)
class About:
    """Of which store and installation the rows are, and the revision of their tables."""

    store: str
    installation: str
    schema: str

    def to_json(self) -> dict[str, Any]:
        """The first line."""
        return {"v": VERSION, "store": self.store, "installation": self.installation, "schema": self.schema}


@dataclass(frozen=True, slots=True)
class Columns:
    """A table and its columns, each with the way its values are written."""

    table: str
    kinds: tuple[tuple[str, str], ...]


def line(value: Any) -> bytes:
    """One line."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def written(value: Any, kind: str) -> Any:
    """A value of a row as JSON."""
    return value if value is None or kind != BYTES else to_base64url(bytes(value))


def read_lines(lines: Iterable[bytes], about: About) -> Iterator[tuple[Columns, dict[str, Any]]]:
    """Each row with its table; raises IntegrityError for another store's, and at the end of what is cut off."""
    try:
        yield from _read(iter(lines), about)
    except (ValueError, TypeError, KeyError, RecordError, RecursionError) as error:
        raise IntegrityError(
            f"the rows of the {about.store} are damaged", advice="Nothing was changed. Take another set."
        ) from error


def _read(lines: Iterator[bytes], about: About) -> Iterator[tuple[Columns, dict[str, Any]]]:
    if json.loads(next(lines, b"")) != about.to_json():
        raise ValueError("of another store")
    columns, count, ended = None, 0, False
    for each in lines:
        value = json.loads(each)
        if ended:
            raise ValueError("something follows the end")
        if isinstance(value, list) and columns is not None and len(value) == len(columns.kinds):
            count += 1
            yield columns, {name: _value(one, kind) for one, (name, kind) in zip(value, columns.kinds, strict=True)}
        elif isinstance(value, dict) and set(value) == {"table", "columns"}:
            columns = _columns(value["table"], value["columns"])
        elif value == {"rows": count}:
            ended = True
        else:
            raise ValueError("no line of it")
    if not ended:
        raise ValueError("cut off")


def _columns(table: Any, columns: Any) -> Columns:
    names = [table, *(name for name, _ in columns)]
    if not all(isinstance(name, str) and _NAME.match(name) for name in names) or len(names) < 2:  # noqa: PLR2004
        raise ValueError("no name of a table or a column")
    if any(kind not in _TYPES for _, kind in columns):
        raise ValueError("no kind of a column")
    return Columns(table, tuple((name, kind) for name, kind in columns))


def _value(value: Any, kind: str) -> Any:
    if value is None:
        return None
    if type(value) is not _TYPES[kind]:
        raise TypeError("a value of another kind than its column")
    return from_base64url(str(value)) if kind == BYTES else value
