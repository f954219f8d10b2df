"""Digests of contents and bodies: SHA-256 over the SHA-256 of each 8 MiB (FORMAT.md, "Basics").

A browser has no streaming SHA-256. So every long content is digested in pieces that fit its memory.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from vault.age.stream import CHUNK_SIZE
from vault.records.types.document import SEGMENT_SIZE, body_digest

BLOCK_CHUNKS = 128
BLOCK_SIZE = BLOCK_CHUNKS * CHUNK_SIZE  # 8 MiB of plaintext; a segment is 8 MiB of ciphertext
_READ = 1024 * 1024


class PieceDigests:
    """The digests of the 8 MiB pieces of something that comes in parts of any size."""

    def __init__(self, size: int = BLOCK_SIZE) -> None:
        self._done: list[bytes] = []
        self._size = size
        self._digest, self._room = hashlib.sha256(), size

    def update(self, part: bytes | memoryview) -> None:
        """Take the next part."""
        left = memoryview(part)
        while left:
            taken = left[: self._room]
            self._digest.update(taken)
            self._room -= len(taken)
            left = left[len(taken) :]
            if not self._room:
                self._done.append(self._digest.digest())
                self._digest, self._room = hashlib.sha256(), self._size

    def finish(self) -> tuple[bytes, ...]:
        """The digest of each piece."""
        rest = [self._digest.digest()] if self._room < self._size else []
        return (*self._done, *rest)


def content_digest(content: bytes) -> str:
    """The digest of a plaintext, hex."""
    digests = PieceDigests()
    digests.update(content)
    return body_digest(digests.finish())


def segment_digests(body: bytes | memoryview) -> tuple[bytes, ...]:
    """The digest of each segment of a body in memory."""
    digests = PieceDigests(SEGMENT_SIZE)
    digests.update(body)
    return digests.finish()


def file_digest(fd: int) -> str:
    """The digest of a plaintext in a file, from its beginning, hex."""
    digests, offset = PieceDigests(), 0
    while piece := os.pread(fd, _READ, offset):
        digests.update(piece)
        offset += len(piece)
    return body_digest(digests.finish())


def customary_sha256(path: Path) -> str:
    """The SHA-256 of a whole file, as other tools compute it, hex; raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
