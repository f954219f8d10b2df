"""Readers for the fields of a parsed record; errors name the field."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar

from vault.records.encoding import RecordError, from_base64url, parse_day, parse_instant, size_of
from vault.records.strict_json import MAX_INTEGER

T = TypeVar("T")
Fields = dict[str, Any]
_HEX = re.compile(r"[0-9a-f]+\Z")
_WORD = re.compile(r"[a-z0-9_]{1,32}\Z")


def text(fields: Fields, name: str, *, limit: int = 1000) -> str:
    """A non-empty text of at most `limit` bytes of UTF-8."""
    value = fields.get(name)
    if not isinstance(value, str) or not 0 < size_of(value) <= limit:
        raise RecordError(f"field {name!r} must be a text of 1 to {limit} bytes")
    return value


def one_of(fields: Fields, name: str, choices: frozenset[str]) -> str:
    """A text from a closed set."""
    value = fields.get(name)
    if not isinstance(value, str) or value not in choices:
        raise RecordError(f"field {name!r} must be one of {', '.join(sorted(choices))}")
    return value


def word(fields: Fields, name: str) -> str:
    """A word of at most 32 lower-case letters, digits and `_`."""
    value = fields.get(name)
    if not isinstance(value, str) or not _WORD.match(value):
        raise RecordError(f"field {name!r} must be a word of lower-case letters")
    return value


def integer(fields: Fields, name: str, *, least: int = 0, most: int = MAX_INTEGER) -> int:
    """A whole number within bounds (`true` is not a number)."""
    value = fields.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise RecordError(f"field {name!r} must be a whole number from {least} to {most}")
    return value


def boolean(fields: Fields, name: str) -> bool:
    """`true` or `false`."""
    value = fields.get(name)
    if not isinstance(value, bool):
        raise RecordError(f"field {name!r} must be true or false")
    return value


def hexadecimal(fields: Fields, name: str, size: int) -> str:
    """`size` bytes as lower-case hex."""
    value = fields.get(name)
    if not isinstance(value, str) or len(value) != 2 * size or not _HEX.match(value):
        raise RecordError(f"field {name!r} must be {2 * size} lower-case hex digits")
    return value


def identifier(fields: Fields, name: str) -> str:
    """An id: 16 bytes."""
    return hexadecimal(fields, name, 16)


def digest(fields: Fields, name: str) -> str:
    """A SHA-256: 32 bytes."""
    return hexadecimal(fields, name, 32)


def octets(fields: Fields, name: str, size: int) -> bytes:
    """Exactly `size` bytes, base64url."""
    value = fields.get(name)
    if not isinstance(value, str) or len(raw := from_base64url(value)) != size:
        raise RecordError(f"field {name!r} must be {size} bytes of base64url")
    return raw


def instant(fields: Fields, name: str) -> datetime:
    """A moment in UTC."""
    value = fields.get(name)
    if not isinstance(value, str):
        raise RecordError(f"field {name!r} must be an instant")
    return parse_instant(value)


def day(fields: Fields, name: str) -> date:
    """A calendar day, `YYYY-MM-DD`."""
    return parse_day(text(fields, name))


def items(fields: Fields, name: str, *, least: int = 0, most: int) -> list[Any]:
    """A list within bounds."""
    value = fields.get(name)
    if not isinstance(value, list) or not least <= len(value) <= most:
        raise RecordError(f"field {name!r} must be a list of {least} to {most}")
    return value


def objects(fields: Fields, name: str, *, least: int = 0, most: int) -> list[Fields]:
    """A list of JSON objects within bounds."""
    value = items(fields, name, least=least, most=most)
    if not all(isinstance(member, dict) for member in value):
        raise RecordError(f"field {name!r} must hold objects")
    return value


def mapping(fields: Fields, name: str) -> Fields:
    """A JSON object."""
    value = fields.get(name)
    if not isinstance(value, dict):
        raise RecordError(f"field {name!r} must be an object")
    return value


def sorted_hexadecimal(fields: Fields, name: str, size: int, *, least: int = 0, most: int) -> tuple[str, ...]:
    """A strictly ascending list of hex texts, so that a set has one spelling."""
    value = items(fields, name, least=least, most=most)
    if not all(isinstance(member, str) and len(member) == 2 * size for member in value) or (
        value and not _HEX.match("".join(value))
    ):
        raise RecordError(f"field {name!r} must hold {2 * size} lower-case hex digits each")
    if any(map(operator.ge, value, value[1:])):
        raise RecordError(f"field {name!r} must be sorted, each once")
    return tuple(value)


def optional(read: Callable[[Fields, str], T], fields: Fields, name: str) -> T | None:
    """None for an absent or null field, else the result of `read`."""
    return None if fields.get(name) is None else read(fields, name)
