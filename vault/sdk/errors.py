"""What can go wrong on a user's machine: a class per thing the user can do something about."""

from __future__ import annotations

from typing import Any, ClassVar

from vault.errors import IntegrityError, InvalidInputError, UnavailableError, VaultError


class ApiError(VaultError):
    """The server refused a request; `status`, `code` and `extra` are what its problem+json says.

    `retry_after` is in seconds, None where the server names none.
    """

    code: str  # type: ignore[misc]  # the server's word for it, so a value of the instance

    def __init__(
        self,
        message: str,
        *,
        status: int,
        code: str,
        advice: str = "",
        extra: dict[str, Any] | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message, advice=advice)
        self.status = status
        self.code = code
        self.extra = extra or {}
        self.retry_after = retry_after

    @property
    def number(self) -> str:
        """The request's number in the server's log, where the server gives one; else empty."""
        instance = self.extra.get("instance")
        number = instance.rpartition(":")[2] if isinstance(instance, str) else ""
        return number if number.isalnum() else ""


class ServerUnreachableError(UnavailableError):
    """No usable answer came; the same request may go through later. `reason` is the server's word, if it had one."""

    code: ClassVar[str] = "unreachable"

    def __init__(
        self, message: str, *, advice: str = "", reason: str | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(message, advice=advice or "Nothing was lost. Try again in a moment.")
        self.reason = reason
        self.retry_after = retry_after


class AnswerError(IntegrityError):
    """The server answered something that no honest server answers; nothing of it was used."""

    code: ClassVar[str] = "answer_invalid"


class NotSignedInError(VaultError):
    """This device holds no live session."""

    code: ClassVar[str] = "sign_in"


class WrongPasswordError(VaultError):
    """The e-mail address and the password do not belong together."""

    code: ClassVar[str] = "credentials_wrong"


class WrongCodeError(VaultError):
    """The one-time code is not the right one."""

    code: ClassVar[str] = "code_wrong"


class WeakPasswordError(VaultError):
    """The new password could be guessed."""

    code: ClassVar[str] = "password_weak"


class WeakParametersError(IntegrityError):
    """A server asked for a password derivation that is too cheap to be safe, or too costly to be honest."""

    code: ClassVar[str] = "parameters_refused"


class RollbackError(IntegrityError):
    """The server shows less than this device has already seen."""

    code: ClassVar[str] = "rolled_back"


class ForkError(IntegrityError):
    """The server shows something else than this device has seen under the same number."""

    code: ClassVar[str] = "forked"


class WrapError(IntegrityError):
    """A wrap does not open, or opens to another identity than the dossier's record says."""

    code: ClassVar[str] = "wrap_invalid"


class AmbiguousError(InvalidInputError):
    """A name or prefix stands for several; `candidates` are their ids."""

    code: ClassVar[str] = "ambiguous"

    def __init__(self, message: str, *, candidates: tuple[str, ...], advice: str = "") -> None:
        super().__init__(message, advice=advice)
        self.candidates = candidates


class NotFoundError(VaultError):
    """There is no such thing, or it is not yours to see."""

    code: ClassVar[str] = "not_found"


class MissingInputError(InvalidInputError):
    """Something is needed that nobody is there to be asked for."""

    code: ClassVar[str] = "input_missing"


class OtherMemberError(InvalidInputError):
    """This DOSSIER_HOME belongs to somebody else, or to another practice."""

    code: ClassVar[str] = "other_member"


class UsageError(InvalidInputError):
    """A command was not written as it must be."""

    code: ClassVar[str] = "usage"
