"""A body opened into a file while it comes: nothing of the ciphertext is kept, but the chunks that segments part.

Segments have 8 MiB of ciphertext, chunks 64 KiB of plaintext: nearly every end of a segment cuts a chunk in two. Such a
chunk is a seam. Its parts wait, at their places in the body, in a file of their own, until all of them came.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from pathlib import Path

from vault.age.batches import FileSink
from vault.age.errors import AgeError
from vault.age.stream import CHUNK_SIZE, SEALED_SIZE, Opener, plain_size
from vault.records.types.document import SEGMENT_SIZE, Document
from vault.sdk.documents.arrived import Arrived
from vault.sdk.documents.block_digests import BlockDigests
from vault.sdk.documents.bodies import DamagedDocumentError, disk, key_of
from vault.sdk.documents.kept import write_at

BATCH_CHUNKS = 4


class OpenedBody:
    """A sink for `fetch`: plaintext into the first of `files`, and into the second the seams.

    What `arrived` names of an earlier run is in both files. Whoever makes it must throw the plaintext away unless
    `check` returned. Raises DamagedDocumentError, DiskError.
    """

    def __init__(
        self, files: tuple[int, int], document: Document, file_key: bytes, arrived: Arrived, *, place: Path
    ) -> None:
        self.arrived = arrived
        (self._plain, self._seams), self._document, self._place = files, document, place
        self._opener = Opener(key_of(document, file_key))
        self._size = _plain_size(document)
        self._digests = BlockDigests(self._plain, self._size)
        self._parts: dict[int, int] = {}  # how many bytes of a seam are missing
        self._buffers: deque[memoryview] = deque()
        self._lock = threading.Lock()
        self._begin()

    def wants(self, at: int, end: int) -> int:
        """See `Sink.wants`: whole chunks, or a part of one as large as it can be."""
        begun = at % SEALED_SIZE
        if begun:
            return min(SEALED_SIZE - begun, end - at)
        return min((end - at) // SEALED_SIZE, BATCH_CHUNKS) * SEALED_SIZE or end - at

    def take(self, at: int, piece: bytes) -> None:
        """See `Sink.take`; the part of a seam that comes last opens it."""
        if self._is_whole(at, at + len(piece)):
            self._open(at // SEALED_SIZE, piece)
            return
        with disk(self._place):
            write_at(self._seams, piece, at)
        self._join(at // SEALED_SIZE, len(piece))

    def ended(self, number: int, digest: bytes) -> None:
        """See `Sink.ended`."""
        with self._lock, disk(self._place):
            self.arrived.add(number, digest)

    def check(self, content: str) -> int:
        """Return the plaintext's size; raise DamagedDocumentError unless body and plaintext are what was signed.

        `content` is the digest of the plaintext, hex.
        """
        if self.arrived.digest() != self._document.digest:
            raise DamagedDocumentError("its digest")
        with disk(self._place):
            found = self._digests.finish()
        if found != content:
            raise DamagedDocumentError("its content")
        return self._size

    def _begin(self) -> None:
        """Reserve the space, and take over what an earlier run left."""
        with disk(self._place):
            os.ftruncate(self._plain, self._size)
            if self._size:
                FileSink(self._plain, 0, CHUNK_SIZE).claim(self._size)
        for number in self.arrived.numbers:
            at, end = number * SEGMENT_SIZE, min((number + 1) * SEGMENT_SIZE, self._document.size)
            while at < end:
                following = min(end, (at // SEALED_SIZE + 1) * SEALED_SIZE)
                if not self._is_whole(at, following):
                    self._join(at // SEALED_SIZE, following - at)
                at = following

    def _is_whole(self, start: int, end: int) -> bool:
        """Whether these bytes of the body are whole chunks."""
        return start % SEALED_SIZE == 0 and (end % SEALED_SIZE == 0 or end == self._document.size)

    def _join(self, seam: int, came: int) -> None:
        """Open a seam once its last part came."""
        start, end = seam * SEALED_SIZE, min((seam + 1) * SEALED_SIZE, self._document.size)
        with self._lock:
            left = self._parts.pop(seam, end - start) - came
            if left:
                self._parts[seam] = left
                return
        with disk(self._place):
            sealed = os.pread(self._seams, end - start, start)
        self._open(seam, sealed)

    def _open(self, first: int, sealed: bytes) -> None:
        """Open whole chunks into their place."""
        try:
            buffer = self._buffers.pop()
        except IndexError:
            buffer = memoryview(bytearray(BATCH_CHUNKS * CHUNK_SIZE))
        last = first * SEALED_SIZE + len(sealed) == self._document.size
        try:
            content = self._opener.open_chunks(first, memoryview(sealed), buffer, last=last)
        except AgeError as error:
            raise DamagedDocumentError("a part of it") from error
        with disk(self._place):
            write_at(self._plain, content, first * CHUNK_SIZE)
        self._digests.add(first, content)
        self._buffers.append(buffer)


def _plain_size(document: Document) -> int:
    try:
        return plain_size(document.size)
    except AgeError as error:
        raise DamagedDocumentError("its length") from error
