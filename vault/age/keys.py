"""Recipients and identities as text: one string, or a file of them with comments."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from vault.age import bech32, hybrid, x25519
from vault.age.errors import KeyStringError
from vault.age.hybrid import HybridIdentity, HybridRecipient
from vault.age.x25519 import X25519Identity, X25519Recipient

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")

_RECIPIENT_TYPES: dict[str, type[HybridRecipient | X25519Recipient]] = {
    hybrid.RECIPIENT_PREFIX: HybridRecipient,
    x25519.RECIPIENT_PREFIX: X25519Recipient,
}
_IDENTITY_TYPES: dict[str, type[HybridIdentity | X25519Identity]] = {
    hybrid.IDENTITY_PREFIX: HybridIdentity,
    x25519.IDENTITY_PREFIX: X25519Identity,
}


def parse_recipient(text: str) -> HybridRecipient | X25519Recipient:
    """Return the recipient that `age1pq1…` or `age1…` names; raise KeyStringError for anything else."""
    if text.upper().startswith("AGE-SECRET-KEY-"):
        raise KeyStringError("this is an identity, which must stay secret; a recipient begins with age1")
    if text.startswith("ssh-"):
        raise KeyStringError("SSH keys are not supported; make a key with age-keygen")
    prefix, public = bech32.decode(text)
    if prefix not in _RECIPIENT_TYPES:
        raise KeyStringError("this kind of recipient is unknown; age1pq1… and age1… are supported")
    return _RECIPIENT_TYPES[prefix](public)


def parse_identity(text: str) -> HybridIdentity | X25519Identity:
    """Return the identity that `AGE-SECRET-KEY-PQ-1…` or `AGE-SECRET-KEY-1…` spells; else raise KeyStringError."""
    prefix, secret = bech32.decode(text)
    if prefix not in _IDENTITY_TYPES:
        raise KeyStringError("this kind of identity is unknown; an identity begins with AGE-SECRET-KEY-")
    return _IDENTITY_TYPES[prefix](secret)


def parse_recipients(text: str) -> list[HybridRecipient | X25519Recipient]:
    """Return the recipients of a recipients file: one a line, with empty lines and `#` comments between them."""
    return _parse_lines(text, parse_recipient, "recipient")


def parse_identities(text: str) -> list[HybridIdentity | X25519Identity]:
    """Return the identities of an identity file: one a line, with empty lines and `#` comments between them."""
    return _parse_lines(text, parse_identity, "identity")


def _parse_lines(text: str, parse: Callable[[str], _T], noun: str) -> list[_T]:
    """Parse every line; an error names the line's number and never shows the line, which may be a secret."""
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        word = line.strip()
        if not word or word.startswith("#"):
            continue
        try:
            found.append(parse(word))
        except KeyStringError as error:
            raise KeyStringError(f"line {number}: {error}") from None
    if not found:
        raise KeyStringError(f"there is no {noun} in it")
    return found
