"""The errors of every port, as classes for callers to distinguish."""

from __future__ import annotations

from vault.errors import IntegrityError, InvalidInputError, VaultError


class ShreddedError(VaultError):
    """The subject's key is gone, or never existed: nobody can open the values it sealed."""

    code = "gone"


class DamagedKeyError(IntegrityError):
    """The subject's key does not open: as long as that lasts, neither does any value it sealed."""


class TombstonedError(VaultError):
    """The subject was erased; it can never be created again."""

    code = "gone"


class ConflictError(InvalidInputError):
    """Something else is already stored under that id."""

    code = "conflict"


class DigestMismatchError(IntegrityError):
    """The received bytes are not the announced ones; nothing was kept."""

    code = "digest_mismatch"
