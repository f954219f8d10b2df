"""The one-time set-up token: a file that only the operator can read, removed after its use."""

from __future__ import annotations

import secrets
from pathlib import Path

from vault.files import made_durable, unavailable_on_failure, write_private

_TOKEN_BYTES = 24


class SetupTokenFile:
    """A line of text, mode 0600. Its reader can become the first director."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> bytes | None:
        """The token; None when it was spent or the practice has been set up."""
        with unavailable_on_failure(self._path):
            try:
                return self._path.read_bytes().strip() or None
            except FileNotFoundError:
                return None

    def make(self) -> None:
        """Write a token unless there is one, atomically."""
        if self.read() is None:
            write_private(self._path, secrets.token_urlsafe(_TOKEN_BYTES).encode("ascii") + b"\n")

    def spend(self) -> None:
        """Remove it; repeatable."""
        with unavailable_on_failure(self._path):
            self._path.unlink(missing_ok=True)
            made_durable(self._path.parent)
