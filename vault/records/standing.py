"""Which roster a record stands on, and how salted digests bind what is not written in clear."""

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
    """A version of the roster, and its hash."""

    version: Ordinal
    hash: Hash

    def to_json(self) -> dict[str, Any]:
        """The value of the field `roster`."""
        return write_fields(self)


StandsOn = Annotated[Standing, At("roster")]


def read_standing(fields: read.Fields) -> Standing:
    """The field `roster` that every record but the roster carries."""
    return read_fields(Standing, read.mapping(fields, "roster"))


def new_salt() -> bytes:
    """Sixteen random bytes that keep a digest from being guessed."""
    return secrets.token_bytes(16)


def salted_digest(label: str, salt: bytes, *parts: bytes) -> str:
    """SHA-256(lp(label) ‖ lp(salt) ‖ lp(part) …) as hex; `label` without the `vault/v1/` prefix."""
    return hashlib.sha256(lp(b"vault/v1/" + label.encode(), salt, *parts)).hexdigest()


def text_digest(kind: str, text: bytes) -> str:
    """What a record of type `kind` says of its encrypted text: a digest of the plaintext, which holds a salt itself."""
    return hashlib.sha256(lp(b"vault/v1/text/" + kind.encode(), text)).hexdigest()


def check_text(kind: str, text: bytes, expected: str) -> None:
    """Raise IntegrityError unless `text` is the plaintext the record speaks of."""
    if not hmac.compare_digest(text_digest(kind, text), expected):
        raise IntegrityError(f"the text of a {kind} is not the one that was signed")
