"""Generation keys: a file each, `<base>-N`, 32 random bytes, mode 0600; `<base>-of` names the installation."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

from vault.boxes import KEY_SIZE
from vault.errors import IntegrityError
from vault.files import create_private, made_durable, unavailable_on_failure
from vault.ports.errors import ConflictError

_ID = re.compile("[0-9a-f]{32}")


class GenerationFiles:
    """The files beside the keystore. A number is never used twice, so no file is ever overwritten."""

    def __init__(self, base: Path) -> None:
        self._base = base

    def __repr__(self) -> str:
        return f"GenerationFiles({str(self._base)!r})"

    def path(self, generation: int) -> Path:
        """The path of that generation's key."""
        return self._base.with_name(f"{self._base.name}-{generation}")

    def numbers(self) -> list[int]:
        """The generations that have a file, even a torn one, ascending."""
        head = f"{self._base.name}-"
        with unavailable_on_failure(self._base.parent):
            names = [path.name for path in self._base.parent.iterdir()] if self._base.parent.exists() else []
        tails = (name.removeprefix(head) for name in names if name.startswith(head))
        return sorted(int(tail) for tail in tails if tail.isascii() and tail.isdigit())

    def installation(self) -> str | None:
        """The identity that stands beside the keys; raises IntegrityError for a torn or foreign file."""
        path = self._identity
        with unavailable_on_failure(path):
            try:
                text = path.read_bytes().decode("ascii", "replace").strip()
            except FileNotFoundError:
                return None
        if not _ID.fullmatch(text):
            raise IntegrityError(f"{path} names no installation", advice="Put that file back from its copy.")
        return text

    def adopt(self, installation: str) -> None:
        """Write the identity, durably, unless it stands there; raises ConflictError over another one."""
        with unavailable_on_failure(self._identity):
            self._identity.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        create_private(self._identity, f"{installation}\n".encode())
        if (there := self.installation()) != installation:
            raise ConflictError(f"{self._identity} names the installation {there}")

    @property
    def _identity(self) -> Path:
        return self._base.with_name(f"{self._base.name}-of")

    def make(self, generation: int) -> None:
        """Write a new random key, durably; raises UnavailableError when the file exists.

        No temporary name is needed: the number is unique, and no row refers to it before this returns.
        """
        path = self.path(generation)
        with unavailable_on_failure(path):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            try:
                os.write(handle, secrets.token_bytes(KEY_SIZE))
                os.fsync(handle)
            finally:
                os.close(handle)
            made_durable(path.parent)

    def read(self, generation: int) -> bytes | None:
        """The key, or None when its file is gone; never cached, so that a destroyed key is not kept in memory."""
        path = self.path(generation)
        with unavailable_on_failure(path):
            try:
                handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
            except FileNotFoundError:
                return None
            try:
                key = os.read(handle, KEY_SIZE + 1)
            finally:
                os.close(handle)
        if len(key) != KEY_SIZE:
            raise IntegrityError(f"{path} is not a generation key")
        return key

    def destroy(self, generation: int) -> bool:
        """Overwrite the file in place, then remove it; False when there is none."""
        path = self.path(generation)
        with unavailable_on_failure(path):
            try:
                handle = os.open(path, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
            except FileNotFoundError:
                return False
            try:
                os.pwrite(handle, bytes(max(KEY_SIZE, os.fstat(handle).st_size)), 0)
                os.fsync(handle)
            finally:
                os.close(handle)
            path.unlink(missing_ok=True)
            made_durable(path.parent)
        return True
