"""FORMAT.md "Strict JSON": the vectors that every language reads, and nothing accepted that a slower judge refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from vault.records.encoding import RecordError
from vault.records.strict_json import MAX_DEPTH, MAX_INTEGER, dump, parse_object

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "2-strict-json.json").read_bytes())
LIMIT: int = VECTORS["limit"]
SAID = {
    "size": "larger than",
    "utf-8": "not UTF-8",
    "json": "not JSON",
    "object": "not a JSON object",
    "twice": "a key stands twice",
    "whole": "only whole numbers",
    "zero": "a zero has a sign",
    "beyond": "beyond 2\\^53-1",
    "text": "lone surrogate or NUL",
    "deep": "nested too deeply",
}
# Tokens of JSON and near it, which together are JSON often enough, and what escapes and nesting go wrong by.
TOKENS = st.sampled_from(
    [
        *("{", "}", "[", "]", ",", ":", '"', "\\", '"a"', '"b":', " ", "x", "\x00", "\ufeff", "\v", "é"),
        *("0", "-0", "-", "1.0", "1e2", "9007199254740992", "null", "true", "NaN"),
        *("\\u", "0000", "d83d", "\\ud83d", "\\ude00", "\\\\", '\\"'),
        *("[" * MAX_DEPTH, "]" * MAX_DEPTH, '{"a":' * MAX_DEPTH, "}" * MAX_DEPTH),
    ]
)
SCALARS = st.sampled_from(["1", "-0", "null", '"[[{"', '"\\\\"', '"\\""', '"\\ud83d\\ude00"', '"\\ud800"', "1.5", '""'])


def raw_of(case: dict[str, str]) -> bytes:
    return bytes.fromhex(case["hex"]) if "hex" in case else case["text"].encode()


@pytest.mark.parametrize("case", VECTORS["accept"], ids=lambda case: case["name"])
def test_what_the_format_allows_is_read(case: dict[str, str]) -> None:
    assert parse_object(raw_of(case), limit=LIMIT) == json.loads(raw_of(case))


@pytest.mark.parametrize("case", VECTORS["refuse"], ids=lambda case: case["name"])
def test_what_the_format_forbids_is_refused_for_that_reason(case: dict[str, str]) -> None:
    with pytest.raises(RecordError, match=SAID[case["why"]]):
        parse_object(raw_of(case), limit=LIMIT)


def judged(raw: bytes) -> dict[str, Any] | None:
    """The value by a parser that looks at every character of every value; None where it is refused."""
    try:
        value = json.loads(raw.decode(), object_pairs_hook=once, parse_int=whole, parse_float=whole)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and fits(value, 0) else None


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError
    return dict(pairs)


def whole(digits: str) -> int:
    if digits == "-0":
        raise ValueError
    return int(digits)


def fits(value: Any, depth: int) -> bool:
    if depth > MAX_DEPTH:
        return False
    if isinstance(value, str):
        return "\x00" not in value and not any("\ud800" <= character <= "\udfff" for character in value)
    if isinstance(value, dict):
        return all(fits(key, depth + 1) and fits(member, depth + 1) for key, member in value.items())
    if isinstance(value, list):
        return all(fits(member, depth + 1) for member in value)
    return not isinstance(value, float) and (not isinstance(value, int) or abs(value) <= MAX_INTEGER)


def same(raw: bytes) -> None:
    try:
        value = parse_object(raw, limit=LIMIT)
    except RecordError:
        assert judged(raw) is None
    else:
        assert judged(raw) == value


@given(st.lists(TOKENS, max_size=24).map("".join))
@example('{"a":"' + "\\ud83d\\ude00" * 3 + '"}')
@example('{"a":"\\\\"' + ',"b":[' + "[" * 17 + "]" * 18 + "}")
def test_any_tokens_are_judged_as_by_looking_at_each_character(text: str) -> None:
    same(text.encode())
    same(b'{"a":' + text.encode() + b"}")
    same(b'{"a":"' + text.encode() + b'"}')


@given(st.lists(st.sampled_from("[{"), min_size=MAX_DEPTH - 3, max_size=MAX_DEPTH + 2), SCALARS, SCALARS)
def test_levels_are_counted_as_by_looking_at_each_value(opened: list[str], before: str, inner: str) -> None:
    head = "".join(f'{{"k":{before},"n":' if bracket == "{" else f"[{before}," for bracket in opened)
    tail = "".join("}" if bracket == "{" else "]" for bracket in reversed(opened))
    for middle in (inner, "[]", "{}", f"[{inner}]"):
        same(f'{{"a":{head}{middle}{tail}}}'.encode())


@given(st.binary(max_size=60))
def test_any_bytes_are_judged_as_by_looking_at_each_character(raw: bytes) -> None:
    same(raw)
    same(b'{"' + raw + b'":1}')


@pytest.mark.parametrize("unit", [b"[", b'"', b'\\"', b'"\\', b"\\u00e9", b'[{"', b"]", b"0", b"\\\\", b'{"a":'])
def test_no_text_costs_more_than_its_length(unit: bytes) -> None:
    """Passes over the bytes, none of which begins again: a mebibyte of anything is refused or read at once."""
    raw = b'{"a":' + unit * (2**20 // len(unit))
    with pytest.raises(RecordError):
        parse_object(raw, limit=2**21)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(codec="utf-8", exclude_characters="\0")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(codec="utf-8", exclude_characters="\0")), inner, max_size=4)
    ),
    max_leaves=10,
)


@settings(suppress_health_check=[HealthCheck.too_slow])  # the alphabet is built on first use
@given(st.dictionaries(st.text(st.characters(codec="utf-8", exclude_characters="\0")), VALUES, max_size=5))
def test_what_is_dumped_is_parsed(fields):
    assert parse_object(dump(fields), limit=10**6) == fields


def test_text_is_written_as_it_is_and_no_number_that_readers_refuse():
    assert dump({"naam": "Zoë", "n": [1, None, True]}) == '{"naam":"Zoë","n":[1,null,true]}'.encode()
    with pytest.raises(ValueError, match="JSON compliant"):
        dump({"n": float("nan")})


@given(st.binary(max_size=200))
def test_any_bytes_are_parsed_or_refused_as_a_record_error(raw):
    try:
        parse_object(raw, limit=100)
    except RecordError:
        return
    assert isinstance(json.loads(raw), dict)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":1,"a":2}',
        b'{"a":{"b":1,"b":1}}',
        b'{"a":1.0}',
        b'{"a":1e3}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":9007199254740992}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":"\\ud800"}',
        b'{"\\udfff":1}',
        b'{"a":"\\u0000"}',
        b'{"a":"\xff"}',
        b"[1]",
        b"1",
        b"",
        b"{} {}",
        b'{"a":' + b"[" * 17 + b"]" * 17 + b"}",
        b'{"a":' + b"[" * 50_000,
        b'{"a":"' + b"x" * 70_000 + b'"}',
    ],
)
def test_json_outside_the_format_is_refused(raw):
    with pytest.raises(RecordError):
        parse_object(raw, limit=65_536)


def test_sixteen_levels_below_the_object_are_not_too_deep():
    levels = 16
    nested = b"[" * levels + b"]" * levels
    assert dump(parse_object(b'{"a":' + nested + b"}", limit=100)) == b'{"a":' + nested + b"}"
    with pytest.raises(RecordError):
        parse_object(b'{"a":[' + nested + b"]}", limit=100)


@pytest.mark.parametrize(("levels", "held"), [(16, True), (17, False)])
def test_objects_are_counted_as_levels_too(levels, held):
    raw = b'{"a":' * levels + b"1" + b"}" * levels
    if held:
        assert dump(parse_object(raw, limit=200)) == raw
        return
    with pytest.raises(RecordError):
        parse_object(raw, limit=200)


@pytest.mark.parametrize("number", [2**53 - 1, -(2**53) + 1, 0, -1])
def test_whole_numbers_reach_to_what_every_language_counts_exactly(number):
    assert parse_object(b'{"a":%d}' % number, limit=100) == {"a": number}


@pytest.mark.parametrize("number", [2**53, -(2**53), 10**17])
def test_greater_numbers_are_refused(number):
    with pytest.raises(RecordError):
        parse_object(b'{"a":%d}' % number, limit=100)


def test_four_byte_utf8_is_text_like_any_other():
    assert parse_object(b'{"a":"\xf0\x9f\x98\x80"}', limit=100) == {"a": "\U0001f600"}
