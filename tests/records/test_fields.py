"""Each form of a field reads what FORMAT.md allows and nothing else, and writes what it reads."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import get_args

import pytest

from vault.records import fields, read
from vault.records.encoding import RecordError
from vault.records.fields import Form
from vault.records.strict_json import MAX_INTEGER

SIXTEEN, THIRTY_TWO = "0a" * 16, "0a" * 32


def reads(form: Form, value):
    return form.read({"f": value}, "f")


def writes(form: Form, value):
    return value if form.write is None else form.write(value)


def form(alias) -> Form:
    return get_args(alias)[1]


FORMS = [
    pytest.param(
        fields.text, ["x", "x" * 1000, "é" * 500], ["", "x" * 1001, "é" * 501, "\ud800" * 334, 1, None], id="a text"
    ),
    pytest.param(lambda: fields.text(3), ["x", "xxx", "€"], ["", "xxxx", "é€", "😀"], id="a short text"),
    pytest.param(lambda: fields.one_of(frozenset({"a", "b"})), ["a", "b"], ["", "c", "A", 1, None], id="one of two"),
    pytest.param(
        lambda: fields.word(frozenset({"a", "b"})),
        ["a", "b", "another_1", "x" * 32],
        ["", "A", "a b", "a-b", "é", "a\n", "x" * 33, 1, None, ["a"]],
        id="a word",
    ),
    pytest.param(fields.whole, [0, MAX_INTEGER], [-1, MAX_INTEGER + 1, True, "1", 1.0], id="a number"),
    pytest.param(lambda: fields.whole(2, 3), [2, 3], [1, 4], id="a number within bounds"),
    pytest.param(lambda: fields.whole(2), [2, MAX_INTEGER], [1], id="a number from a bound"),
    pytest.param(lambda: fields.hexadecimal(16), [SIXTEEN], [SIXTEEN[2:], SIXTEEN.upper(), SIXTEEN + "0a"], id="hex"),
    pytest.param(lambda: fields.octets(2), ["AAA"], ["AA", "AAAA", "AAB", "=", 1, None], id="bytes"),
    pytest.param(
        lambda: fields.hexadecimal_set(2, 1, 2),
        [["0a0a"], ["0a0a", "0b0b"]],
        [[], ["0b0b", "0a0a"], ["0a0a", "0a0a"], ["0a"], ["0A0A"], ["0a0a", "0b0b", "0c0c"], [1], "0a0a"],
        id="a set",
    ),
    pytest.param(
        lambda: fields.integers_of(("a", "b"), 1, 2),
        [{"a": 1, "b": 2}],
        [{"a": 1}, {"a": 0, "b": 1}, {"a": 1, "b": 3}, [], None],
        id="numbers by key",
    ),
]


@pytest.mark.parametrize(("make", "held", "refused"), FORMS)
def test_a_form_reads_what_it_allows_and_writes_it_back(make, held, refused):
    one = make()
    for value in held:
        assert writes(one, reads(one, value)) == value
    for value in refused:
        with pytest.raises(RecordError):
            reads(one, value)


def test_a_set_is_written_in_its_order_and_numbers_by_key_are_read_without_others():
    assert writes(fields.hexadecimal_set(1, 0, 9), ("0b", "0a")) == ["0a", "0b"]
    assert reads(fields.integers_of(("a",), 1, 1), {"a": 1, "z": 9}) == {"a": 1}
    assert reads(fields.octets(2), "AAA") == bytes(2)


@pytest.mark.parametrize(
    ("alias", "spelled", "value"),
    [
        (fields.Id, SIXTEEN, SIXTEEN),
        (fields.Hash, THIRTY_TWO, THIRTY_TWO),
        (fields.Key, "A" * 43, bytes(32)),
        (fields.Flag, True, True),
        (fields.Number, 0, 0),
        (fields.Ordinal, 1, 1),
        (fields.Instant, "2026-11-29T20:00:00Z", datetime(2026, 11, 29, 20, tzinfo=UTC)),
        (fields.Day, "2026-11-29", date(2026, 11, 29)),
    ],
)
def test_an_alias_has_its_form(alias, spelled, value):
    assert reads(form(alias), spelled) == value
    assert writes(form(alias), value) == spelled
    for other in ("", [], None, -1):
        with pytest.raises(RecordError):
            reads(form(alias), other)


def test_an_ordinal_begins_at_one():
    with pytest.raises(RecordError):
        reads(form(fields.Ordinal), 0)


def test_a_hash_is_read_alone_where_no_record_holds_it():
    assert read.digest({"f": THIRTY_TWO}, "f") == THIRTY_TWO
    for other in (SIXTEEN, THIRTY_TWO + "0a", THIRTY_TWO.upper(), None):
        with pytest.raises(RecordError, match="'f'"):
            read.digest({"f": other}, "f")
