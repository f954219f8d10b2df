"""Keys and passphrases for the `age` commands: from files, from standard input, from the terminal."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable
from typing import TypeVar

from vault.age import (
    HybridIdentity,
    HybridRecipient,
    ScryptIdentity,
    X25519Identity,
    X25519Recipient,
    decrypt,
    is_armored,
    parse_identities,
    parse_recipients,
)
from vault.age.errors import KeyStringError, NoMatchError
from vault.age.format import INTRO
from vault.cli.age_input import read_whole

_T = TypeVar("_T")

_MAX_FILE = 16 * 1024 * 1024
_PASSWORD_FILE = "DOSSIER_PASSWORD_FILE"  # noqa: S105 - the name of a variable


class NoPassphraseError(Exception):
    """No passphrase is available; the message says how to give one."""


def read_identities(path: str) -> list[HybridIdentity | X25519Identity]:
    """Return the identities of a file, `-` for standard input; the file may be encrypted by a passphrase."""
    content = read_whole(path, _MAX_FILE)
    if content.startswith(INTRO) or is_armored(content[:2048]):
        try:
            content = decrypt(content, [ScryptIdentity(passphrase(f"Passphrase of {path}: "))], expect="scrypt")
        except NoMatchError:
            raise NoMatchError(f"{path}: this is not its passphrase") from None
    return _parse(path, content, parse_identities)


def read_recipients(path: str) -> list[HybridRecipient | X25519Recipient]:
    """Return the recipients of a file, `-` for standard input."""
    return _parse(path, read_whole(path, _MAX_FILE), parse_recipients)


def passphrase(prompt: str, *, confirm: bool = False) -> str:
    """Return the passphrase from the file in DOSSIER_PASSWORD_FILE, else from the terminal."""
    path = os.environ.get(_PASSWORD_FILE)
    if path:
        entered = _text(path, read_whole(path, _MAX_FILE)).rstrip("\r\n")
    else:
        entered = _ask(prompt)
        if confirm and entered != _ask("The same again: "):
            raise NoPassphraseError("the two passphrases differ")
    if not entered:
        raise NoPassphraseError("the passphrase is empty")
    return entered


def _ask(prompt: str) -> str:
    """Ask on the controlling terminal, since standard input may be the file."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        advice = f"there is no terminal to ask for the passphrase; name a file that holds it in {_PASSWORD_FILE}"
        raise NoPassphraseError(advice) from None
    return getpass.getpass(prompt)


def _text(path: str, content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise KeyStringError(f"{path}: this is not text") from None


def _parse(path: str, content: bytes, parse: Callable[[str], list[_T]]) -> list[_T]:
    text = _text(path, content)
    try:
        return parse(text)
    except KeyStringError as error:
        raise KeyStringError(f"{path}: {error}") from None
