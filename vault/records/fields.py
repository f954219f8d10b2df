"""The forms of a record's fields (FORMAT.md "Basics"): annotations, and their spelling in JSON.

A record is a frozen dataclass. The annotation of each attribute carries one form: `Id`, `Hash`, `Annotated[int,
whole(1, 100)]`. `vault.records.record` reads and writes the class by these forms, so that a field is said once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Annotated, Any

from vault.records import read
from vault.records.encoding import format_instant, to_base64url
from vault.records.strict_json import MAX_INTEGER


@dataclass(frozen=True, slots=True)
class Form:
    """The reader of a field from a JSON object, and its writer to a JSON value (None: the value itself).

    `unknown` tells whether a value holds a word that this software does not know; None where there are no words.
    """

    read: Callable[[read.Fields, str], Any]
    write: Callable[[Any], Any] | None = None
    unknown: Callable[[Any], bool] | None = None


@dataclass(frozen=True, slots=True)
class At:
    """Marks a field whose path in the record is not the attribute's name: `share`, `proofs.open`."""

    path: str


@dataclass(frozen=True, slots=True)
class Listed:
    """Marks an ordered tuple, with bounds on its length."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class OmittedEmpty:
    """Marks a tuple that is omitted while empty; null says the same."""


def text(limit: int = 1000) -> Form:
    """A text of 1 to `limit` bytes of UTF-8."""
    return Form(partial(read.text, limit=limit))


def one_of(choices: frozenset[str]) -> Form:
    """One word of a closed set."""
    return Form(partial(read.one_of, choices=choices))


def word(known: frozenset[str]) -> Form:
    """A word of an open set: one that is not `known` is read all the same, and gives nobody a right."""
    return Form(read.word, unknown=lambda value: value not in known)


def whole(least: int = 0, most: int = MAX_INTEGER) -> Form:
    """A whole number within bounds."""
    return Form(partial(read.integer, least=least, most=most))


def hexadecimal(size: int) -> Form:
    """`size` bytes as lower-case hex, as text in the value too."""
    return Form(lambda fields, name: read.hexadecimal(fields, name, size))


def hexadecimal_set(size: int, least: int, most: int) -> Form:
    """A set of hex texts of `size` bytes: sorted, without duplicates."""
    return Form(partial(read.sorted_hexadecimal, size=size, least=least, most=most), sorted)


def octets(size: int) -> Form:
    """Exactly `size` bytes, base64url in JSON."""
    return Form(partial(read.octets, size=size), to_base64url)


def integers_of(keys: tuple[str, ...], least: int, most: int) -> Form:
    """A JSON object with a whole number under each of these keys; other keys are ignored."""

    def numbers(fields: read.Fields, name: str) -> dict[str, int]:
        value = read.mapping(fields, name)
        return {key: read.integer(value, key, least=least, most=most) for key in keys}

    return Form(numbers)


Id = Annotated[str, hexadecimal(16)]
Hash = Annotated[str, hexadecimal(32)]
Key = Annotated[bytes, octets(32)]
Flag = Annotated[bool, Form(read.boolean)]
Number = Annotated[int, whole()]
Ordinal = Annotated[int, whole(1)]
Instant = Annotated[datetime, Form(read.instant, format_instant)]
Day = Annotated[date, Form(read.day, date.isoformat)]
