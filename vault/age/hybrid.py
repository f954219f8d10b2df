"""The hybrid recipient type (age v1.3, `mlkem768x25519`): ML-KEM-768 and X25519 in HPKE, safe if either one holds."""

from __future__ import annotations

import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from vault.age import bech32
from vault.age.errors import HeaderError, KeyStringError, RecipientError
from vault.age.format import Stanza, decode_unpadded, encode_unpadded
from vault.age.recipients import Family, check_shape

STANZA_TYPE = "mlkem768x25519"
RECIPIENT_PREFIX = "age1pq"
IDENTITY_PREFIX = "AGE-SECRET-KEY-PQ-"
SEED_SIZE = 32

_INFO = b"age-encryption.org/mlkem768x25519"
_MLKEM_SEED_SIZE = 64
_MLKEM_CIPHERTEXT_SIZE = 1088
_MLKEM_PUBLIC_SIZE = 1184
_X25519_SIZE = 32
_ENCAPSULATION_SIZE = _MLKEM_CIPHERTEXT_SIZE + _X25519_SIZE
_SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


class HybridRecipient:
    """The public half: 1,184 bytes of ML-KEM-768 and 32 of X25519, written as `age1pq1…`."""

    __slots__ = ("_key", "_public")

    family: Family = "postquantum"

    def __init__(self, public: bytes) -> None:
        """Take the raw 1,216 bytes; raise KeyStringError when they are no such key."""
        if len(public) != _MLKEM_PUBLIC_SIZE + _X25519_SIZE:
            raise KeyStringError("a hybrid recipient has 1,216 bytes")
        try:
            mlkem = MLKEM768PublicKey.from_public_bytes(public[:_MLKEM_PUBLIC_SIZE])
        except ValueError:
            raise KeyStringError("the hybrid recipient is not a possible public key") from None
        x25519 = X25519PublicKey.from_public_bytes(public[_MLKEM_PUBLIC_SIZE:])
        self._key = MLKEM768X25519PublicKey(mlkem, x25519)
        self._public = bytes(public)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, HybridRecipient) and self._public == other._public

    def __hash__(self) -> int:
        return hash(self._public)

    def __repr__(self) -> str:
        return f"HybridRecipient({self.to_string()[:16]}…)"

    def to_bytes(self) -> bytes:
        """Return the raw 1,216 bytes."""
        return self._public

    def to_string(self) -> str:
        """Return the recipient as people pass it on, 1,959 characters."""
        return bech32.encode(RECIPIENT_PREFIX, self._public)

    def wrap(self, file_key: bytes) -> Stanza:
        """Return a stanza for this recipient; raise RecipientError when no identity for it can exist."""
        try:
            sealed = _SUITE.encrypt(file_key, self._key, _INFO)
        except ValueError:
            raise RecipientError("the recipient is a point of low order: nobody holds its identity") from None
        encapsulation, body = sealed[:_ENCAPSULATION_SIZE], sealed[_ENCAPSULATION_SIZE:]
        return Stanza(STANZA_TYPE, (encode_unpadded(encapsulation),), body)


class HybridIdentity:
    """The secret half: a seed of 32 bytes, written as `AGE-SECRET-KEY-PQ-1…`."""

    __slots__ = ("_mlkem", "_seed", "_x25519")

    def __init__(self, seed: bytes) -> None:
        """Expand the seed by SHAKE-256 into the seed of ML-KEM and the X25519 scalar."""
        if len(seed) != SEED_SIZE:
            raise KeyStringError("a hybrid identity has 32 bytes")
        expanded = hashlib.shake_256(seed).digest(_MLKEM_SEED_SIZE + _X25519_SIZE)
        self._seed = bytes(seed)
        self._mlkem = MLKEM768PrivateKey.from_seed_bytes(expanded[:_MLKEM_SEED_SIZE])
        self._x25519 = X25519PrivateKey.from_private_bytes(expanded[_MLKEM_SEED_SIZE:])

    @classmethod
    def generate(cls) -> HybridIdentity:
        """Return a new identity from the system's randomness."""
        return cls(os.urandom(SEED_SIZE))

    def __repr__(self) -> str:
        return "HybridIdentity(…)"

    @property
    def seed(self) -> bytes:
        """The 32 bytes from which both secret keys are derived. Secret."""
        return self._seed

    def to_string(self) -> str:
        """Return the identity as an identity file holds it. Secret."""
        return bech32.encode(IDENTITY_PREFIX.lower(), self._seed).upper()

    def recipient(self) -> HybridRecipient:
        """Return the public half."""
        mlkem = self._mlkem.public_key().public_bytes_raw()
        return HybridRecipient(mlkem + self._x25519.public_key().public_bytes_raw())

    def unwrap(self, stanza: Stanza) -> bytes | None:
        """Return the file key; None for another's stanza; HeaderError for a malformed one."""
        if stanza.type != STANZA_TYPE:
            return None
        check_shape(stanza, args=1)
        encapsulation = decode_unpadded(stanza.args[0].encode("ascii"))
        if len(encapsulation) != _ENCAPSULATION_SIZE:
            raise HeaderError(f"the {STANZA_TYPE} stanza is malformed")
        self._refuse_low_order(encapsulation[_MLKEM_CIPHERTEXT_SIZE:])
        return self.open(encapsulation + stanza.body, _INFO)

    def open(self, sealed: bytes, info: bytes) -> bytes | None:
        """Return what HPKE sealed to this identity under `info`, encapsulation first; None for anything else."""
        if len(sealed) < _ENCAPSULATION_SIZE:
            return None
        try:
            return _SUITE.decrypt(sealed, MLKEM768X25519PrivateKey(self._mlkem, self._x25519), info)
        except InvalidTag:
            return None

    def _refuse_low_order(self, share: bytes) -> None:
        """Raise HeaderError for a share of low order: HPKE itself reports it like another recipient's stanza."""
        try:
            self._x25519.exchange(X25519PublicKey.from_public_bytes(share))
        except ValueError:
            raise HeaderError(f"the {STANZA_TYPE} stanza holds a point of low order") from None
