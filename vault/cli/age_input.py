"""The input of the `age` commands: a file, armored or not, by name or on standard input."""

# No pathlib: importing it costs every command some milliseconds.
# ruff: noqa: PTH110, PTH116
from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Self

from vault.age import Dearmorer, is_armored

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

STDIN = 0

_BEGINNING = 2048
_READ_SIZE = 1024 * 1024


class Input:
    """An open file or standard input, from its current position."""

    def __init__(self, path: str | None) -> None:
        self._named = path is not None and path != "-"
        self.fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC) if path is not None and self._named else STDIN
        status = os.fstat(self.fd)
        if stat.S_ISDIR(status.st_mode):
            self.__exit__(None, None, None)
            raise IsADirectoryError(21, "this is a folder", path)
        self.is_regular = stat.S_ISREG(status.st_mode)
        self.start = os.lseek(self.fd, 0, os.SEEK_CUR) if self.is_regular else 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._named:
            os.close(self.fd)

    def read(self, size: int) -> bytes:
        """Return at most `size` bytes, none at the end."""
        return os.read(self.fd, size)

    def is_file(self, path: str) -> bool:
        """True when `path` is the file being read."""
        return os.path.exists(path) and os.path.samestat(os.fstat(self.fd), os.stat(path))


class Encrypted:
    """An encrypted input: `read` gives the age file, whether it is armored or not."""

    def __init__(self, source: Input) -> None:
        self._source = source
        self._pending = _read_up_to(source.read, _BEGINNING)
        self.is_armored = is_armored(self._pending)
        self._dearmorer = Dearmorer()
        self._ended = False

    def read(self, size: int) -> bytes:
        """Return at most `size` bytes (in armor: about as many), none at the end. Raises ArmorError."""
        if not self.is_armored:
            return self._read_raw(size)
        content = b""
        while not content and not self._ended:
            text = self._read_raw(max(size, _READ_SIZE))
            content = self._dearmorer.update(text) if text else self._dearmorer.finish()
            self._ended = not text
        return content

    def _read_raw(self, size: int) -> bytes:
        piece, self._pending = self._pending[:size], self._pending[size:]
        return piece or self._source.read(size)


def _read_up_to(read: Callable[[int], bytes], size: int) -> bytes:
    content = b""
    while len(content) < size and (piece := read(size - len(content))):
        content += piece
    return content


def read_whole(path: str, limit: int) -> bytes:
    """Return a small file, or standard input for `-`; raise OSError when it is longer than `limit`."""
    with Input(path) as source:
        content = _read_up_to(source.read, limit + 1)
    if len(content) > limit:
        raise OSError(27, "the file is too long to be a list of keys", path)
    return content
