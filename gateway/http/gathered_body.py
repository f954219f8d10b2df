"""A body in memory as a list of pieces: joining them would copy everything again."""

from __future__ import annotations

import hashlib

from gateway.http.limits import KIB

SMALL = 32 * KIB
TOGETHER = 256 * KIB


class Gathered:
    """A complete body in memory; a `vault.ports.objects.Source`, read once.

    Small pieces are merged: a slow sender must not cost one object a byte.
    """

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._crumbs = bytearray()
        self._size = 0
        self._next = 0
        self._rest = memoryview(b"")

    def __len__(self) -> int:
        return self._size

    def add(self, piece: bytes) -> None:
        """Take the next piece."""
        self._size += len(piece)
        if len(piece) < SMALL:
            self._crumbs += piece
            if len(self._crumbs) >= TOGETHER:
                self._sweep()
        else:
            self._sweep()
            self._pieces.append(piece)

    def digest(self) -> bytes:
        """SHA-256 of the whole body."""
        self._sweep()
        whole = hashlib.sha256()
        for piece in self._pieces:
            whole.update(piece)
        return whole.digest()

    def whole(self) -> bytes:
        """All of it."""
        self._sweep()
        return self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill the buffer with what comes next; fewer bytes only at the end, 0 after it."""
        self._sweep()
        filled = 0
        while filled < len(buffer) and (self._rest or self._next < len(self._pieces)):
            if not self._rest:
                self._rest = memoryview(self._pieces[self._next])
                self._next += 1
            taken = self._rest[: len(buffer) - filled]
            buffer[filled : filled + len(taken)] = taken
            self._rest = self._rest[len(taken) :]
            filled += len(taken)
        return filled

    def _sweep(self) -> None:
        if self._crumbs:
            self._pieces.append(bytes(self._crumbs))
            self._crumbs.clear()
