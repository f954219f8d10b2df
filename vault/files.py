"""What every adapter that writes files needs: durable folders, and failures of the disk told as such."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vault.errors import UnavailableError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def made_durable(folder: Path) -> None:
    """Make the folder's entries survive a loss of power."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def unavailable(what: object, error: OSError) -> UnavailableError:
    """What to tell the user when the disk fails."""
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
