"""DOSSIER_HOME: this person's private files, written atomically (FORMAT.md, "On the client's disk")."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

from vault.errors import ConfigurationError, UnavailableError
from vault.files import write_private

DEFAULT = Path("~/.local/share/dossier")
MAX_FILE = 256 * 1024 * 1024
_LOCK_PATIENCE = 30.0
_LOCK_PAUSE = 0.05


class Home:
    """The folder of one person on this machine; made (0700) if missing."""

    def __init__(self, path: Path) -> None:
        """Open the folder; raises ConfigurationError when that fails or the folder has another owner."""
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            owner = path.stat().st_uid
            if owner == os.geteuid():
                path.chmod(0o700)
        except OSError as error:
            raise ConfigurationError(
                f"DOSSIER_HOME cannot be used: {path} ({error.strerror})",
                advice="Set DOSSIER_HOME to a folder of your own.",
            ) from error
        if owner not in (os.geteuid(), 0) and os.geteuid() != 0:
            raise ConfigurationError(
                f"DOSSIER_HOME belongs to somebody else: {path}", advice="Set DOSSIER_HOME to a folder of your own."
            )
        self.path = path.resolve()

    @classmethod
    def from_environment(cls) -> Home:
        """The folder named by DOSSIER_HOME, or `~/.local/share/dossier`."""
        named = os.environ.get("DOSSIER_HOME")
        return cls(Path(named) if named else DEFAULT.expanduser())

    def __repr__(self) -> str:
        return f"Home({str(self.path)!r})"

    @property
    def spool(self) -> Path:
        """The folder of unfinished deposits; made if missing."""
        folder = self.path / "spool"
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    @property
    def session_key(self) -> Path:
        """The path of the session's random key: in the runtime folder, which a reboot wipes, if there is one."""
        runtime = os.environ.get("XDG_RUNTIME_DIR")
        if runtime and Path(runtime).is_dir():
            name = hashlib.sha256(os.fsencode(self.path)).hexdigest()
            return Path(runtime) / "dossier" / name
        return self.path / "session"

    def read(self, name: str) -> bytes | None:
        """A file's bytes; None when there is none. Raises UnavailableError when it cannot be read."""
        return read_private(self.path / name)

    def write(self, name: str, content: bytes) -> None:
        """Replace the file's content atomically."""
        write_private(self.path / name, content)

    def remove(self, name: str) -> None:
        """Remove a file if it is there."""
        (self.path / name).unlink(missing_ok=True)

    @contextlib.contextmanager
    def lock(self, *, patience: float = _LOCK_PATIENCE) -> Iterator[None]:
        """Lock the folder, so that two commands cannot overwrite each other; raises UnavailableError."""
        descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            _take(descriptor, patience)
            yield
        finally:
            os.close(descriptor)


def _take(descriptor: int, patience: float) -> None:
    until = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                raise UnavailableError(
                    "another dossier command is busy with the same DOSSIER_HOME",
                    advice="Wait until it is done, then try again.",
                ) from None
            time.sleep(_LOCK_PAUSE)
        else:
            return


def read_private(path: Path) -> bytes | None:
    """A file's bytes, at most 256 MiB; None when there is none."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UnavailableError(f"{path} cannot be read ({error.strerror})") from error
    if len(content) > MAX_FILE:
        raise UnavailableError(f"{path} is too large to be a file of ours")
    return content
