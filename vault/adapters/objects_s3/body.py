"""The body of a put: its last piece is sent only when as many bytes came as were announced, and those."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator

from vault.ports.errors import DigestMismatchError
from vault.ports.objects import Source

PIECE = 1 << 18


class AnnouncedBody:
    """Iterates over the bytes of `source` in pieces of 256 KiB, each valid until the next: there is one buffer.

    It raises before the last piece when the bytes are not those announced: a cut request stores nothing. Where
    `trusting`, the server compares the digest, and here only the number of bytes counts. `fault` keeps the source's own
    exception, since an HTTP client may wrap it.
    """

    def __init__(self, source: Source, size: int, digest: bytes, *, trusting: bool) -> None:
        self._source = source
        self._left = size
        self._digest = digest
        self._hashed = None if trusting else hashlib.sha256()
        self._buffer = memoryview(bytearray(min(PIECE, max(size, 1))))
        self.begun = False
        self.ended = False
        self.fault: BaseException | None = None

    def __iter__(self) -> Iterator[memoryview]:
        return self

    def __next__(self) -> memoryview:
        if self.ended:
            raise StopIteration
        self.begun = True
        try:
            return self._next()
        except BaseException as fault:
            self.fault = fault
            raise BodyError from fault

    def whole(self) -> bytes:
        """All bytes at once; raises DigestMismatchError."""
        pieces = []
        while not self.ended:
            pieces.append(bytes(self._next()))
        return b"".join(pieces)

    def _next(self) -> memoryview:
        piece = self._buffer[: self._source.readinto(self._buffer[: self._left])] if self._left else self._buffer[:0]
        if self._left and not piece:
            raise DigestMismatchError("fewer bytes arrived than were announced")
        self._left -= len(piece)
        if self._hashed is not None:
            self._hashed.update(piece)
        if not self._left:
            self._check()
            self.ended = True
        return piece

    def _check(self) -> None:
        if self._source.readinto(memoryview(bytearray(1))):
            raise DigestMismatchError("more bytes arrived than were announced")
        if self._hashed is not None and not hmac.compare_digest(self._hashed.digest(), self._digest):
            raise DigestMismatchError("other bytes arrived than were announced")


class BodyError(Exception):
    """The body cannot continue; `AnnouncedBody.fault` says why. HTTP clients do not mistake it for their own error."""
