"""Column types: instants as whole unix seconds, names, states as their words, lists of ids as JSON."""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Dialect, String, Text
from sqlalchemy.types import TypeDecorator

_UNTEXT = re.compile("[\0\ud800-\udfff]")


class Instant(TypeDecorator[datetime]):
    """A moment in UTC, to the second (fractions are dropped); a datetime without zone raises ValueError."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Seconds since 1970."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs its zone")
        return math.floor(value.timestamp())

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """The moment in UTC."""
        return None if value is None else datetime.fromtimestamp(value, UTC)


class Name(TypeDecorator[str]):
    """An id, a hash or a keyword.

    Ids from request paths are looked up unchecked. U+0000, which PostgreSQL rejects in text, and lone surrogates, which
    UTF-8 cannot encode, are looked up as U+FFFD, which no id contains.
    """

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """The text, as every engine accepts it."""
        return value if value is None else _UNTEXT.sub("\ufffd", value)


class State(TypeDecorator[StrEnum]):
    """A member of one enumeration, stored as its value."""

    impl = String(16)
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """The word."""
        return None if value is None else value.value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:  # noqa: ARG002
        """The member of the enumeration."""
        return None if value is None else self.words(value)


class Ids(TypeDecorator[tuple[str, ...]]):
    """An ordered list of ids, as a JSON array: written and read whole, never searched."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str:  # noqa: ARG002
        """The array's text."""
        return json.dumps(value or (), separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...]:  # noqa: ARG002
        """The ids."""
        return tuple(json.loads(value or "[]"))


def one_of(column: str, words: type[StrEnum]) -> CheckConstraint:
    """The check constraint of a state column."""
    listed = ", ".join(f"'{word.value}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=column)
