"""A mutator that knows JSON: it changes values where they stand, so that a fuzzer passes the brackets and the keys."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from typing import Any

Mutate = Callable[[bytes, int], bytes]
INTERESTING: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2**31, 2**53 - 1, 2**53, 2**63, -(2**63), 10**30, 0.0, 1.5, 1e400),
    *("", "\x00", "\ud800", "\udfff x", "0", "a" * 32, "A" * 32, "0" * 64, "\u0660" * 32, "a" * 31 + "\n"),
    *("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01", "9999-12-31", "2026-02-29", "2026-W01-1"),
    *("20260101", "AA", "AB", "AA==", "-_", "+/", "A" * 43, "A" * 22, "ed25519", "root", "installation:" + "0" * 64),
    *([], {}, [[]], [None], {"": 0}, "\u202e", "../../etc/passwd", "\U0001f600", "e\u0301", "\u00e9"),
)


def mutate(data: bytes, longest: int, seed: int, fallback: Mutate, *, prefix: int = 0) -> bytes:
    """The data with some values changed; the first `prefix` bytes are no JSON and mostly stay."""
    choose = random.Random(seed)
    head, text = data[:prefix], data[prefix:]
    if choose.random() < 0.05:
        head = bytes(choose.randrange(256) for _ in range(prefix))
    if choose.random() < 0.25:
        return head + fallback(text, max(1, longest - prefix))
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return head + fallback(text, max(1, longest - prefix))
    for _ in range(choose.choice((1, 1, 1, 2, 4))):
        value = edited(value, choose)
    written = json.dumps(value, ensure_ascii=choose.random() < 0.5, separators=(",", ":"))
    changed = head + written.encode("utf-8", "surrogatepass")
    return changed if len(changed) <= longest else data[:longest]


def edited(value: Any, choose: random.Random) -> Any:
    """The value with one place of it changed."""
    places = list(containers(value))
    if not places:
        return choose.choice(INTERESTING)
    where = choose.choice(places)
    keys = list(where) if isinstance(where, dict) else list(range(len(where)))
    if not keys or choose.random() < 0.1:
        add(where, choose)
        return value
    key = choose.choice(keys)
    kind = choose.random()
    if kind < 0.1:
        del where[key]
    elif kind < 0.5:
        where[key] = copy.deepcopy(choose.choice(INTERESTING))
    elif kind < 0.65:
        where[key] = copy.deepcopy(choose.choice(list(leaves(value))))
    else:
        where[key] = tweaked(where[key], choose)
    return value


def add(where: Any, choose: random.Random) -> None:
    new = copy.deepcopy(choose.choice(INTERESTING))
    if isinstance(where, dict):
        where[choose.choice(("must", "v", "type", "", "more"))] = new
    else:
        where.insert(choose.randrange(len(where) + 1), copy.deepcopy(choose.choice(where)) if where else new)


def tweaked(value: Any, choose: random.Random) -> Any:
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, int):
        return value + choose.choice((1, -1, 256, -256, 2**32))
    if isinstance(value, str) and value:
        at = choose.randrange(len(value))
        return choose.choice(
            (value[:at], value + value, value[:at] + value[at].upper() + value[at + 1 :], "\n" + value)
        )
    return [value]


def containers(value: Any) -> Any:
    """Every list and object within."""
    if isinstance(value, dict):
        yield value
        for member in value.values():
            yield from containers(member)
    elif isinstance(value, list):
        yield value
        for member in value:
            yield from containers(member)


def leaves(value: Any) -> Any:
    for where in containers(value):
        yield from where.values() if isinstance(where, dict) else where
    yield value
