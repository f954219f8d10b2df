"""The digest of a plaintext of which chunks are written to a file in any order, by several threads.

A block of 128 chunks is hashed while its chunks come in order. From the first gap on, as where two threads' segments
meet, and where an earlier run wrote it, it is read back from the file at the end.
"""

from __future__ import annotations

import hashlib
import os
import threading
from typing import Any

from vault.age.stream import CHUNK_SIZE
from vault.records.types.document import body_digest
from vault.sdk.documents.digests import BLOCK_CHUNKS, BLOCK_SIZE

_READ = 256 * 1024
_TAKEN = -1  # a thread is just hashing the next one


class BlockDigests:
    """Digests of the blocks of a plaintext of `size` bytes in a file."""

    def __init__(self, fd: int, size: int) -> None:
        self._fd, self._size = fd, size
        # Of each block that began to come and is not whole: its digest so far, and the next chunk in order.
        self._coming: dict[int, tuple[Any, int]] = {}
        self._whole: dict[int, bytes] = {}
        self._lock = threading.Lock()

    def add(self, first: int, content: memoryview) -> None:
        """Chunks from number `first` on were written to the file."""
        while content:
            block, within = divmod(first, BLOCK_CHUNKS)
            part = content[: (BLOCK_CHUNKS - within) * CHUNK_SIZE]
            self._add(block, first, part)
            content, first = content[len(part) :], (block + 1) * BLOCK_CHUNKS

    def finish(self) -> str:
        """The digest of the plaintext, all of which is in the file, hex. Raises OSError."""
        count = -(-self._size // BLOCK_SIZE)
        return body_digest(self._whole.get(block) or self._rest(block) for block in range(count))

    def _add(self, block: int, first: int, part: memoryview) -> None:
        with self._lock:
            begun = self._coming.get(block) if first % BLOCK_CHUNKS else (hashlib.sha256(), first)
            if begun is None or begun[1] != first:
                return
            digest = begun[0]
            self._coming[block] = digest, _TAKEN
        digest.update(part)
        end = first * CHUNK_SIZE + len(part)
        with self._lock:
            if end == min((block + 1) * BLOCK_SIZE, self._size):
                del self._coming[block]
                self._whole[block] = digest.digest()
            else:
                self._coming[block] = digest, end // CHUNK_SIZE

    def _rest(self, block: int) -> bytes:
        """The digest of a block, of which what did not come in order is read."""
        digest, following = self._coming.get(block, (hashlib.sha256(), block * BLOCK_CHUNKS))
        at, end = following * CHUNK_SIZE, min((block + 1) * BLOCK_SIZE, self._size)
        buffer = memoryview(bytearray(min(_READ, max(end - at, 0))))
        while at < end and (count := os.preadv(self._fd, [buffer[: end - at]], at)):
            digest.update(buffer[:count])
            at += count
        return bytes(digest.digest())
