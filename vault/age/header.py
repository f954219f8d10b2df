"""Wrapping a file key for recipients and getting it back (age v1, "Header")."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from vault.age.derive import FILE_KEY_SIZE, header_mac
from vault.age.errors import HeaderError, HmacError, NoMatchError, RecipientError
from vault.age.format import Header, authenticated_part

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vault.age.format import Stanza
    from vault.age.recipients import Identity, Recipient


def write_header(file_key: bytes, recipients: Sequence[Recipient]) -> bytes:
    """Return the header that gives `file_key`, 16 random bytes, to every recipient.

    Raises RecipientError when the recipients cannot stand together: a hybrid one beside one that quantum computers
    will open, or a passphrase beside anything.
    """
    if len(file_key) != FILE_KEY_SIZE:
        raise ValueError("a file key has 16 bytes")
    _check_families(recipients)
    stanzas = tuple(recipient.wrap(file_key) for recipient in recipients)
    authenticated = authenticated_part(stanzas)
    return Header(stanzas, header_mac(file_key, authenticated), authenticated).to_bytes()


def _check_families(recipients: Sequence[Recipient]) -> None:
    families = {recipient.family for recipient in recipients}
    if not families:
        raise RecipientError("no recipient was given")
    if "passphrase" in families and len(recipients) > 1:
        raise RecipientError("a passphrase cannot be combined with another recipient")
    if len(families) > 1:
        raise RecipientError("hybrid (age1pq1…) and X25519 (age1…) recipients cannot be combined")


def unwrap(header: Header, identities: Iterable[Identity], *, expect: str | None = None) -> bytes:
    """Return the file key, 16 bytes, by the first identity that opens a stanza, once the header's MAC is verified.

    `expect` asserts that the header has exactly one stanza, of exactly that type. Raises HeaderError, NoMatchError
    or HmacError.
    """
    _check_stanzas(header, expect)
    for identity in identities:
        file_key = _first_match(identity, header.stanzas)
        if file_key is not None:
            if not hmac.compare_digest(header_mac(file_key, header.authenticated), header.mac):
                raise HmacError("the header was changed after it was written")
            return file_key
    raise NoMatchError("none of the identities opens this file")


def _check_stanzas(header: Header, expect: str | None) -> None:
    types = [stanza.type for stanza in header.stanzas]
    if expect is not None and types != [expect]:
        raise HeaderError(f"the header does not hold exactly one stanza of type {expect}")
    if "scrypt" in types and len(types) > 1:
        raise HeaderError("a passphrase stands beside another recipient: the file proves nothing about its sender")


def _first_match(identity: Identity, stanzas: Iterable[Stanza]) -> bytes | None:
    for stanza in stanzas:
        file_key = identity.unwrap(stanza)
        if file_key is not None:
            return file_key
    return None
