"""The X25519 recipient type (age v1, "The X25519 recipient type"): age's default before the hybrid keys."""

from __future__ import annotations

import os

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from vault.age import bech32
from vault.age.derive import hkdf
from vault.age.errors import HeaderError, KeyStringError, RecipientError
from vault.age.format import Stanza, decode_unpadded, encode_unpadded
from vault.age.recipients import Family, check_shape, unwrap_file_key, wrap_file_key

STANZA_TYPE = "X25519"
RECIPIENT_PREFIX = "age"
IDENTITY_PREFIX = "AGE-SECRET-KEY-"

_INFO = b"age-encryption.org/v1/X25519"
_SIZE = 32


class X25519Recipient:
    """The public half: 32 bytes, written as `age1…`."""

    __slots__ = ("_public",)

    family: Family = "classic"

    def __init__(self, public: bytes) -> None:
        if len(public) != _SIZE:
            raise KeyStringError("an X25519 recipient has 32 bytes")
        self._public = bytes(public)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, X25519Recipient) and self._public == other._public

    def __hash__(self) -> int:
        return hash(self._public)

    def __repr__(self) -> str:
        return f"X25519Recipient({self.to_string()})"

    def to_bytes(self) -> bytes:
        """Return the raw 32 bytes."""
        return self._public

    def to_string(self) -> str:
        """Return the recipient as people pass it on."""
        return bech32.encode(RECIPIENT_PREFIX, self._public)

    def wrap(self, file_key: bytes) -> Stanza:
        """Return a stanza for this recipient, made with an ephemeral key."""
        ephemeral = X25519PrivateKey.generate()
        share = ephemeral.public_key().public_bytes_raw()
        try:
            secret = ephemeral.exchange(X25519PublicKey.from_public_bytes(self._public))
        except ValueError:
            raise RecipientError("the recipient is a point of low order: nobody holds its identity") from None
        body = wrap_file_key(hkdf(secret, salt=share + self._public, info=_INFO), file_key)
        return Stanza(STANZA_TYPE, (encode_unpadded(share),), body)


class X25519Identity:
    """The secret half: a scalar of 32 bytes, written as `AGE-SECRET-KEY-1…`."""

    __slots__ = ("_key", "_secret")

    def __init__(self, secret: bytes) -> None:
        if len(secret) != _SIZE:
            raise KeyStringError("an X25519 identity has 32 bytes")
        self._secret = bytes(secret)
        self._key = X25519PrivateKey.from_private_bytes(self._secret)

    @classmethod
    def generate(cls) -> X25519Identity:
        """Return a new identity from the system's randomness."""
        return cls(os.urandom(_SIZE))

    def __repr__(self) -> str:
        return "X25519Identity(…)"

    def to_string(self) -> str:
        """Return the identity as an identity file holds it. Secret."""
        return bech32.encode(IDENTITY_PREFIX.lower(), self._secret).upper()

    def recipient(self) -> X25519Recipient:
        """Return the public half."""
        return X25519Recipient(self._key.public_key().public_bytes_raw())

    def unwrap(self, stanza: Stanza) -> bytes | None:
        """Return the file key; None for another's stanza; HeaderError for a malformed one."""
        if stanza.type != STANZA_TYPE:
            return None
        check_shape(stanza, args=1)
        share = decode_unpadded(stanza.args[0].encode("ascii"))
        if len(share) != _SIZE:
            raise HeaderError("the X25519 stanza is malformed")
        try:
            secret = self._key.exchange(X25519PublicKey.from_public_bytes(share))
        except ValueError:
            raise HeaderError("the X25519 stanza holds a point of low order") from None
        salt = share + self._key.public_key().public_bytes_raw()
        return unwrap_file_key(hkdf(secret, salt=salt, info=_INFO), stanza.body)
