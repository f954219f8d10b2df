"""Bech32: KeyStringError, or a text with exactly one spelling.

Promise: only KeyStringError comes out; what is accepted encodes back to the same text in lower case; every payload
comes back.
"""

from __future__ import annotations

from tests.fuzz.identities import HYBRID, X25519
from vault.age import KeyStringError, bech32

LONGEST = 6000


def check(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    assert bech32.decode(bech32.encode("age", data[:2000])) == ("age", data[:2000])
    try:
        prefix, payload = bech32.decode(text)
    except KeyStringError:
        return
    assert text in {text.lower(), text.upper()}
    assert bech32.encode(prefix.lower(), payload) == text.lower()


def seeds() -> dict[str, bytes]:
    return {
        "recipient": X25519.recipient().to_string().encode(),
        "identity": X25519.to_string().encode(),
        "hybrid-recipient": HYBRID.recipient().to_string().encode(),
        "hybrid-identity": HYBRID.to_string().encode(),
        "short": bech32.encode("a", b"").encode(),
    }
