"""Encrypts a file for its deposit; each byte is read once, for encryption and digest.

A file key and nonce encrypt one plaintext only: they are drawn anew for every encryption.
"""

from __future__ import annotations

import hashlib
import os
import queue
import secrets
import stat
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from vault.age.bulk import BATCH_CHUNKS, PLAIN_BATCH, SEALED_BATCH
from vault.age.derive import FILE_KEY_SIZE, NONCE_SIZE, commitment, payload_key
from vault.age.stream import Sealer, body_size
from vault.errors import VaultError
from vault.records.types.document import MAX_BODY, SEGMENT_SIZE, body_digest
from vault.sdk.device.source_file import SourceFile
from vault.secret import Secret

_BUFFERS = 3


class FileFailedError(VaultError):
    """One file could not be deposited; nothing of it was stored. `reason` is a stable word."""

    code: ClassVar[str] = "file_failed"

    def __init__(self, reason: str) -> None:
        super().__init__(f"The file could not be deposited: {reason}.")
        self.reason = reason


@dataclass(frozen=True, slots=True, repr=False)
class FileKey:
    """A fresh file key and payload nonce, for one plaintext."""

    octets: Secret = field(default_factory=lambda: Secret(secrets.token_bytes(FILE_KEY_SIZE)))
    nonce: bytes = field(default_factory=lambda: secrets.token_bytes(NONCE_SIZE))

    @property
    def payload(self) -> bytes:
        """The key of the STREAM."""
        return payload_key(self.octets, self.nonce)

    @property
    def commitment(self) -> bytes:
        """The key's commitment for the record."""
        return commitment(self.octets)


@dataclass(frozen=True, slots=True)
class Measured:
    """Sizes and digests of plaintext and body, and of each segment."""

    plain_size: int
    sha256: str
    size: int
    segments: tuple[bytes, ...]

    @property
    def digest(self) -> str:
        """The body's digest, for the record."""
        return body_digest(self.segments)


def open_source(path: Path) -> tuple[int, SourceFile]:
    """A descriptor and the file's state; raises FileFailedError unless it is a readable regular file."""
    try:
        # Non-blocking: a pipe may have replaced the file since the folder was walked.
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise FileFailedError("missing" if isinstance(error, FileNotFoundError) else "unreadable") from error
    status = os.fstat(fd)
    if not stat.S_ISREG(status.st_mode) or body_size(status.st_size) > MAX_BODY:
        os.close(fd)
        raise FileFailedError("too_large" if stat.S_ISREG(status.st_mode) else "special_file")
    return fd, SourceFile.of(path, status)


def check_unchanged(fd: int, path: Path, source: SourceFile) -> None:
    """Raise FileFailedError when the file was changed, replaced or removed since it was opened."""
    try:
        same = SourceFile.of(path, os.fstat(fd)) == source == SourceFile.of(path, path.stat())
    except OSError as error:
        raise FileFailedError("changed") from error
    if not same:
        raise FileFailedError("changed")


def read_whole(fd: int, source: SourceFile) -> bytes:
    """A small file's content; raises FileFailedError when its size has changed."""
    pieces, offset = [], 0
    try:
        while piece := os.pread(fd, source.size + 1 - offset, offset):
            pieces.append(piece)
            offset += len(piece)
    except OSError as error:
        raise FileFailedError("unreadable") from error
    if offset != source.size:
        raise FileFailedError("changed")
    return b"".join(pieces)


def seal_bytes(content: bytes, key: FileKey) -> memoryview:
    """The body of a small file."""
    out = memoryview(bytearray(body_size(len(content))))
    return Sealer(key.payload).seal_chunks(0, memoryview(content), out, last=True)


def measure(content: bytes, body: memoryview) -> Measured:
    """Sizes and digests of a body in memory, of one segment or more."""
    segments = (body[start : start + SEGMENT_SIZE] for start in range(0, len(body), SEGMENT_SIZE))
    digests = tuple(hashlib.sha256(segment).digest() for segment in segments)
    return Measured(len(content), hashlib.sha256(content).hexdigest(), len(body), digests)


