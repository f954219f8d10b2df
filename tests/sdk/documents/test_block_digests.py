"""The digest of what is in the file, in whatever order its chunks came, and of little that is read again."""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Iterator

import pytest

from vault.age.stream import CHUNK_SIZE
from vault.sdk.documents.block_digests import BlockDigests
from vault.sdk.documents.digests import BLOCK_CHUNKS, content_digest

CHUNKS = 2 * BLOCK_CHUNKS + 7
CONTENT = os.urandom(CHUNKS * CHUNK_SIZE - 99)
DIGEST = content_digest(CONTENT)


@pytest.fixture(name="fd")
def _fd() -> Iterator[int]:
    with tempfile.TemporaryFile() as file:
        file.write(CONTENT)
        file.flush()
        yield file.fileno()


def chunks(first: int, count: int = 1) -> memoryview:
    return memoryview(CONTENT)[first * CHUNK_SIZE : (first + count) * CHUNK_SIZE]


def test_in_order_nothing_is_read_again() -> None:
    digests = BlockDigests(-1, len(CONTENT))
    for first in range(0, CHUNKS, 5):
        digests.add(first, chunks(first, 5))
    assert digests.finish() == DIGEST


@pytest.mark.parametrize("seed", range(4))
def test_in_any_order_it_is_the_same(fd: int, seed: int) -> None:
    digests, order = BlockDigests(fd, len(CONTENT)), list(range(0, CHUNKS, 3))
    random.Random(seed).shuffle(order)
    for first in order:
        digests.add(first, chunks(first, 3))
    assert digests.finish() == DIGEST


def test_after_a_gap_only_the_rest_is_read(fd: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """As at the seam between two threads: the last chunk but one of the first block comes last."""
    digests, late = BlockDigests(fd, len(CONTENT)), BLOCK_CHUNKS - 2
    for first in (*range(late), *range(late + 1, CHUNKS), late):
        digests.add(first, chunks(first))
    read, real = [0], os.preadv

    def counted(*arguments: object) -> int:
        read[0] += (got := real(*arguments))  # type: ignore[arg-type]
        return got

    monkeypatch.setattr(os, "preadv", counted)
    assert digests.finish() == DIGEST
    assert read[0] == CHUNK_SIZE, "the late one was the next in order when it came"


def test_what_an_earlier_run_wrote_is_read(fd: int) -> None:
    digests = BlockDigests(fd, len(CONTENT))
    digests.add(BLOCK_CHUNKS + 1, chunks(BLOCK_CHUNKS + 1, 4))
    assert digests.finish() == DIGEST


def test_nothing_has_the_digest_of_nothing() -> None:
    assert BlockDigests(-1, 0).finish() == content_digest(b"")
