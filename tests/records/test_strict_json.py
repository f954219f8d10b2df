"""FORMAT.md "Strict JSON": the vectors that every language reads, and nothing accepted that a slower judge refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vault.records.encoding import MAX_DEPTH, MAX_INTEGER, RecordError, parse_object

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
