"""A body as a server gives it, without a server: ranges of bytes, and what a test does to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Self

from vault.sdk.errors import ServerUnreachableError
from vault.sdk.server.api import Download


class Served(Download):
    """A range of a body; `cut`: after so many bytes the connection ends."""

    def __init__(self, body: bytes, start: int, stop: int | None, *, total: int | None, cut: int | None = None) -> None:
        self.start, self.stop, self.total = start, stop, total
        self._rest = memoryview(body)[start:stop]
        self._left = cut

    def read(self, size: int) -> bytes:
        piece = bytes(self._rest[: size if self._left is None else min(size, self._left)])
        self._rest = self._rest[len(piece) :]
        if self._left is not None:
            self._left -= len(piece)
            if size and not piece:
                raise ServerUnreachableError("the connection was cut")
        return piece

    def cut(self) -> None:
        self._rest = self._rest[:0]

    def __enter__(self) -> Self:
        return self

    def close(self) -> None:
        pass


def served(body: bytes, **how: int) -> Callable[[int, int | None, Mapping[str, str]], Download]:
    """The source of a body, for `fetch`; `cut`: every connection ends after so many bytes."""
    return lambda start, stop, _: Served(body, start, len(body) if stop is None else stop, total=len(body), **how)
