"""A body kept as it is, ciphertext, in a file: for an export, and for a pipe that is written once all is verified."""

from __future__ import annotations

import os
from pathlib import Path

from vault.records.types.document import Document
from vault.sdk.documents.arrived import Arrived
from vault.sdk.documents.bodies import DamagedDocumentError, disk

PIECE = 256 * 1024


class KeptBody:
    """A sink for `fetch`: the body from byte `at` of a file on; `place` names the file in an error."""

    def __init__(self, fd: int, document: Document, place: Path, *, at: int = 0) -> None:
        self._fd, self._document, self._place, self._at = fd, document, place, at
        self.arrived = Arrived(document.size)

    def wants(self, at: int, end: int) -> int:
        """See `Sink.wants`."""
        return min(PIECE, end - at)

    def take(self, at: int, piece: bytes) -> None:
        """See `Sink.take`; raises DiskError."""
        with disk(self._place):
            write_at(self._fd, piece, self._at + at)

    def ended(self, number: int, digest: bytes) -> None:
        """See `Sink.ended`."""
        self.arrived.add(number, digest)

    def check(self) -> None:
        """Raise DamagedDocumentError unless what came is the body in the record."""
        if self.arrived.digest() != self._document.digest:
            raise DamagedDocumentError("its digest")


def write_at(fd: int, content: bytes | memoryview, offset: int) -> None:
    """Write everything to a file at an offset; raises OSError."""
    rest = memoryview(content)
    while rest:
        written = os.pwrite(fd, rest, offset)
        rest, offset = rest[written:], offset + written
