"""What recipients and identities of every type have in common (age v1, "Recipient stanzas")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from vault.age.derive import FILE_KEY_SIZE
from vault.age.errors import HeaderError

if TYPE_CHECKING:
    from vault.age.format import Stanza

WRAPPED_SIZE = FILE_KEY_SIZE + 16

# Every wrapping key is used once, so the nonce may be constant.
_ZERO_NONCE = bytes(12)

Family = Literal["postquantum", "classic", "passphrase"]


class Recipient(Protocol):
    """Someone a file can be encrypted to."""

    @property
    def family(self) -> Family:
        """The group that may share a header: recipients of one family; a passphrase stands alone."""
        ...

    def wrap(self, file_key: bytes) -> Stanza:
        """Return a stanza from which only this recipient's identity gets the file key."""
        ...


class Identity(Protocol):
    """Someone who can open a file."""

    def unwrap(self, stanza: Stanza) -> bytes | None:
        """Return the file key; None, without raising, for another's stanza; HeaderError for a malformed one."""
        ...


def check_shape(stanza: Stanza, args: int) -> None:
    """Raise HeaderError unless a stanza of a known type has this many arguments and the body of one file key.

    The length is checked before anything is opened: else one stanza could hold file keys for several identities.
    """
    if len(stanza.args) != args or len(stanza.body) != WRAPPED_SIZE:
        raise HeaderError(f"the {stanza.type} stanza is malformed")


def wrap_file_key(wrapping_key: bytes, file_key: bytes) -> bytes:
    """Return the file key sealed under a key that serves this once."""
    return ChaCha20Poly1305(wrapping_key).encrypt(_ZERO_NONCE, file_key, None)


def unwrap_file_key(wrapping_key: bytes, body: bytes) -> bytes | None:
    """Return the file key, or None when the wrapping key is another."""
    try:
        return ChaCha20Poly1305(wrapping_key).decrypt(_ZERO_NONCE, body, None)
    except InvalidTag:
        return None
