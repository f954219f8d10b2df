"""From an error to a stable exit code and a message with advice."""

from __future__ import annotations

import os
import sys
import traceback

from vault.cli.terminal import details
from vault.cli.terminal.output import Output
from vault.errors import IntegrityError, InvalidInputError, UnavailableError, VaultError
from vault.records.encoding import RecordError
from vault.sdk.errors import ApiError, NotSignedInError, SeenError, ServerUnreachableError
from vault.texts import catalogue

DONE, FAILED, USAGE, SOME_FAILED, SIGN_IN, NOT_NOW, LINK, INTEGRITY, WRONG_PASSWORD, INTERRUPTED = (
    *(0, 1, 2, 3, 4, 5, 6, 7, 12, 130),
)

_BY_CODE = {
    "sign_in": SIGN_IN,
    "credentials_wrong": WRONG_PASSWORD,
    "code_wrong": WRONG_PASSWORD,
    "code_spent": WRONG_PASSWORD,
    "confirm_wrong": WRONG_PASSWORD,
    "passphrase_wrong": WRONG_PASSWORD,
    "too_many": NOT_NOW,
    "restored": NOT_NOW,
    "link_unavailable": LINK,
    "link_incomplete": LINK,
    "link_rewritten": LINK,
    "integrity": INTEGRITY,
    "seen_more": INTEGRITY,
    "other_member": FAILED,
}
_BY_CLASS: tuple[tuple[type[VaultError], int], ...] = (
    (IntegrityError, INTEGRITY),
    (RecordError, INTEGRITY),  # never the user's input, but content from a server or a file
    (UnavailableError, NOT_NOW),
    (InvalidInputError, USAGE),
)


def exit_code(error: BaseException) -> int:
    """An error's exit code, as in `interface.md`."""
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED
    if isinstance(error, VaultError):
        found = _BY_CODE.get(error.code)
        return next((code for kind, code in _BY_CLASS if isinstance(error, kind)), FAILED) if found is None else found
    return INTEGRITY if _is_age_error(error) else FAILED


def report(error: BaseException, output: Output) -> int:
    """Print the failure and the advice; return the exit code. DOSSIER_DEBUG adds a traceback."""
    if os.environ.get("DOSSIER_DEBUG"):
        traceback.print_exception(error)
    code, message, advice = describe(error, output)
    output.failure(code, message, advice)
    return exit_code(error)


def describe(error: BaseException, output: Output) -> tuple[str, str, str]:
    """The failure's stable code, message and advice, in the user's language.

    Errors are raised with a precise English sentence. The Dutch message is the catalogue's text for the code, and the
    translation of that sentence.
    """
    code, detail, advice = _facts(error, output.language)
    message = catalogue.lookup(f"failures.{code}.message", output.language) or "{detail}"
    if output.language == "en":
        message = detail if isinstance(error, VaultError) and detail else catalogue.fill(message, {"detail": detail})
    else:
        dutch = details.in_dutch(detail)
        if dutch is None or "{detail}" in message:
            message = catalogue.fill(message, {"detail": dutch or detail})
        else:
            message = _as_sentence(dutch)
        # The server's advice is English and for any client; the catalogue's is for this one.
        from_server = isinstance(error, (ApiError, ServerUnreachableError, NotSignedInError))
        advice = details.in_dutch(advice) or ("" if from_server else advice)
    advice = advice or catalogue.lookup(f"failures.{code}.advice", output.language) or ""
    if isinstance(error, SeenError) and error.seen is not None:
        advice = f"{advice} {output.text('common.ends_by', code=error.seen.code)}".strip()
    number = getattr(error, "number", "")
    return code, message, f"{advice} [{number}]".strip() if number else advice


def _as_sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:].removesuffix('.')}."


def _facts(error: BaseException, language: catalogue.Language) -> tuple[str, str, str]:
    """The error's code, text and advice."""
    if isinstance(error, VaultError):
        reason = getattr(error, "reason", None)
        code = reason if isinstance(reason, str) and reason in _BY_CODE else error.code
        return code, str(error), error.advice
    if isinstance(error, KeyboardInterrupt):
        return "interrupted", "", ""
    if _is_age_error(error):
        return "integrity", str(error), ""
    if isinstance(error, OSError):
        place = f": {error.filename}" if error.filename else ""
        return "system", f"{details.told(error.strerror or type(error).__name__, language)}{place}", ""
    return "unexpected", type(error).__name__, ""


def _is_age_error(error: BaseException) -> bool:
    """Whether `vault.age` raised it; tested without importing that package."""
    module = sys.modules.get("vault.age.errors")
    return module is not None and isinstance(error, module.AgeError)
