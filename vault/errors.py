"""The one error root: a class per thing a caller can do something about.

Refusals of the domain are values (`vault.rules.verdict`); exceptions are for faults and unusable input. `code` is
stable (scripts and problem+json use it), `advice` tells the user what to do now.
"""

from __future__ import annotations

from typing import ClassVar


class VaultError(Exception):
    """What happened, in one sentence; `advice` says what to do about it."""

    code: ClassVar[str] = "failed"

    def __init__(self, message: str, *, advice: str = "") -> None:
        super().__init__(message)
        self.advice = advice


class InvalidInputError(VaultError):
    """The input cannot be used as it is: malformed, over a limit, or not as declared."""

    code: ClassVar[str] = "invalid"


class IntegrityError(VaultError):
    """Content does not match its digest, commitment or signature; none of it may be used."""

    code: ClassVar[str] = "integrity"


class UnavailableError(VaultError):
    """A server, a disk or a lock is unavailable; the same call may succeed later."""

    code: ClassVar[str] = "unavailable"


class ConfigurationError(VaultError):
    """A setting is missing or contradicts another; nothing has been started."""

    code: ClassVar[str] = "configuration"
