"""From a password to its two keys: Argon2id, with limits on both sides set by this code, not by a server.

FORMAT.md, "Basics" (Argon2id) and "Keys" (password key, login secret, keyring key).
"""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from dataclasses import dataclass
from typing import Any

from nacl.bindings import crypto_pwhash_alg, crypto_pwhash_ALG_ARGON2ID13

from vault.boxes import hkdf
from vault.errors import InvalidInputError
from vault.records import read
from vault.records.encoding import RecordError, fold_address, to_base64url
from vault.records.strict_json import dump
from vault.sdk.errors import WeakParametersError
from vault.sdk.keys import characters
from vault.secret import Secret

ALGORITHM = "argon2id"
SALT_SIZE = 16
FLOOR_MEMORY, CEILING_MEMORY = 64 * 1024, 1024 * 1024  # KiB
FLOOR_PASSES, CEILING_PASSES = 3, 16


@dataclass(frozen=True, slots=True)
class Parameters:
    """The cost of a derivation, and the random part of its salt; `memory` in KiB."""

    salt: bytes
    memory: int = FLOOR_MEMORY
    passes: int = FLOOR_PASSES

    def salt_of(self, email: str) -> bytes:
        """Argon2's salt: a server that hands everybody the same parameters still has no two members on one salt."""
        mixed = b"vault/v1/password/salt" + self.salt + fold_address(email).encode()
        return hashlib.sha256(mixed).digest()[:SALT_SIZE]

    def to_json(self) -> dict[str, Any]:
        """The JSON form, also bound to the password's lock: these keys, in this order."""
        return {
            "algorithm": ALGORITHM,
            "lanes": 1,
            "memory": self.memory,
            "passes": self.passes,
            "salt": to_base64url(self.salt),
        }

    def text(self) -> bytes:
        """The JSON text, associated data of the password's lock."""
        return dump(self.to_json())


@dataclass(frozen=True, slots=True)
class PasswordKey:
    """The keys of a password: `login` goes to the server, `keyring` opens the lock and never leaves the device."""

    login: Secret
    keyring: Secret


def new_parameters() -> Parameters:
    """The lowest allowed cost, with a new salt."""
    return Parameters(secrets.token_bytes(SALT_SIZE))


def read_parameters(value: dict[str, Any]) -> Parameters:
    """Parameters from a server; raises WeakParametersError outside the limits, or for malformed ones."""
    try:
        read.one_of(value, "algorithm", frozenset({ALGORITHM}))
        read.integer(value, "lanes", least=1, most=1)
        memory = read.integer(value, "memory", least=FLOOR_MEMORY, most=CEILING_MEMORY)
        passes = read.integer(value, "passes", least=FLOOR_PASSES, most=CEILING_PASSES)
        return Parameters(read.octets(value, "salt", SALT_SIZE), memory, passes)
    except RecordError as error:
        raise WeakParametersError(
            f"the server asks for a password derivation that is not safe: {error}",
            advice="Nothing was sent. Check DOSSIER_URL, and tell the person who runs the server.",
        ) from error


def normalise(password: str) -> bytes:
    """The password in NFKC as UTF-8: the same bytes from every keyboard.

    Raises InvalidInputError for a code point that Unicode 14 does not assign: what NFKC makes of it depends on the age
    of the device.
    """
    if not characters.all_assigned(password):
        raise InvalidInputError(
            "the password has a character that devices do not agree about",
            advice="Nothing was sent. Leave out very new signs and emoji.",
        )
    return unicodedata.normalize("NFKC", password).encode("utf-8")


def argon2id(secret: bytes, salt: bytes, *, memory: int = FLOOR_MEMORY, passes: int = FLOOR_PASSES) -> Secret:
    """Argon2id 1.3, one lane, 32 bytes of output; `memory` in KiB, `salt` 16 bytes."""
    derived: bytes = crypto_pwhash_alg(32, secret, salt, passes, memory * 1024, crypto_pwhash_ALG_ARGON2ID13)
    return Secret(derived)


def derive(password: str, email: str, parameters: Parameters) -> PasswordKey:
    """Both keys of a password; takes a tenth of a second."""
    salt = parameters.salt_of(email)
    key = argon2id(normalise(password), salt, memory=parameters.memory, passes=parameters.passes)
    return PasswordKey(hkdf(key, "vault/v1/password/login"), hkdf(key, "vault/v1/password/keyring"))
