"""A file that is written beside its place, and takes its name when it is finished."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from types import TracebackType
from typing import Self

from vault.sdk.documents.bodies import disk, make_private


class Draft:
    """A file beside `out` that takes its name when it is finished.

    Until then it has no name, so that a kill leaves nothing; where the file system knows no such file, a hidden one.
    """

    def __init__(self, out: Path) -> None:
        self._out = out
        self._path = out.parent / f".{out.name[:100]}.{secrets.token_hex(8)}.part"
        with disk(out):
            fd = _nameless(out.parent)
            self._named = fd is None
            self._file = os.fdopen(make_private(self._path) if fd is None else fd, "r+b", buffering=0)

    def finish(self) -> None:
        """Put it on the disk and give it its name, replacing an older file. Raises DiskError."""
        with disk(self._out):
            os.fsync(self._file.fileno())
            if not self._named:
                _name(self._file.fileno(), self._path)
                self._named = True
            self._path.replace(self._out)

    def fileno(self) -> int:
        """The file's descriptor."""
        return self._file.fileno()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if self._named:
            self._path.unlink(missing_ok=True)


def _nameless(folder: Path) -> int | None:
    """A file without a name in the folder; None where there is no such thing, or no way to name it later."""
    try:
        fd = os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except (AttributeError, OSError):
        return None
    if Path(f"/proc/self/fd/{fd}").exists():
        return fd
    os.close(fd)
    return None


def _name(fd: int, path: Path) -> None:
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:  # with a folder's descriptor Python calls linkat(2), which alone follows the link in /proc
        os.link(f"/proc/self/fd/{fd}", path.name, dst_dir_fd=folder, follow_symlinks=True)
    finally:
        os.close(folder)
