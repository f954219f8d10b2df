"""The digest of a plaintext of which chunks are written to a file in any order, by several threads.

A block of 128 chunks is hashed while its chunks come, as long as they come in order. Where they do not, as between two
threads, and of what an earlier run wrote, the block is read back from the file.
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


class BlockDigests:
    """Digests of the blocks of a plaintext of `size` bytes in a file."""

    def __init__(self, fd: int, size: int) -> None:
        self._fd, self._size = fd, size
        # Of each block that is coming in order: its digest so far, and the next chunk.
        self._coming: dict[int, tuple[Any, int]] = {}
        self._done: dict[int, bytes] = {}
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
        return body_digest(self._done.get(block) or self._read(block) for block in range(count))

    def _add(self, block: int, first: int, part: memoryview) -> None:
        with self._lock:
            begun = (hashlib.sha256(), first) if first % BLOCK_CHUNKS == 0 else None
            coming = begun or self._coming.pop(block, None)
        if coming is None or coming[1] != first:
            return
        digest, end = coming[0], first * CHUNK_SIZE + len(part)
        digest.update(part)
        with self._lock:
            if end == min((block + 1) * BLOCK_SIZE, self._size):
                self._done[block] = digest.digest()
            else:
                self._coming[block] = digest, end // CHUNK_SIZE

    def _read(self, block: int) -> bytes:
        digest, buffer = hashlib.sha256(), memoryview(bytearray(_READ))
        at, end = block * BLOCK_SIZE, min((block + 1) * BLOCK_SIZE, self._size)
        while at < end and (count := os.preadv(self._fd, [buffer[: end - at]], at)):
            digest.update(buffer[:count])
            at += count
        return digest.digest()
