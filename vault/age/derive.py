"""The keys derived from a file key (age v1, "Header MAC" and "Payload"), and our commitment to a file key.

HKDF-SHA-256 (RFC 5869) for outputs of one block, which is all that age asks for.
"""

from __future__ import annotations

import hmac

from vault.age.errors import CommitmentError

FILE_KEY_SIZE = 16
NONCE_SIZE = 16

_COMMITMENT_LABEL = b"vault/v1/commitment"


def hkdf(secret: bytes, *, salt: bytes, info: bytes) -> bytes:
    """Return 32 bytes by HKDF-SHA-256."""
    extracted = hmac.digest(salt, secret, "sha256")
    return hmac.digest(extracted, info + b"\x01", "sha256")


def header_mac(file_key: bytes, authenticated: bytes) -> bytes:
    """Return the MAC of a header, 32 bytes; `authenticated` is the header up to and including `---`."""
    return hmac.digest(hkdf(file_key, salt=b"", info=b"header"), authenticated, "sha256")


def payload_key(file_key: bytes, nonce: bytes) -> bytes:
    """Return the key of the STREAM, 32 bytes; `nonce` are the 16 bytes after the header.

    A pair of file key and nonce encrypts one plaintext only.
    """
    return hkdf(file_key, salt=nonce, info=b"payload")


def commitment(file_key: bytes) -> bytes:
    """Return 32 bytes that bind to the file key and reveal nothing of it.

    ChaCha20-Poly1305 does not commit to its key: an attacker can make one body that opens as two texts under two file
    keys. The payload's nonce is not mixed in, because the record that carries the commitment states the nonce itself.
    """
    return hkdf(file_key, salt=b"", info=_COMMITMENT_LABEL)


def committed_payload_key(file_key: bytes, nonce: bytes, expected: bytes) -> bytes:
    """Return the key of the STREAM for a given file key; raise CommitmentError if the commitment is to another key."""
    if not hmac.compare_digest(commitment(file_key), expected):
        raise CommitmentError("the file key is not the one that was committed to")
    return payload_key(file_key, nonce)
