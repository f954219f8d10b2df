"""Encrypts a file for its deposit; each byte is read once, for digest and encryption.

A file key and nonce encrypt one plaintext only. A small file gets new ones each time. A large file that is resumed
keeps them: `Claims` hold it to the plaintext that was encrypted before.
"""

from __future__ import annotations

import hashlib
import os
import queue
import secrets
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Protocol

from vault.age.derive import FILE_KEY_SIZE, NONCE_SIZE, commitment, payload_key
from vault.age.stream import CHUNK_SIZE, SEALED_SIZE, Sealer, body_size, chunk_count
from vault.errors import VaultError
from vault.records.types.document import MAX_BODY, SEGMENT_SIZE, body_digest
from vault.sdk.device.source_file import SourceFile
from vault.sdk.documents.digests import BLOCK_CHUNKS, BLOCK_SIZE, content_digest, segment_digests
from vault.secret import Secret


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
    """Sizes of plaintext and body, the plaintext's digest, and the digest of each segment of the body."""

    plain_size: int
    content: str
    size: int
    segments: tuple[bytes, ...]

    @property
    def digest(self) -> str:
        """The body's digest, for the record."""
        return body_digest(self.segments)


class Claims(Protocol):
    """What was encrypted under a file key and nonce, block by block, on a disk."""

    def claim(self, block: int, digest: bytes) -> bool:
        """Whether this plaintext may be encrypted there; when it returns, that is written down."""
        ...


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
    return Measured(len(content), content_digest(content), len(body), segment_digests(body))


class SegmentBuffers:
    """Reused buffers of one segment each: as many segments are in memory at most."""

    def __init__(self, count: int) -> None:
        self._free: queue.SimpleQueue[memoryview] = queue.SimpleQueue()
        for _ in range(count):
            self._free.put(memoryview(bytearray(SEGMENT_SIZE)))

    def take(self) -> memoryview:
        """A free buffer; waits for one."""
        return self._free.get()

    def give_back(self, buffer: memoryview) -> None:
        """The buffer was sent."""
        self._free.put(buffer)


class SealedFile:
    """A file's ciphertext, segment by segment, in one pass; `content` is the plaintext's digest at the end.

    No block of 8 MiB is encrypted before `claims` have it on disk, and none that differs from what stands there.
    """

    def __init__(self, fd: int, source: SourceFile, key: FileKey, claims: Claims) -> None:
        self._fd, self._source, self._claims = fd, source, claims
        self._sealer = Sealer(key.payload)
        self._blocks: list[bytes] = []

    @property
    def content(self) -> str:
        """The plaintext's digest."""
        return body_digest(self._blocks)

    def segments(self, buffers: SegmentBuffers) -> Iterator[tuple[memoryview, int]]:
        """Each segment as a buffer and its length. Raises FileFailedError when the source is another than it was."""
        out, filled = buffers.take(), 0
        across = memoryview(bytearray(SEALED_SIZE))
        for first, content, ends in self._plaintext():
            done, count = 0, chunk_count(len(content))
            while done < count:
                fit = min(count - done, (SEGMENT_SIZE - filled) // SEALED_SIZE)
                some = content[done * CHUNK_SIZE : (done + max(fit, 1)) * CHUNK_SIZE]
                last = ends and done + max(fit, 1) == count
                # Sealed where it is sent from; only a chunk that a segment's end cuts is sealed beside it.
                piece = self._sealer.seal_chunks(first + done, some, out[filled:] if fit else across, last=last)
                done += max(fit, 1)
                room = SEGMENT_SIZE - filled
                if not fit:
                    out[filled : filled + min(room, len(piece))] = piece[:room]
                filled += min(room, len(piece))
                if filled == SEGMENT_SIZE:
                    yield out, filled
                    out, filled = buffers.take(), len(piece[room:])
                    out[:filled] = piece[room:]
        if filled:
            yield out, filled
        else:
            buffers.give_back(out)

    def _plaintext(self) -> Iterator[tuple[int, memoryview, bool]]:
        """Each block with the number of its first chunk, and whether it is the last; it is valid until the next."""
        plain = memoryview(bytearray(min(BLOCK_SIZE, self._source.size)))
        for block, offset in enumerate(range(0, max(self._source.size, 1), BLOCK_SIZE)):
            content = plain[: min(BLOCK_SIZE, self._source.size - offset)]
            self._read(block, content, offset)
            yield block * BLOCK_CHUNKS, content, offset + BLOCK_SIZE >= self._source.size

    def _read(self, block: int, content: memoryview, offset: int) -> None:
        _fill(self._fd, content, offset)
        digest = hashlib.sha256(content).digest()
        if not self._claims.claim(block, digest):
            raise FileFailedError("changed")
        self._blocks.append(digest)


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
