"""Fixed identities of every type, and small files for them."""

from __future__ import annotations

from functools import cache

from vault.age import HybridIdentity, ScryptIdentity, ScryptRecipient, X25519Identity, encrypt

HYBRID = HybridIdentity(b"h" * 32)
X25519 = X25519Identity(b"x" * 32)
WORK_FACTOR = 2
SCRYPT = ScryptIdentity("correct horse", max_work_factor=WORK_FACTOR + 2)
PLAINTEXT = b"a small report"


@cache
def sample(name: str) -> bytes:
    """A file for one of the identities, with fixed file key and nonce."""
    recipients = {
        "hybrid": HYBRID.recipient(),
        "x25519": X25519.recipient(),
        "scrypt": ScryptRecipient("correct horse", work_factor=WORK_FACTOR),
    }
    return encrypt(PLAINTEXT, [recipients[name]], file_key=b"k" * 16, nonce=b"n" * 16)
