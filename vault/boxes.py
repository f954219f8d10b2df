"""The two symmetric tools of both sides: one-block HKDF and the box (FORMAT.md, "Basics")."""

from __future__ import annotations

import hmac
import secrets

from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_ABYTES as TAG_SIZE,
)
from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
)
from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_NPUBBYTES as NONCE_SIZE,
)
from nacl.exceptions import CryptoError

from vault.errors import IntegrityError
from vault.secret import Secret

VERSION = b"\x01"
KEY_SIZE = 32
OVERHEAD = len(VERSION) + NONCE_SIZE + TAG_SIZE


class BoxError(IntegrityError):
    """A box is damaged, or was made for another key, place or purpose."""

    code = "box_invalid"


def hkdf(ikm: bytes, label: str) -> Secret:
    """HKDF-SHA-256 (RFC 5869) with empty salt and `label` as info: 32 bytes of output, which is one block."""
    extracted = hmac.digest(bytes(32), ikm, "sha256")
    return Secret(hmac.digest(extracted, label.encode("ascii") + b"\x01", "sha256"))


def box(key: bytes, aad: bytes, plaintext: bytes) -> bytes:
    """`0x01` ‖ 24 random bytes ‖ XChaCha20-Poly1305-IETF of `plaintext` under the 32-byte `key`, bound to `aad`."""
    nonce = secrets.token_bytes(NONCE_SIZE)
    sealed: bytes = crypto_aead_xchacha20poly1305_ietf_encrypt(bytes(plaintext), aad, nonce, bytes(key))
    return VERSION + nonce + sealed


def unbox(key: bytes, aad: bytes, sealed: bytes) -> Secret:
    """The plaintext of a box; raises BoxError when key, `aad` or a single bit differs."""
    if len(sealed) < OVERHEAD or sealed[:1] != VERSION:
        raise BoxError("not a box of this version")
    nonce, body = sealed[1 : 1 + NONCE_SIZE], sealed[1 + NONCE_SIZE :]
    try:
        plaintext: bytes = crypto_aead_xchacha20poly1305_ietf_decrypt(bytes(body), aad, bytes(nonce), bytes(key))
    except CryptoError:
        raise BoxError("a box cannot be opened: damaged, or made for another key or place") from None
    return Secret(plaintext)
