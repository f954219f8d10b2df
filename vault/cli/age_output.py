"""The output of the `age` commands: a file that appears atomically, or an open stream."""

# No pathlib: importing it costs every command some milliseconds.
# ruff: noqa: PTH105, PTH108, PTH110, PTH112, PTH113, PTH116, PTH118, PTH119, PTH120
from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

STDOUT = 1


class WholeFile:
    """A file that gets its name only by `keep`; without it nothing is left.

    If the file system supports it (O_TMPFILE), it has no name until then, so that not even `kill -9` leaves a truncated
    plaintext. An older file of that name stays until it is replaced. There is no fsync, as in `age` and `cp`.
    """

    def __init__(self, path: str) -> None:
        self._target = os.path.realpath(path)
        self._folder = os.path.dirname(self._target)
        self._hidden = ""
        mode = _mode_of(self._target)
        try:
            self.fd = os.open(self._folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o666)
        except OSError as error:
            if error.errno not in {errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL}:
                raise OSError(error.errno, error.strerror, path) from None
            self._hidden = self._hidden_name()
            self.fd = os.open(self._hidden, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o666)
        if mode is not None:
            os.fchmod(self.fd, mode)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self.fd)
        if self._hidden:
            os.unlink(self._hidden)

    def keep(self) -> None:
        """Give the finished file its name, replacing an older file."""
        if not self._hidden:
            hidden = self._hidden_name()
            folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                # With a folder's descriptor this is linkat() and follows the link that /proc shows.
                os.link(f"/proc/self/fd/{self.fd}", os.path.basename(hidden), dst_dir_fd=folder)
            finally:
                os.close(folder)
            self._hidden = hidden
        os.replace(self._hidden, self._target)
        self._hidden = ""

    def _hidden_name(self) -> str:
        return os.path.join(self._folder, f".{os.path.basename(self._target)[:200]}.{os.urandom(4).hex()}")


def _mode_of(path: str) -> int | None:
    """Return the permissions of the file to be replaced."""
    try:
        return stat.S_IMODE(os.stat(path).st_mode)
    except FileNotFoundError:
        return None


def is_stream(path: str | None) -> bool:
    """True for an output that cannot be replaced: standard output, a pipe, a device."""
    if path is None or path == "-":
        return True
    return os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path)


def open_stream(path: str | None) -> int:
    """Return a descriptor of standard output, or of the pipe or device at `path`."""
    if path is None or path == "-":
        return STDOUT
    return os.open(path, os.O_WRONLY | os.O_CLOEXEC)
