"""Files of recipients and identities: KeyStringError that shows nothing of them, or keys that can be used.

Promise: only KeyStringError comes out, and no more of the file in its text than the number of a line; a key that was
accepted writes itself back, and wraps a file key or refuses by RecipientError. Public keys are valid in full: a
payload is checked as a key, not only as a checksum.
"""

# ruff: noqa: PT017 - a harness looks at what comes out, whichever way it comes
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.fuzz.identities import HYBRID, X25519
from tests.fuzz.pieces import Reader
from vault.age import (
    KeyStringError,
    RecipientError,
    bech32,
    parse_identities,
    parse_identity,
    parse_recipient,
    parse_recipients,
)

LONGEST = 4096
FILE_KEY = b"k" * 16


def check(data: bytes) -> None:
    reader = Reader(data)
    way, rest = reader.number(), reader.rest()
    if way % 3 == 0:
        text = rest.decode("utf-8", "replace")
        for parse, parse_one in ((parse_recipients, parse_recipient), (parse_identities, parse_identity)):
            check_file(text, parse, parse_one)
    elif way % 3 == 1:
        check_payload("age", rest)
    else:
        check_payload("age1pq", rest)


def check_file(text: str, parse: Callable[[str], list[Any]], parse_one: Callable[[str], Any]) -> None:
    try:
        keys = parse(text)
    except KeyStringError as error:
        assert len(str(error)) < 200
        return
    assert keys
    for key in keys:
        assert parse_one(key.to_string()).to_string() == key.to_string()
        check_use(key)


def check_payload(prefix: str, payload: bytes) -> None:
    """A public key with a good checksum."""
    try:
        key = parse_recipient(bech32.encode(prefix, payload))
    except KeyStringError:
        return
    assert key.to_bytes() == payload
    check_use(key)


def check_use(key: Any) -> None:
    recipient = key.recipient() if hasattr(key, "recipient") else key
    try:
        stanza = recipient.wrap(FILE_KEY)
    except RecipientError:
        return
    assert len(stanza.body) == 32


def seeds() -> dict[str, bytes]:
    recipients = [X25519.recipient().to_string(), "# a comment", "", HYBRID.recipient().to_string()]
    identities = ["# created: today", X25519.to_string(), HYBRID.to_string()]
    return {
        "recipients": b"\x00" + "\n".join(recipients).encode(),
        "identities": b"\x00" + "\r\n".join(identities).encode(),
        "x25519": b"\x01" + X25519.recipient().to_bytes(),
        "hybrid": b"\x02" + HYBRID.recipient().to_bytes(),
    }
