"""Sealing: version ‖ nonce ‖ XChaCha20-Poly1305, bound to what is sealed and where it stands (FORMAT.md "Sealing")."""

from __future__ import annotations

import secrets

from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt as decrypt,
)
from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_encrypt as encrypt,
)
from nacl.exceptions import CryptoError

from vault.errors import IntegrityError
from vault.ports.keystore import Subject
from vault.records.encoding import lp

VERSION = b"\x01"
KEY_SIZE = 32
_NONCE_SIZE = 24


def seal_value(key: bytes, subject: Subject, field: str, row: str, plaintext: bytes) -> bytes:
    """Seal `plaintext` under a shred key; it opens only as this field and row of this subject."""
    return _seal(key, _value_label(subject, field, row), plaintext)


def open_value(key: bytes, subject: Subject, field: str, row: str, sealed: bytes) -> bytes:
    """The inverse; raises IntegrityError."""
    return _open(key, _value_label(subject, field, row), sealed)


def seal_shred_key(generation_key: bytes, generation: int, subject: Subject, key: bytes) -> bytes:
    """Seal a subject's shred key under the key of that generation."""
    return _seal(generation_key, _key_label(subject, generation), key)


def open_shred_key(generation_key: bytes, generation: int, subject: Subject, sealed: bytes) -> bytes:
    """The inverse; raises IntegrityError."""
    return _open(generation_key, _key_label(subject, generation), sealed)


def _value_label(subject: Subject, field: str, row: str) -> bytes:
    return lp(b"vault/v1/seal", field.encode(), subject.kind.value.encode(), subject.id.encode(), row.encode())


def _key_label(subject: Subject, generation: int) -> bytes:
    return lp(b"vault/v1/shred-key", subject.kind.value.encode(), subject.id.encode(), str(generation).encode())


def _seal(key: bytes, label: bytes, plaintext: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE_SIZE)
    return VERSION + nonce + encrypt(plaintext, label, nonce, key)


def _open(key: bytes, label: bytes, sealed: bytes) -> bytes:
    nonce, ciphertext = sealed[1 : 1 + _NONCE_SIZE], sealed[1 + _NONCE_SIZE :]
    if sealed[:1] != VERSION or len(nonce) != _NONCE_SIZE:
        raise IntegrityError("a sealed value is of an unknown version or cut off")
    try:
        return decrypt(ciphertext, label, nonce, key)
    except (CryptoError, ValueError) as error:
        raise IntegrityError("a sealed value is not the one that belongs here") from error
