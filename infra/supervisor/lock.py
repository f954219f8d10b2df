"""A lock: one server for a data folder, also when two start at once, and also after a kill -9.

There are two locks on one file. The POSIX lock belongs to the supervisor's process: while it is held, a server runs.
The other (`flock`) belongs to the open file, which the children inherit: while it is held, a child still lives.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from pathlib import Path

from vault.errors import VaultError
from vault.files import unavailable

_PATIENCE = 20.0
_PAUSE = 0.05
_BUSY = {errno.EAGAIN, errno.EACCES, errno.EWOULDBLOCK}


class DataLock:
    """Holds the data folder from `take` until the process ends; the children inherit `handle`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.handle = -1

    def take(self, patience: float = _PATIENCE) -> None:
        """Lock, or raise VaultError: at once when a server runs, after `patience` seconds when its children run."""
        try:
            self.handle = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            if not self._claimed():
                raise self._refusal()
            self._wait_for_orphans(patience)
            os.ftruncate(self.handle, 0)
            os.pwrite(self.handle, f"{os.getpid()}\n".encode(), 0)
        except OSError as error:
            raise unavailable(self._path, error) from error

    def _claimed(self) -> bool:
        try:
            fcntl.lockf(self.handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in _BUSY:
                return False
            raise
        return True

    def _wait_for_orphans(self, patience: float) -> None:
        deadline = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(self.handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                if error.errno not in _BUSY:
                    raise
            else:
                return
            if time.monotonic() > deadline:
                raise VaultError(
                    f"parts of an earlier server still use {self._path.parent}; nothing was started",
                    advice="Wait until they have ended (`fuser` on its file `lock` names them), then start again.",
                )
            time.sleep(_PAUSE)

    def _refusal(self) -> VaultError:
        holder = os.pread(self.handle, 32, 0).decode("ascii", "replace").strip()
        who = f" (process {holder})" if holder.isdecimal() else ""
        return VaultError(
            f"a server already runs on {self._path.parent}{who}; it was left alone and nothing was started",
            advice="Use the one that runs, stop it first, or choose another folder with DOSSIER_DATA.",
        )
