"""Private files, written atomically; durable folders; disk failures as UnavailableError.

A file of ours is first a draft beside its place: `.NAME.` and sixteen hexadecimal digits. Content and mode are on the
disk before the draft takes the name, and so a crash leaves the old file or the new one, never a mixture.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vault.errors import UnavailableError

_DRAFTED_WITHIN = 3600.0  # seconds; no write takes that long
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def write_private(path: Path, content: bytes) -> None:
    """Write `content` (mode 0600) over any file of that name; a missing folder is made (0700).

    Raises UnavailableError; the old file is then unchanged.
    """
    with unavailable_on_failure(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _draft(path, content, 0o600) as draft:
            draft.replace(path)
            made_durable(path.parent)


def create_private(path: Path, content: bytes, *, mode: int = 0o600) -> bool:
    """Write a new file in an existing folder: True. False when the name is taken; that file is left alone.

    The umask applies to `mode`. Raises UnavailableError; then no file was made.
    """
    with unavailable_on_failure(path), _draft(path, content, mode) as draft:
        if not place(draft, path):
            return False
        made_durable(path.parent)
        return True


def place(temporary: Path, final: Path) -> bool:
    """Give a finished file its final name unless the name is taken; never overwrites.

    True when it is in place, also when an interrupted call had put it there. Both names must lie on one file system.
    """
    try:
        os.link(temporary, final, follow_symlinks=False)
    except FileExistsError:
        if not _same(temporary, final):
            return False
    except OSError:
        # A file system without hard links: an empty file reserves the name, then the real one replaces it.
        try:
            os.close(os.open(final, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            return False
        try:
            temporary.replace(final)
        except OSError:
            final.unlink()
            raise
        return True
    temporary.unlink()
    return True


def _same(one: Path, other: Path) -> bool:
    first, second = one.lstat(), other.lstat()
    return (first.st_dev, first.st_ino) == (second.st_dev, second.st_ino)


@contextmanager
def _draft(path: Path, content: bytes, mode: int) -> Iterator[Path]:
    """The content in a durable draft file; the draft's name is gone when the block ends."""
    _remove_leftovers(path)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield draft
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)


def _remove_leftovers(path: Path) -> None:
    """Remove old drafts of this name, left by killed processes; a draft still being written is younger."""
    mine = re.compile(re.escape(f".{path.name}.") + "[0-9a-f]{16}")
    for found in path.parent.iterdir():
        if mine.fullmatch(found.name):
            with contextlib.suppress(OSError):
                if time.time() - found.lstat().st_mtime > _DRAFTED_WITHIN:
                    found.unlink()


def made_durable(folder: Path) -> None:
    """Make the folder's entries survive a loss of power."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def unavailable(what: object, error: OSError) -> UnavailableError:
    """The error to raise when the disk fails."""
    if error.errno in _FULL:
        return UnavailableError(
            f"the disk of {what} is full", advice="Nothing was kept of it. Free space there, then try again."
        )
    return UnavailableError(
        f"{what} cannot be used: {error.strerror}",
        advice="Nothing was kept of it. See to the disk and the rights of that path, then try again.",
    )


@contextmanager
def unavailable_on_failure(what: object) -> Iterator[None]:
    """Turn every OSError into UnavailableError with advice."""
    try:
        yield
    except OSError as error:
        raise unavailable(what, error) from error
