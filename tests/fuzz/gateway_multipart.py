"""The form of an inline deposit: a Problem, or exactly the parts that were sent, however the bytes arrive.

Promise: only Problem comes out; pieces give what the whole gives; no part is longer than its limit; a form is whole
only behind its closing boundary; parts that were accepted, written as a form again, are read as the same.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine
from typing import Any

from gateway.http.failures import Problem
from gateway.http.multipart import Parts, events
from tests.fuzz.pieces import Reader, cut

LONGEST = 4096
BOUNDARY = b"grens"
LIMIT = 64
NAMES = ("record", "head", "metadata", "body")


def check(data: bytes) -> None:
    reader = Reader(data)
    seed, raw = reader.number(2), reader.rest()
    whole = read(raw, 0)
    pieced = read(raw, seed)
    if isinstance(whole, str) and isinstance(pieced, str):
        # Which of two faults is met first depends on what has arrived: only that it is refused is promised.
        assert whole in {"invalid", "too_large", "digest_mismatch"}
        assert pieced in {"invalid", "too_large", "digest_mismatch"}
        return
    assert pieced == whole, "pieces give something else"
    assert b"--" + BOUNDARY + b"--" in raw, "a form without its closing boundary was taken for whole"
    for content in whole:
        assert content in raw
    assert read(write(whole), seed) == whole


def read(raw: bytes, seed: int) -> list[bytes] | str:
    """The contents of the parts, or the code of the refusal."""
    try:
        return run(collect(pieces(raw, seed)))
    except Problem as problem:
        return problem.failure.code


async def pieces(raw: bytes, seed: int) -> AsyncIterator[bytes]:
    for piece in cut(raw, seed):
        yield piece


async def collect(chunks: AsyncIterator[bytes]) -> list[bytes]:
    """As the route reads a form."""
    parts = Parts(events(chunks, BOUNDARY))
    found = [await parts.collect(name, LIMIT) for name in NAMES[:3]]
    if not await parts.closed():
        found.append(await parts.collect(NAMES[3], LIMIT, beyond="digest_mismatch"))
    await parts.finish()
    assert all(len(content) <= LIMIT for content in found)
    return found


def run(coroutine: Coroutine[Any, Any, list[bytes]]) -> list[bytes]:
    """What it returns; it never waits for anything."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        result: list[bytes] = done.value
        return result
    raise AssertionError("the form waited for something")


def write(contents: list[bytes]) -> bytes:
    parts = [
        b'--%b\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n' % (BOUNDARY, name.encode(), content)
        for name, content in zip(NAMES, contents, strict=False)
    ]
    return b"".join(parts) + b"--" + BOUNDARY + b"--\r\n"


def seeds() -> dict[str, bytes]:
    four = write([b"{}", b"head", b"metadata", b"body"])
    return {
        "four": b"\x00\x00" + four,
        "three": b"\x00\x01" + write([b"{}", b"head", b"metadata"]),
        "pieces": b"\x31\x07" + four,
        "boundary-within": b"\x00\x01" + write([b"--gren", b"\r\n--gre", b"\r\n-", b"\r"]),
        "epilogue": b"\x00\x00" + four + b"epilogue",
        "preamble": b"\x00\x00\r\n" + four,
        "unclosed": b"\x00\x00" + four[:-4],
        "headers": b"\x00\x05"
        + four.replace(b"\r\n\r\nhead", b'; filename="x"\r\nContent-Transfer-Encoding: 8bit\r\n\r\nhead'),
    }
