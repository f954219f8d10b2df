"""What goes wrong behind any port, as classes that callers can tell apart."""

from __future__ import annotations

from vault.errors import IntegrityError, InvalidInputError, VaultError


class ShreddedError(VaultError):
    """The subject's key is gone, or never was: what it sealed cannot be opened by anybody."""

    code = "gone"


class TombstonedError(VaultError):
    """The subject was erased; it can never be created again."""

    code = "gone"


class ConflictError(InvalidInputError):
    """Something else already stands under that id."""

    code = "conflict"


class DigestMismatchError(IntegrityError):
    """The bytes that arrived are not the ones announced; nothing was kept."""

    code = "digest_mismatch"
