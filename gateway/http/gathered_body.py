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

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes, fewer only at the end, b"" after it."""
        self._sweep()
        left = self._size if size < 0 else size
        taken: list[memoryview] = []
        while left and (self._rest or self._next < len(self._pieces)):
            if not self._rest:
                self._rest = memoryview(self._pieces[self._next])
                self._next += 1
            taken.append(self._rest[:left])
            self._rest = self._rest[left:]
            left -= len(taken[-1])
        return taken[0].tobytes() if len(taken) == 1 else b"".join(taken)

    def _sweep(self) -> None:
        if self._crumbs:
            self._pieces.append(bytes(self._crumbs))
            self._crumbs.clear()
