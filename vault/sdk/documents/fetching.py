"""Fetches a body: several segments at a time, each hashed while it comes, and handed piece by piece to a sink.

Four threads take runs of segments that follow each other, long ones first and short ones last, so that they end
together. A server may answer a run with less than was asked for, as one does behind which a proxy carries single
segments: the rest is asked for again. Where something on the way takes ranges away, one thread reads the whole body.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from vault.records.types.document import SEGMENT_SIZE
from vault.sdk.device.progress import UNWATCHED, Progress
from vault.sdk.documents.arrived import Arrived
from vault.sdk.errors import AnswerError, ServerUnreachableError
from vault.sdk.server.api import Download
from vault.sdk.server.retry import PAUSES

THREADS = 4
LONGEST_RUN = 8

# Opens a download of a body from one byte on and before another (None: to the end), with these headers.
Source = Callable[[int, int | None, Mapping[str, str]], Download]
# We take less than we asked for (RFC 7240): a proxy before the gateway may carry a single segment.
BY_SEGMENT, AS_ASKED = {"Prefer": "segment"}, dict[str, str]()


class Sink(Protocol):
    """Where the pieces of a body go; called from several threads, for each segment in order."""

    arrived: Arrived

    def wants(self, at: int, end: int) -> int:
        """How many bytes the next piece should have, from `at` on, before `end`: at least one."""
        ...

    def take(self, at: int, piece: bytes) -> None:
        """A piece of what it wants, at its place in the body. Raises DamagedDocumentError, DiskError."""
        ...

    def ended(self, number: int, digest: bytes) -> None:
        """A whole segment was taken, and this is its SHA-256."""
        ...


def fetch(source: Source, size: int, sink: Sink, progress: Progress = UNWATCHED) -> None:
    """Fetch what has not arrived yet of a body of `size` bytes.

    A cut connection is retried. Raises ServerUnreachableError after several attempts without progress, AnswerError for
    another size than the signed one, and what the sink raises.
    """
    _Fetch(source, size, sink, progress).run()


@dataclass(slots=True)
class _Run:
    """Segments that follow each other, on their way: `came` is the place of the next byte for the sink.

    `held` is the beginning of a piece that a cut left unfinished.
    """

    came: int
    end: int
    held: bytes = b""
    digest: Any = field(default_factory=hashlib.sha256)

    @property
    def at(self) -> int:
        """The place of the next byte to fetch."""
        return self.came + len(self.held)


class _Fetch:
    """One body on its way."""

    def __init__(self, source: Source, size: int, sink: Sink, progress: Progress) -> None:
        self._source, self._size, self._sink, self._progress = source, size, sink, progress
        self._missing = deque(sink.arrived.missing)
        self._lock = threading.Lock()
        self._others: list[threading.Thread] | None = None
        self._open: set[Download] = set()
        self._failure: BaseException | None = None
        self._stopped = threading.Event()
        self._headers = BY_SEGMENT

    def run(self) -> None:
        """Do the work, or raise the first failure."""
        left = sum(min(SEGMENT_SIZE, self._size - number * SEGMENT_SIZE) for number in self._missing)
        self._progress.advance(self._size - left)
        self._work()
        # Daemon threads: an interrupted command must not wait for one that waits for a silent server.
        if not isinstance(self._failure, KeyboardInterrupt):
            for thread in self._others or ():
                thread.join()
        if self._failure is not None:
            raise self._failure

    def _work(self) -> None:
        try:
            while not self._stopped.is_set() and (run := self._next()) is not None:
                self._bring(run)
        except BaseException as failure:  # noqa: BLE001 - it is raised again by `run`, in the caller's thread
            with self._lock:
                self._failure = self._failure or failure
                self._stopped.set()
                for download in self._open:
                    download.cut()

    def _next(self) -> _Run | None:
        with self._lock:
            if not self._missing:
                return None
            most = min(LONGEST_RUN, -(-len(self._missing) // (2 * THREADS)))
            first = last = self._missing.popleft()
            while self._missing and self._missing[0] == last + 1 and last + 1 - first < most:
                last = self._missing.popleft()
        return _Run(first * SEGMENT_SIZE, min(self._size, (last + 1) * SEGMENT_SIZE))

    def _bring(self, run: _Run) -> None:
        failures = 0
        while run.came < run.end and not self._stopped.is_set():
            before = run.at
            try:
                self._read(run)
            except ServerUnreachableError as error:
                if self._stopped.is_set():
                    return
                self._headers = AS_ASKED  # who carries segments may be what fails
                failures = 0 if run.at > before else failures + 1
                if failures > len(PAUSES) or error.reason is not None:
                    raise
                time.sleep(PAUSES[max(0, failures - 1)])

    def _read(self, run: _Run) -> None:
        whole = run.at == 0 and run.end == self._size
        with self._source(run.at, None if whole else run.end, self._headers) as download:
            with self._lock:
                self._open.add(download)
            try:
                self._receive(run, download)
            finally:
                with self._lock:
                    self._open.discard(download)

    def _receive(self, run: _Run, download: Download) -> None:
        if download.total not in {None, self._size}:
            raise AnswerError("the server sent a body of another size than was signed")
        self._share(run, download)
        at = download.start
        while at < run.at:  # the whole body came where a part of it was asked for
            at += len(_some(download, min(SEGMENT_SIZE, run.at - at)))
        stop = min(run.end, self._size if download.stop is None else download.stop)
        while run.at < stop and not self._stopped.is_set():
            self._take(run, download)
        if download.stop is None and run.at == self._size and download.read(1):
            raise AnswerError("the server sent more than was signed")

    def _share(self, run: _Run, download: Download) -> None:
        """After the first answer start the other threads; if that is the whole body, read all of it in this one."""
        if self._others is not None:
            return
        with self._lock:
            if self._missing and (download.start < run.at or download.stop is None or download.stop > run.end):
                run.end = min(self._size, (self._missing[-1] + 1) * SEGMENT_SIZE)
                self._missing.clear()
            count = min(THREADS - 1, len(self._missing))
        self._others = [threading.Thread(target=self._work, daemon=True) for _ in range(count)]
        for thread in self._others:
            thread.start()

    def _take(self, run: _Run, download: Download) -> None:
        number = run.came // SEGMENT_SIZE
        end = min(self._size, (number + 1) * SEGMENT_SIZE)
        wanted = self._sink.wants(run.came, end)
        piece = download.read(wanted - len(run.held))
        if run.held:
            piece = run.held + piece
        if len(piece) < wanted:
            if len(piece) == len(run.held):
                raise ServerUnreachableError("the connection ended early")
            run.held = piece
            return
        run.held = b""
        if self._stopped.is_set():  # whoever waits for this thread no more may have closed the sink's files
            return
        if number not in self._sink.arrived:
            run.digest.update(piece)
            self._sink.take(run.came, piece)
            if run.came + wanted == end:
                self._sink.ended(number, run.digest.digest())
                run.digest = hashlib.sha256()
            self._progress.advance(wanted)
        run.came += wanted


def _some(download: Download, most: int) -> bytes:
    piece = download.read(most)
    if not piece:
        raise ServerUnreachableError("the connection ended early")
    return piece
