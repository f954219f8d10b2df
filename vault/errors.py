"""The one error root: a class per thing a caller can do something about.

Refusals of the domain are values (`vault.rules.verdict`); what is raised is a fault or a user's input that cannot
be used. `code` is stable (scripts and problem+json use it), `advice` tells the user what to do now.
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
    """Something is not what its digest, commitment or signature says; nothing of it may be used."""

    code: ClassVar[str] = "integrity"


class UnavailableError(VaultError):
    """A server, a disk or a lock cannot be had just now; the same call may go through later."""

    code: ClassVar[str] = "unavailable"


class ConfigurationError(VaultError):
    """A setting is missing or contradicts another; nothing was started."""

    code: ClassVar[str] = "configuration"
