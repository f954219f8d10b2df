"""Errors on a user's machine: one class for each remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from vault.errors import IntegrityError, InvalidInputError, UnavailableError, VaultError

if TYPE_CHECKING:
    from vault.records.types.repair import Aside


class ApiError(VaultError):
    """The server refused a request; `status`, `code` and `extra` come from its problem+json.

    `retry_after` is in seconds, None if absent.
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
        """The request's number in the server's log; empty if absent."""
        instance = self.extra.get("instance")
        number = instance.rpartition(":")[2] if isinstance(instance, str) else ""
        return number if number.isalnum() else ""


class ServerUnreachableError(UnavailableError):
    """No usable answer came; the request may succeed later. `reason` is the server's code, if any."""

    code: ClassVar[str] = "unreachable"

    def __init__(
        self, message: str, *, advice: str = "", reason: str | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(message, advice=advice or "Nothing was lost. Try again in a moment.")
        self.reason = reason
        self.retry_after = retry_after


class AnswerError(IntegrityError):
    """An answer that no honest server gives; nothing of it was used."""

    code: ClassVar[str] = "answer_invalid"


class NotSignedInError(VaultError):
    """This device has no live session."""

    code: ClassVar[str] = "sign_in"


class WrongPasswordError(VaultError):
    """E-mail address and password do not match."""

    code: ClassVar[str] = "credentials_wrong"


class WrongCodeError(VaultError):
    """The one-time code is not the right one."""

    code: ClassVar[str] = "code_wrong"


class WeakPasswordError(VaultError):
    """The new password is too easy to guess."""

    code: ClassVar[str] = "password_weak"


class WeakParametersError(IntegrityError):
    """A server asked for a password derivation that is too cheap to be safe, or too costly to be honest."""

    code: ClassVar[str] = "parameters_refused"


class SeenError(IntegrityError):
    """The server does not show what this device has seen; `seen` is the entry, where a director can set it aside."""

    def __init__(self, message: str, *, advice: str = "", seen: Aside | None = None) -> None:
        super().__init__(message, advice=advice)
        self.seen = seen


class RollbackError(SeenError):
    """The server shows an older state than this device has seen."""

    code: ClassVar[str] = "rolled_back"


class ForkError(SeenError):
    """The server shows other content under a number that this device has seen."""

    code: ClassVar[str] = "forked"


class MissingError(SeenError):
    """Entries of a chain, after the one that this device has seen, are not shown whole: nobody can follow it there.

    `last` is the last of them, by the hash that the entry after it states: what a director's repair names. `first` is
    the number of the first.
    """

    code: ClassVar[str] = "links_missing"

    def __init__(self, message: str, *, advice: str, first: int, last: Aside) -> None:
        super().__init__(message, advice=advice, seen=last)
        self.first, self.last = first, last


class LinksMissingError(MissingError):
    """Links of a dossier's index are not shown whole; `ends` are the numbers of the one seen and of the newest."""

    def __init__(self, last: Aside, name: str, *, first: int, ends: tuple[int, int]) -> None:
        super().__init__(
            f"index {_numbers(first, last)} of the dossier {last.subject} ({name}) is damaged on the server, or "
            f"withheld: this device has seen number {ends[0]} and cannot verify number {ends[1]}",
            advice="Nothing was changed. Who has seen more goes on, and the dossier can be erased by its number. Tell "
            "the director: the operator can put that row back from a backup of the records.",
            first=first,
            last=last,
        )


class EntriesMissingError(MissingError):
    """Entries of ledger or checkpoints are not shown whole; `after` is the number of the one that was seen."""

    def __init__(self, last: Aside, *, first: int, after: int) -> None:
        super().__init__(
            f"{last.chain} {_numbers(first, last)} is damaged on the server, or withheld: this device has seen number "
            f"{after} and cannot verify what follows",
            advice="Nothing was changed. Dossiers still open; nothing is signed until then. Tell the director: the "
            "operator can put that row back from a backup of the records.",
            first=first,
            last=last,
        )


def _numbers(first: int, last: Aside) -> str:
    return str(first) if first == last.number else f"{first}-{last.number}"


class QuarantineError(IntegrityError):
    """The newest record of a chain is by somebody who has left since: it waits for somebody who is still there."""

    code: ClassVar[str] = "left_behind"

    def __init__(self, what: str) -> None:
        super().__init__(
            f"the newest {what} was signed by somebody who has left the practice, and nobody has taken it over",
            advice="Nothing was changed. Ask the director to take over what was left behind.",
        )


class WrapError(IntegrityError):
    """A wrap does not open, or not to the identity stated by the dossier's record."""

    code: ClassVar[str] = "wrap_invalid"


class AmbiguousError(InvalidInputError):
    """A name or prefix matches several; `candidates` are their ids."""

    code: ClassVar[str] = "ambiguous"

    def __init__(self, message: str, *, candidates: tuple[str, ...], advice: str = "") -> None:
        super().__init__(message, advice=advice)
        self.candidates = candidates


class NotFoundError(VaultError):
    """There is no such thing, or the caller has no access."""

    code: ClassVar[str] = "not_found"


class MissingInputError(InvalidInputError):
    """An input is missing, and there is no terminal to ask for it."""

    code: ClassVar[str] = "input_missing"


class OtherMemberError(InvalidInputError):
    """This DOSSIER_HOME belongs to another member or practice."""

    code: ClassVar[str] = "other_member"


class UsageError(InvalidInputError):
    """A command line is wrong."""

    code: ClassVar[str] = "usage"


class NotTakenOverError(IntegrityError):
    """Some dossiers of who left do not open, or may be hers; `taken` others were taken over."""

    code: ClassVar[str] = "not_taken_over"

    def __init__(self, taken: int, left: tuple[str, ...]) -> None:
        super().__init__(
            f"not taken over: {', '.join(left)}",
            advice=f"She is no member any more, and {taken} dossiers were taken over. See each by its id: dossier ls.",
        )
        self.taken = taken
        self.left = left
