"""The journal of segments that came: what a kill or a damaged disk leaves of it is read as less, never as more."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from vault.records.types.document import SEGMENT_SIZE, body_digest
from vault.sdk.documents.arrived import Arrived

SIZE = 5 * SEGMENT_SIZE
DIGESTS = [bytes([number]) * 32 for number in range(5)]


@pytest.fixture
def journal() -> Iterator[int]:
    fd = os.memfd_create("journal")
    yield fd
    os.close(fd)


def test_what_came_is_there_in_a_later_run(journal: int) -> None:
    one = Arrived(SIZE, journal)
    for number in (3, 0):
        one.add(number, DIGESTS[number])
    other = Arrived(SIZE, journal)
    assert (other.numbers, other.missing, 3 in other, 1 in other) == ((3, 0), [1, 2, 4], True, False)
    for number in other.missing:
        other.add(number, DIGESTS[number])
    assert Arrived(SIZE, journal).digest() == body_digest(DIGESTS)


def test_without_a_journal_it_is_kept_in_memory() -> None:
    one = Arrived(SIZE)
    one.add(2, DIGESTS[2])
    assert one.missing == [0, 1, 3, 4]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: content[:-1],
        lambda content: content[:-40] + (5).to_bytes(8, "big") + bytes(32),
        lambda content: content[:-40] + content[:40],
    ],
    ids=["cut off", "a segment that there is not", "a segment twice"],
)
def test_an_entry_that_is_none_ends_it(journal: int, spoil: object) -> None:
    one = Arrived(SIZE, journal)
    for number in (1, 2, 4):
        one.add(number, DIGESTS[number])
    content = os.pread(journal, 1000, 0)
    os.ftruncate(journal, 0)
    os.pwrite(journal, spoil(content), 0)  # type: ignore[operator]
    again = Arrived(SIZE, journal)
    assert again.numbers == (1, 2)
    again.add(0, DIGESTS[0])
    assert Arrived(SIZE, journal).numbers == (1, 2, 0)
