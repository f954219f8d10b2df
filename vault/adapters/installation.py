"""The installation key: the server's own signature (Ed25519), and secrets derived from it."""

from __future__ import annotations

import secrets
from pathlib import Path

from nacl.signing import SigningKey

from vault.boxes import hkdf
from vault.errors import ConfigurationError
from vault.files import create_private, unavailable_on_failure

_SEED_SIZE = 32


class InstallationKey:
    """A signing key whose seed appears neither in `repr` nor in errors."""

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        self._key = SigningKey(seed)

    def __repr__(self) -> str:
        return f"InstallationKey(public={self.public.hex()})"

    @classmethod
    def load_or_create(cls, path: Path) -> InstallationKey:
        """The key in that file (32 raw bytes, 0600), made if missing; two racing processes get the same one.

        Raises ConfigurationError when the file holds something else, UnavailableError when the disk fails.
        """
        with unavailable_on_failure(path):
            try:
                seed = path.read_bytes()
            except FileNotFoundError:
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                create_private(path, secrets.token_bytes(_SEED_SIZE))  # False: another process was first
                seed = path.read_bytes()
        if len(seed) != _SEED_SIZE:
            raise ConfigurationError(
                f"{path} is not an installation key",
                advice="Put back the file of 32 bytes; a new key would not be the one in the roster.",
            )
        return cls(seed)

    @property
    def public(self) -> bytes:
        """The public half, 32 bytes."""
        return bytes(self._key.verify_key)

    def sign(self, message: bytes) -> bytes:
        """The signature, 64 bytes."""
        return self._key.sign(message).signature

    def derive(self, label: bytes) -> bytes:
        """32 secret bytes for one use: HKDF-SHA-256 of the seed, empty salt, info = label."""
        return hkdf(self._seed, label.decode("ascii"))
