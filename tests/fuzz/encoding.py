"""Strict JSON and the basic encodings: RecordError, or a value within what a record may hold.

Promise: only RecordError comes out; what is accepted holds no float, no lone surrogate, no NUL, no number beyond
2^53-1, no key twice and no depth beyond 16; bytes and instants have one spelling.
"""

from __future__ import annotations

import contextlib
import json
from typing import Any

from tests.fuzz.json_mutation import Mutate, mutate
from vault.records.encoding import RecordError, format_instant, from_base64url, parse_instant, to_base64url
from vault.records.strict_json import MAX_DEPTH, MAX_INTEGER, dump, parse_object

LONGEST = 8192


def check(data: bytes) -> None:
    check_text(data.decode("utf-8", "replace"))
    try:
        value = parse_object(data, limit=LONGEST)
    except RecordError:
        return
    check_value(value, 0)
    assert parse_object(dump(value), limit=8 * LONGEST) == value
    assert json.loads(data) == value


def check_text(text: str) -> None:
    with contextlib.suppress(RecordError):
        assert to_base64url(from_base64url(text)) == text
    with contextlib.suppress(RecordError):
        assert format_instant(parse_instant(text)) == text


def check_value(value: Any, depth: int) -> None:
    assert depth <= MAX_DEPTH
    assert not isinstance(value, float)
    if isinstance(value, str):
        value.encode()
        assert "\0" not in value
    elif isinstance(value, int) and not isinstance(value, bool):
        assert abs(value) <= MAX_INTEGER
    elif isinstance(value, dict):
        for key, member in value.items():
            check_value(key, depth + 1)
            check_value(member, depth + 1)
    elif isinstance(value, list):
        for member in value:
            check_value(member, depth + 1)


def custom_mutator(data: bytes, longest: int, seed: int, fallback: Mutate) -> bytes:
    return mutate(data, longest, seed, fallback)


def seeds() -> dict[str, bytes]:
    nested = b'{"a":' + b"[" * 15 + b"]" * 15 + b"}"
    return {
        "object": dump({"v": 1, "text": "é😀", "list": [1, -2, True, None, {"deeper": []}]}),
        "limits": dump({"most": MAX_INTEGER, "least": -MAX_INTEGER}),
        "nested": nested,
        "twice": b'{"a":1,"a":2}',
        "float": b'{"a":1.0}',
        "surrogate": b'{"a":"\\ud800"}',
        "nul": b'{"a\\u0000":1}',
        "instant": b"2026-11-23T09:00:00Z",
        "base64url": b"AAECAwQFBgc",
    }
