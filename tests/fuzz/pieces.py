"""What harnesses share: data cut into pieces as a network would cut them, and fields taken off the front."""

from __future__ import annotations


class Reader:
    """Takes small decisions off the front of the data; an empty reader gives zeros."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def number(self, size: int = 1) -> int:
        """An unsigned big-endian number of so many bytes."""
        return int.from_bytes(self.take(size), "big")

    def take(self, size: int) -> bytes:
        """At most so many bytes."""
        taken = self._data[self._at : self._at + size]
        self._at += len(taken)
        return taken

    def rest(self) -> bytes:
        """Everything that is left."""
        return self.take(len(self._data))


def cut(content: bytes, seed: int) -> list[bytes]:
    """The content in pieces; `seed` says how: whole, byte by byte, or in lengths of a small generator."""
    if seed == 0:
        return [content]
    if seed == 1 and len(content) <= 512:
        return [content[at : at + 1] for at in range(len(content))]
    pieces, at, state = [], 0, seed
    while at < len(content):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        size = 1 + (state >> 16) % (1 + len(content) // 3)
        pieces.append(content[at : at + size])
        at += size
    return pieces