def seal_file(fd: int, out: int, source: SourceFile, key: FileKey) -> Measured:
    """Encrypt a file into `out`; a second thread digests and writes the ciphertext. Flat memory.

    The caller checks afterwards that the file is unchanged. Raises FileFailedError when it became shorter or cannot
    be read, OSError when `out` cannot be written.
    """
    writer = _Writer(out)
    sealer, digest = Sealer(key.payload), hashlib.sha256()
    plain = memoryview(bytearray(PLAIN_BATCH))
    try:
        for number, offset in enumerate(range(0, max(source.size, 1), PLAIN_BATCH)):
            length = min(PLAIN_BATCH, source.size - offset)
            _fill(fd, plain[:length], offset)
            digest.update(plain[:length])
            last = offset + PLAIN_BATCH >= source.size
            buffer = writer.buffer()
            writer.put(buffer, sealer.seal_chunks(number * BATCH_CHUNKS, plain[:length], buffer, last=last))
    finally:
        writer.close()
    writer.check()
    return Measured(source.size, digest.hexdigest(), writer.size, writer.segments())


def _fill(fd: int, buffer: memoryview, offset: int) -> None:
    filled = 0
    while filled < len(buffer):
        try:
            got = os.preadv(fd, [buffer[filled:]], offset + filled)
        except OSError as error:
            raise FileFailedError("unreadable") from error
        if not got:
            raise FileFailedError("changed")
        filled += got


class SegmentDigests:
    """The segment digests of a body that comes in pieces."""

    def __init__(self) -> None:
        self._done: list[bytes] = []
        self._digest, self._room = hashlib.sha256(), SEGMENT_SIZE

    def update(self, piece: memoryview) -> None:
        """Take the next piece."""
        while piece:
            taken = piece[: self._room]
            self._digest.update(taken)
            self._room -= len(taken)
            piece = piece[len(taken) :]
            if not self._room:
                self._done.append(self._digest.digest())
                self._digest, self._room = hashlib.sha256(), SEGMENT_SIZE

    def finish(self) -> tuple[bytes, ...]:
        """The digest of each segment."""
        rest = [self._digest.digest()] if self._room < SEGMENT_SIZE else []
        return (*self._done, *rest)


class _Writer:
    """A thread that digests and writes sealed batches in order, with a pool of reused buffers."""

    def __init__(self, out: int) -> None:
        self._out = out
        self._free: queue.SimpleQueue[memoryview] = queue.SimpleQueue()
        for _ in range(_BUFFERS):
            self._free.put(memoryview(bytearray(SEALED_BATCH)))
        self._full: queue.SimpleQueue[tuple[memoryview, memoryview] | None] = queue.SimpleQueue()
        self._digests = SegmentDigests()
        self._failure: BaseException | None = None
        self.size = 0
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def buffer(self) -> memoryview:
        """A free buffer; waits for one."""
        self.check()
        return self._free.get()

    def put(self, buffer: memoryview, sealed: memoryview) -> None:
        """Queue the next batch, in that buffer."""
        self._full.put((buffer, sealed))

    def close(self) -> None:
        """Write the rest and end."""
        self._full.put(None)
        self._thread.join()

    def check(self) -> None:
        """Raise the thread's exception."""
        if self._failure is not None:
            raise self._failure

    def segments(self) -> tuple[bytes, ...]:
        """The digest of each segment."""
        return self._digests.finish()

    def _work(self) -> None:
        while (item := self._full.get()) is not None:
            buffer, sealed = item
            if self._failure is None:
                try:
                    self._digests.update(sealed)
                    self._write(sealed)
                except BaseException as failure:  # noqa: BLE001 - `check` raises it in the caller's thread
                    self._failure = failure
            self._free.put(buffer)

    def _write(self, sealed: memoryview) -> None:
        while sealed:
            written = os.pwrite(self._out, sealed, self.size)
            self.size += written
            sealed = sealed[written:]
