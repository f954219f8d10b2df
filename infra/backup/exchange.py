"""One folder in the place of another, by one step of the kernel: a kill leaves the old one there, or the new one."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

from vault.errors import ConfigurationError
from vault.files import made_durable, unavailable

_HERE, _EXCHANGE = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
_UNKNOWN = {errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EXDEV, errno.EBUSY}


def exchange(one: Path, other: Path) -> None:
    """Give each the name of the other, durably; both are there before and after.

    Raises ConfigurationError on a disk that cannot, or for a folder that is a volume; nothing was changed then.
    """
    call = _renameat2()
    if call is None:
        raise _refusal(one)
    if call(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE):
        number = ctypes.get_errno()
        if number in _UNKNOWN:
            raise _refusal(one)
        raise unavailable(one, OSError(number, os.strerror(number)))
    made_durable(one.parent)


@cache
def _renameat2() -> Any:
    """The call of Linux; None elsewhere."""
    if not sys.platform.startswith("linux"):
        return None
    return getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)


def _refusal(path: Path) -> ConfigurationError:
    return ConfigurationError(
        f"{path} cannot be exchanged for another folder in one step; it was left as it is",
        advice="Move it away by hand, and restore to where nothing stands.",
    )
