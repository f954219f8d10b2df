"""From an error to an exit code that people script against, and to words that say what to do."""

from __future__ import annotations

import os
import sys
import traceback

from vault.cli import catalogue
from vault.cli.output import Output
from vault.errors import IntegrityError, InvalidInputError, UnavailableError, VaultError
from vault.records.encoding import RecordError

DONE, FAILED, USAGE, SOME_FAILED, SIGN_IN, NOT_NOW, LINK, INTEGRITY, WRONG_PASSWORD, INTERRUPTED = (
    *(0, 1, 2, 3, 4, 5, 6, 7, 12, 130),
)
PRIORITY = (INTERRUPTED, INTEGRITY, SIGN_IN, NOT_NOW, WRONG_PASSWORD, LINK, SOME_FAILED, FAILED, USAGE, DONE)

_BY_CODE = {
    "sign_in": SIGN_IN,
    "credentials_wrong": WRONG_PASSWORD,
    "code_wrong": WRONG_PASSWORD,
    "code_spent": WRONG_PASSWORD,
    "passphrase_wrong": WRONG_PASSWORD,
    "too_many": NOT_NOW,
    "restored": NOT_NOW,
    "link_unavailable": LINK,
    "integrity": INTEGRITY,
    "other_member": FAILED,
}
_BY_CLASS: tuple[tuple[type[VaultError], int], ...] = (
    (IntegrityError, INTEGRITY),
    (RecordError, INTEGRITY),  # a user's own input never is one: it is what a server or a file holds
    (UnavailableError, NOT_NOW),
    (InvalidInputError, USAGE),
)
_FAMILIES: tuple[tuple[type[VaultError], str], ...] = ((IntegrityError, "integrity"), (UnavailableError, "unavailable"))


def worst(codes: list[int]) -> int:
    """The one exit code where several fit: 130, 7, 4, 5, 12, 6, 3, 1."""
    return min(codes, key=PRIORITY.index, default=DONE)


def exit_code(error: BaseException) -> int:
    """The exit code of `interface.md` that an error stands for."""
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED
    if isinstance(error, VaultError):
        found = _BY_CODE.get(error.code)
        return next((code for kind, code in _BY_CLASS if isinstance(error, kind)), FAILED) if found is None else found
    return INTEGRITY if _is_age_error(error) else FAILED


def report(error: BaseException, output: Output) -> int:
    """Tell the user what happened and what to do; the exit code. A traceback is shown to who asks by DOSSIER_DEBUG."""
    if os.environ.get("DOSSIER_DEBUG"):
        traceback.print_exception(error)
    code, message, advice = describe(error, output)
    output.failure(code, message, advice)
    return exit_code(error)


def describe(error: BaseException, output: Output) -> tuple[str, str, str]:
    """The failure's stable code, what happened and what to do, in the user's language where the catalogue has it."""
    code, family, detail, advice = _facts(error)
    for key in (code, family):
        message = catalogue.lookup(f"failures.{key}", output.language)
        if message is not None:
            break
    else:
        message = None
    own = catalogue.lookup(f"failures.{code}.advice", output.language)
    general = catalogue.lookup(f"failures.{family}.advice", output.language)
    chosen = own or advice or general or ""
    number = getattr(error, "number", "")
    if code == VaultError.code and not number:
        chosen = advice  # the catalogue's speaks of a number that only a server's answer has
    elif output.language == "en":
        chosen = advice or own or general or ""
    if number:
        chosen = f"{chosen} [{number}]".strip()
    return code, (message or "{detail}").replace("{detail}", detail), chosen


def _facts(error: BaseException) -> tuple[str, str, str, str]:
    """Code, the code to fall back to, what the error says, its advice."""
    if isinstance(error, VaultError):
        family = next((name for kind, name in _FAMILIES if isinstance(error, kind)), "")
        reason = getattr(error, "reason", None)
        code = reason if isinstance(reason, str) and reason in _BY_CODE else error.code
        return code, family, str(error), error.advice
    if isinstance(error, KeyboardInterrupt):
        return "interrupted", "", "", ""
    if _is_age_error(error):
        return "integrity", "", str(error), ""
    if isinstance(error, OSError):
        place = f": {error.filename}" if error.filename else ""
        return "system", "", f"{error.strerror or type(error).__name__}{place}", ""
    return "unexpected", "", type(error).__name__, ""


def _is_age_error(error: BaseException) -> bool:
    """Whether `vault.age` raised it; asked without loading that package for those who did without."""
    module = sys.modules.get("vault.age.errors")
    return module is not None and isinstance(error, module.AgeError)
