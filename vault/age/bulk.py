"""Bodies of files at full speed: two threads, batches of 16 chunks, buffers made once.

The cipher releases Python's lock, so two threads fill two cores.
"""

from __future__ import annotations

import os
import stat
import threading
from typing import TYPE_CHECKING

from vault.age.batches import FileSink, FileSource, NoSink, PipeSink, PipeSource
from vault.age.stream import CHUNK_SIZE, SEALED_SIZE, Opener, Sealer, body_size, plain_size

if TYPE_CHECKING:
    from collections.abc import Callable

    from vault.age.batches import Batch, Sink, Source

BATCH_CHUNKS = 16
PLAIN_BATCH = BATCH_CHUNKS * CHUNK_SIZE
SEALED_BATCH = BATCH_CHUNKS * SEALED_SIZE
THREADS = 2


def encrypt_file(in_fd: int, out_fd: int, payload_key: bytes, *, in_offset: int = 0, out_offset: int = 0) -> int:
    """Seal a plaintext into a body; return the body's size.

    Offsets apply to regular files, whose own position does not matter; pipes are read and written in sequence. Raises
    SourceChangedError when the plaintext changed meanwhile, and OSError.
    """
    if not _is_regular(in_fd):
        return seal(PipeSource(_reader(in_fd), PLAIN_BATCH), _sink(out_fd, out_offset, SEALED_BATCH), payload_key)
    source = FileSource(in_fd, in_offset, PLAIN_BATCH)
    sink = _sink(out_fd, out_offset, SEALED_BATCH, claim=body_size(source.size))
    written = seal(source, sink, payload_key, threads=_threads(source.size))
    source.check_unchanged()
    return written


def decrypt_file(in_fd: int, out_fd: int, payload_key: bytes, *, in_offset: int = 0, out_offset: int = 0) -> int:
    """Open a body into a plaintext; return the plaintext's size.

    When it raises PayloadError (or anything), some plaintext is already written: the caller must delete the output. A
    caller whose output cannot be deleted (a terminal, a pipe) calls `verify_file` first. Offsets as for `encrypt_file`.
    """
    if not _is_regular(in_fd):
        return unseal(PipeSource(_reader(in_fd), SEALED_BATCH), _sink(out_fd, out_offset, PLAIN_BATCH), payload_key)
    source = FileSource(in_fd, in_offset, SEALED_BATCH)
    sink = _sink(out_fd, out_offset, PLAIN_BATCH, claim=plain_size(source.size))
    return unseal(source, sink, payload_key, threads=_threads(source.size))


def verify_file(in_fd: int, payload_key: bytes, *, in_offset: int = 0) -> int:
    """Open the body of a regular file and write nothing; return the plaintext's size, or raise PayloadError."""
    source = FileSource(in_fd, in_offset, SEALED_BATCH)
    plain_size(source.size)
    return unseal(source, NoSink(), payload_key, threads=_threads(source.size))


def seal(source: Source, sink: Sink, payload_key: bytes, *, threads: int = THREADS) -> int:
    """Seal batches of PLAIN_BATCH bytes; return how many bytes were written."""
    sealer = Sealer(payload_key)

    def cipher(batch: Batch, plain: memoryview, out: memoryview) -> memoryview:
        return sealer.seal_chunks(batch.number * BATCH_CHUNKS, plain, out, last=batch.last)

    return _Pool(source, sink, cipher, (PLAIN_BATCH, SEALED_BATCH)).run(threads)


def unseal(source: Source, sink: Sink, payload_key: bytes, *, threads: int = THREADS) -> int:
    """Open batches of SEALED_BATCH bytes; return how many bytes were written. Raises PayloadError."""
    opener = Opener(payload_key)

    def cipher(batch: Batch, body: memoryview, out: memoryview) -> memoryview:
        return opener.open_chunks(batch.number * BATCH_CHUNKS, body, out, last=batch.last)

    return _Pool(source, sink, cipher, (SEALED_BATCH, PLAIN_BATCH)).run(threads)


def write_all(fd: int, content: bytes | memoryview) -> None:
    """Write everything to a pipe, a terminal or a file, at its current position."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(fd, rest) :]


def _is_regular(fd: int) -> bool:
    return stat.S_ISREG(os.fstat(fd).st_mode)


def _threads(size: int) -> int:
    """The number of threads: a file of one batch needs only one."""
    return THREADS if size > PLAIN_BATCH else 1


def _reader(fd: int) -> Callable[[int], bytes]:
    return lambda size: os.read(fd, size)


def _sink(fd: int, offset: int, batch_size: int, *, claim: int = 0) -> Sink:
    if not _is_regular(fd):
        return PipeSink(lambda content: write_all(fd, content))
    sink = FileSink(fd, offset, batch_size)
    if claim:
        sink.claim(claim)
    return sink


class _Pool:
    """Threads that carry batches from a source through a cipher to a sink, until it ends or one of them fails."""

    def __init__(
        self,
        source: Source,
        sink: Sink,
        cipher: Callable[[Batch, memoryview, memoryview], memoryview],
        sizes: tuple[int, int],
    ) -> None:
        self._source, self._sink, self._cipher = source, sink, cipher
        self._sizes = sizes
        self._failure: BaseException | None = None
        self.written = 0
        self._counting = threading.Lock()

    def run(self, threads: int) -> int:
        """Do the work; return how many bytes went to the sink, or raise the first failure."""
        others = [threading.Thread(target=self._work, daemon=True) for _ in range(threads - 1)]
        for thread in others:
            thread.start()
        self._work()
        # Daemon threads: an interrupted command must not wait for one that is blocked on a silent pipe.
        if not isinstance(self._failure, KeyboardInterrupt):
            for thread in others:
                thread.join()
        if self._failure is not None:
            raise self._failure
        return self.written

    def _work(self) -> None:
        inside, outside = (memoryview(bytearray(size)) for size in self._sizes)
        try:
            while self._failure is None and (batch := self._source.fill(inside)) is not None:
                content = self._cipher(batch, inside[: batch.length], outside)
                self._sink.put(batch.number, content)
                with self._counting:
                    self.written += len(content)
        except BaseException as failure:  # noqa: BLE001 - it is raised again by `run`, in the caller's thread
            self._failure = self._failure or failure
            if isinstance(self._sink, PipeSink):
                self._sink.stop()
