"""STREAM under a fixed key, against a model: the chunks a forger may reorder, cut, repeat or mark as he likes.

Promise: a body opens only when its chunks are the numbers from 0 on, whole but the last, which alone is marked and
not empty unless it is the only one; however the bytes arrive; what is released before an error is a true beginning.
"""

from __future__ import annotations

from itertools import accumulate

from tests.fuzz.pieces import Reader, cut
from vault.age import CHUNK_SIZE, TAG_SIZE, Opener, OpenStream, PayloadError, Sealer, SealStream, plain_size

LONGEST = 256
KEY = b"p" * 32
SIZES = (0, 1, 15, 16, 17, CHUNK_SIZE - 1, CHUNK_SIZE, CHUNK_SIZE, CHUNK_SIZE)
MOST_CHUNKS = 4
Chunk = tuple[int, bytes, bool]


def check(data: bytes) -> None:
    reader = Reader(data)
    seed, damage, at = reader.number(2), reader.number(), reader.number(3)
    chunks = read_chunks(reader)
    body = b"".join(Sealer(KEY).seal(index, plain, last=last) for index, plain, last in chunks)
    beginning = b"".join(plain for _, plain, _ in chunks)
    if damage % 4 == 1 and body:
        place = at % len(body)
        body = body[:place] + bytes([body[place] ^ (1 << at % 8)]) + body[place + 1 :]
        check_opening(body, seed, None, beginning)
    elif damage % 4 == 3:
        check_opening(body + (reader.rest() or b"\0"), seed, None, beginning)
    else:
        size = at % (len(body) + 1) if damage % 4 == 2 else len(body)
        kept = whole_chunks(chunks, size)
        expected = None if kept is None or not well_formed(kept) else b"".join(plain for _, plain, _ in kept)
        check_opening(body[:size], seed, expected, beginning)


def whole_chunks(chunks: list[Chunk], size: int) -> list[Chunk] | None:
    """The chunks of so many bytes of the body, None when one of them is cut."""
    ends = list(accumulate((len(plain) + TAG_SIZE for _, plain, _ in chunks), initial=0))
    return chunks[: ends.index(size)] if size in ends else None


def read_chunks(reader: Reader) -> list[Chunk]:
    chunks = []
    for position in range(reader.number() % (MOST_CHUNKS + 1)):
        marks, size, fill = reader.number(), reader.number(), reader.number()
        index = reader.number() if marks & 2 else position
        chunks.append((index, bytes([fill]) * SIZES[size % len(SIZES)], bool(marks & 1)))
    return chunks


def well_formed(chunks: list[Chunk]) -> bool:
    """What the specification allows, said another way than the code says it."""
    if not chunks or [index for index, _, _ in chunks] != list(range(len(chunks))):
        return False
    *before, (_, final, marked) = chunks
    whole = all(len(plain) == CHUNK_SIZE and not last for _, plain, last in before)
    return whole and marked and (len(final) > 0 or not before)


def check_opening(body: bytes, seed: int, expected: bytes | None, beginning: bytes) -> None:
    released, opened = stream(body, seed)
    assert (released if opened else None) == expected, "STREAM and the model differ"
    assert stream(body, 0)[1] == opened
    if not opened:
        assert beginning.startswith(released), "something else was released"
    assert at_once(body) == expected
    if expected is not None:
        sealer = SealStream(KEY)
        assert b"".join([*(sealer.update(piece) for piece in cut(expected, seed)), sealer.finish()]) == body


def stream(body: bytes, seed: int) -> tuple[bytes, bool]:
    """What is released, and whether the end was reached."""
    opener, released = OpenStream(KEY), []
    try:
        for piece in cut(body, seed):
            released.append(opener.update(piece))  # noqa: PERF401 - what came before an error stays
        released.append(opener.finish())
    except PayloadError:
        return b"".join(released), False
    return b"".join(released), True


def at_once(body: bytes) -> bytes | None:
    try:
        out = memoryview(bytearray(plain_size(len(body))))
        return bytes(Opener(KEY).open_chunks(0, memoryview(body), out, last=True))
    except PayloadError:
        return None


def seeds() -> dict[str, bytes]:
    def plan(*chunks: tuple[int, int], seed: int = 0, damage: int = 0, at: int = 0) -> bytes:
        head = seed.to_bytes(2, "big") + bytes([damage]) + at.to_bytes(3, "big") + bytes([len(chunks)])
        return head + b"".join(bytes([marks, size, 7]) for marks, size in chunks)

    return {
        "empty": plan((1, 0)),
        "small": plan((1, 2), seed=5),
        "two": plan((0, 6), (1, 4), seed=900),
        "whole-last": plan((0, 6), (1, 6), seed=77),
        "empty-last": plan((0, 6), (1, 0)),
        "unmarked": plan((0, 6), (0, 4)),
        "bit": plan((0, 6), (1, 4), damage=1, at=70_000),
        "cut": plan((0, 6), (1, 6), damage=2, at=65_552),
        "longer": plan((0, 6), (1, 6), damage=3),
        "nothing": plan(),
    }
