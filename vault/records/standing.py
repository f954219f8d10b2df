"""The roster that a record refers to, and salted digests of content that is not public."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Annotated, Any

from vault.errors import IntegrityError
from vault.records import read
from vault.records.encoding import lp
from vault.records.fields import At, Hash, Ordinal
from vault.records.record import read_fields, write_fields


@dataclass(frozen=True, slots=True)
class Standing:
    """A reference to a roster: its version and its hash."""

    version: Ordinal
    hash: Hash

    def to_json(self) -> dict[str, Any]:
        """The value of the field `roster`."""
        return write_fields(self)


StandsOn = Annotated[Standing, At("roster")]


def read_standing(fields: read.Fields) -> Standing:
    """Read the field `roster`, present in every record but the roster."""
    return read_fields(Standing, read.mapping(fields, "roster"))


def new_salt() -> bytes:
    """Sixteen random bytes, so that a digest's input cannot be guessed."""
    return secrets.token_bytes(16)


def salted_digest(label: str, salt: bytes, *parts: bytes) -> str:
    """SHA-256(lp(label) ‖ lp(salt) ‖ lp(part) …) as hex; `label` without the `vault/v1/` prefix."""
    return hashlib.sha256(lp(b"vault/v1/" + label.encode(), salt, *parts)).hexdigest()


def text_digest(kind: str, text: bytes) -> str:
    """The digest of an encrypted text for its record of type `kind`; the plaintext contains a salt."""
    return hashlib.sha256(lp(b"vault/v1/text/" + kind.encode(), text)).hexdigest()


def check_text(kind: str, text: bytes, expected: str) -> None:
    """Raise IntegrityError unless `text` has the digest in the record."""
    if not hmac.compare_digest(text_digest(kind, text), expected):
        raise IntegrityError(f"the text of a {kind} is not the one that was signed")
