"""Passwords and one-time codes: from files named in the environment, else from the terminal."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from vault.cli.terminal.output import Output
from vault.sdk.device import clock
from vault.sdk.device.home import Home, read_private
from vault.sdk.errors import MissingInputError
from vault.sdk.keys import one_time_codes
from vault.sdk.keys.recovery_codes import read_code
from vault.sdk.keys.sheet import MAX_SHEET, Sheet, read_sheet

MAX_CODE = 200


def password(output: Output) -> str:
    """The password from DOSSIER_PASSWORD_FILE, else from the terminal; raises MissingInputError without either."""
    named = _from_file(output)
    return output.secret("common.password") if named is None else named


def new_password(output: Output) -> str:
    """A new password from DOSSIER_PASSWORD_FILE, else asked for twice; an empty one is replaced by six shown words."""
    named = _from_file(output)
    if named is not None:
        return named
    return _typed_password(output)


def _typed_password(output: Output) -> str:
    while True:
        first = output.secret("common.new_password")
        if not first:
            return _generated(output)
        if first == output.secret("common.repeat_password"):
            return first
        output.say("common.passwords_differ")


def changed_password(path: Path | None, output: Output) -> str:
    """As `new_password`, for a member who has one: DOSSIER_PASSWORD_FILE holds the present one, `path` the next."""
    return _typed_password(output) if path is None else _read_password(path, output)


def sheet(source: str, output: Output) -> Sheet:
    """The recovery sheet from a file, or with `-` from standard input."""
    raw = sys.stdin.buffer.read(MAX_SHEET) if source == "-" else read_private(Path(source))
    if raw is None:
        asked = output.text("recover.no_sheet", path=source)
        raise MissingInputError(asked, advice=output.text("recover.no_sheet_advice"))
    return read_sheet(raw.decode("utf-8", errors="replace"))


def totp_file(home: Home) -> Path:
    """The path of the one-time codes' secret: DOSSIER_TOTP_FILE, else in the folder."""
    named = os.environ.get("DOSSIER_TOTP_FILE")
    return Path(named) if named else home.path / "totp"


def waiting_totp_file(home: Home) -> Path:
    """Beside it, the secret that is to take its place once the server has it."""
    path = totp_file(home)
    return path.with_name(f"{path.name}.new")


def code_from(source: str, output: Output) -> str:
    """A one-time or recovery code from a file, or with `-` from standard input."""
    raw = sys.stdin.buffer.readline(MAX_CODE) if source == "-" else read_private(Path(source))
    if raw is None:
        asked = output.text("common.no_code_file", path=source)
        raise MissingInputError(asked, advice=output.text("common.no_terminal"))
    return raw[:MAX_CODE].decode("utf-8", errors="replace").strip()


def codes(home: Home, output: Output) -> Callable[[], str]:
    """The source of codes: the secret on this machine, else the terminal."""
    secret = one_time_codes.read_secret_file(totp_file(home))
    if secret is None:
        return typed_codes(output)
    return codes_of(secret, output)


def codes_of(secret: bytes, output: Output) -> Callable[[], str]:
    """Codes of a secret, one after the other."""

    def wait(seconds: float) -> None:
        output.say("common.waiting", count=round(seconds))
        time.sleep(seconds)

    return one_time_codes.Codes(secret, clock.now, wait)


def typed_codes(output: Output, asking: str = "common.code") -> Callable[[], str]:
    """The source of codes that somebody types."""
    return lambda: read_code(output.ask(asking))


def show_totp(output: Output, secret: bytes, *, account: str, issuer: str, path: Path | None) -> None:
    """Show the secret of new one-time codes; the QR code only on a terminal. `path`: where it lies on this machine."""
    if path is not None:
        output.say("common.totp_made", path=path)
    if not output.interactive or output.json:
        return
    if output.draws:
        import segno  # noqa: PLC0415 - drawn once in a member's life

        uri = one_time_codes.otpauth_uri(secret, account=account, issuer=issuer)
        segno.make_qr(uri).terminal(sys.stderr, border=2, compact=True)
    output.say("common.totp_key", key=one_time_codes.to_base32(secret))


def _generated(output: Output) -> str:
    from vault.sdk.keys.words import generate_password  # noqa: PLC0415 - the list of words is loaded by those who need it

    made = generate_password()
    output.say("common.password_made", password=made)
    return made


def _from_file(output: Output) -> str | None:
    path = os.environ.get("DOSSIER_PASSWORD_FILE")
    if not path:
        return None
    return _read_password(Path(path), output)


def _read_password(path: Path, output: Output) -> str:
    raw = read_private(path)
    if raw is None:
        asked = output.text("common.no_password_file", path=path)
        raise MissingInputError(asked, advice=output.text("common.no_password_file_advice"))
    return raw.decode("utf-8", errors="replace").removesuffix("\n").removesuffix("\r")
