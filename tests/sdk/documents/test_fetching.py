"""A body comes whole, each byte once, whatever the server answers and wherever the line is cut."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

import pytest

from tests.sdk.documents.served import Served, served
from vault.records.types import document
from vault.sdk.documents import fetching
from vault.sdk.documents.arrived import Arrived
from vault.sdk.documents.digests import PieceDigests
from vault.sdk.documents.fetching import AS_ASKED, BY_SEGMENT, Source, fetch
from vault.sdk.errors import AnswerError, ServerUnreachableError
from vault.sdk.server.api import Download

SEGMENT = 1000
BODY = os.urandom(70 * SEGMENT + 7)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (document, fetching):
        monkeypatch.setattr(module, "SEGMENT_SIZE", SEGMENT)
    monkeypatch.setattr(fetching, "PAUSES", (0.0, 0.0, 0.0))


@dataclass
class Heap:
    """A sink of pieces of 300 bytes."""

    content: bytearray = field(default_factory=lambda: bytearray(len(BODY)))
    taken: list[tuple[int, int]] = field(default_factory=list)
    arrived: Arrived = field(default_factory=lambda: Arrived(len(BODY)))
    fails_at: int | None = None

    def wants(self, at: int, end: int) -> int:
        return min(300, end - at)

    def take(self, at: int, piece: bytes) -> None:
        if self.fails_at is not None and at >= self.fails_at:
            raise RuntimeError("no room")
        self.content[at : at + len(piece)] = piece
        self.taken.append((at, at + len(piece)))

    def ended(self, number: int, digest: bytes) -> None:
        self.arrived.add(number, digest)

    @property
    def whole(self) -> bool:
        """Every byte came, once, and each segment has its digest."""
        digests = PieceDigests(SEGMENT)
        digests.update(BODY)
        ends = [0, *(stop for _, stop in sorted(self.taken))]
        return (
            bytes(self.content) == BODY
            and [start for start, _ in sorted(self.taken)] == ends[:-1]
            and self.arrived.digest() == document.body_digest(digests.finish())
        )


def stripped(start: int, stop: int | None, headers: Mapping[str, str]) -> Download:
    """Something on the way takes ranges away: the whole body comes."""
    return Served(BODY, 0, None, total=None)


def one_segment(start: int, stop: int | None, headers: Mapping[str, str]) -> Download:
    """The server gives the rest of one segment, whatever it is asked for."""
    end = min(len(BODY) if stop is None else stop, (start // SEGMENT + 1) * SEGMENT)
    return Served(BODY, start, end, total=len(BODY))


@pytest.mark.parametrize(
    "source",
    [served(BODY), served(BODY, cut=770), served(BODY, cut=1), stripped, one_segment],
    ids=["ranges", "cut", "cut after each byte", "no ranges", "a segment at a time"],
)
@pytest.mark.parametrize("there", [(), (0,), (3, 4, 69, 70)], ids=["nothing there", "the first", "some"])
def test_every_byte_comes_once(source: Source, there: tuple[int, ...]) -> None:
    sink = Heap()
    before = served(BODY)
    for number in there:
        at, end = number * SEGMENT, min(len(BODY), (number + 1) * SEGMENT)
        with before(at, end, {}) as download:
            sink.take(at, piece := download.read(SEGMENT))
        digests = PieceDigests(SEGMENT)
        digests.update(piece)
        sink.ended(number, digests.finish()[0])
    fetch(source, len(BODY), sink)
    assert sink.whole


def test_several_come_at_once_and_the_first_answer_comes_first() -> None:
    asked: list[int] = []
    numbers = itertools.count()
    meeting = threading.Barrier(fetching.THREADS - 1, timeout=30)

    def source(start: int, stop: int | None, headers: Mapping[str, str]) -> Download:
        asked.append(start)
        if 1 <= next(numbers) < fetching.THREADS:
            meeting.wait()
        return served(BODY)(start, stop, headers)

    sink = Heap()
    fetch(source, len(BODY), sink)
    assert asked[0] == 0
    assert sink.whole


def test_a_body_of_one_segment_is_asked_for_without_a_range() -> None:
    asked: list[tuple[int, int | None]] = []

    def source(start: int, stop: int | None, headers: Mapping[str, str]) -> Download:
        asked.append((start, stop))
        return served(BODY[:SEGMENT])(start, stop, headers)

    fetch(source, SEGMENT, Heap())
    assert asked == [(0, None)]


def test_without_progress_it_gives_up_and_with_some_it_never_does() -> None:
    with pytest.raises(ServerUnreachableError):
        fetch(served(BODY, cut=0), len(BODY), Heap())


def test_a_server_that_names_a_reason_is_not_asked_again() -> None:
    asked: list[int] = []

    def busy(start: int, stop: int | None, headers: Mapping[str, str]) -> Download:
        asked.append(start)
        raise ServerUnreachableError("busy", reason="busy")

    with pytest.raises(ServerUnreachableError):
        fetch(busy, len(BODY), Heap())
    assert asked == [0]


@pytest.mark.parametrize("body", [BODY + b"!", BODY[:-1], BODY[:0]], ids=["longer", "shorter", "nothing"])
def test_another_size_than_was_signed_is_refused(body: bytes) -> None:
    with pytest.raises(AnswerError):
        fetch(served(body), len(BODY), Heap())


def test_more_than_was_signed_is_refused_where_no_size_was_said() -> None:
    with pytest.raises(AnswerError):
        fetch(lambda start, stop, headers: Served(BODY + b"!", 0, None, total=None), len(BODY), Heap())


def silent(waiting: threading.Event) -> Iterator[Download]:
    """The first answer comes; the others say nothing until they are cut off."""

    class Silent(Served):
        def __init__(self, start: int, stop: int | None) -> None:
            super().__init__(BODY, start, stop, total=len(BODY))
            self._ended = threading.Event()

        def read(self, size: int) -> bytes:
            waiting.set()
            assert self._ended.wait(30), "nobody cut it off"
            raise ServerUnreachableError("the connection was cut")

        def cut(self) -> None:
            self._ended.set()

    yield from iter(partial(Silent, 0, None), None)


def test_a_failure_ends_the_others_at_once() -> None:
    waiting = threading.Event()
    quiet = silent(waiting)
    first: list[int] = []

    def source(start: int, stop: int | None, headers: Mapping[str, str]) -> Download:
        if not first:
            first.append(start)
            return served(BODY)(start, stop, headers)
        return next(quiet)

    class Failing(Heap):
        def take(self, at: int, piece: bytes) -> None:
            assert waiting.wait(30)
            raise RuntimeError("no room")

    with pytest.raises(RuntimeError, match="no room"):
        fetch(source, len(BODY), Failing())


def test_after_a_failure_it_asks_for_what_no_proxy_carries() -> None:
    asked: list[Mapping[str, str]] = []

    def source(start: int, stop: int | None, headers: Mapping[str, str]) -> Download:
        asked.append(headers)
        if headers == BY_SEGMENT and start:
            raise ServerUnreachableError("the proxy does not reach the store")
        return served(BODY)(start, stop, headers)

    sink = Heap()
    fetch(source, len(BODY), sink)
    assert sink.whole
    assert (asked[0], asked[-1]) == (BY_SEGMENT, AS_ASKED)
