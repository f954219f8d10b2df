"""The scrypt recipient type (age v1, "The scrypt recipient type"): a passphrase, alone in its header."""

from __future__ import annotations

import os
import re

from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from vault.age.errors import HeaderError, RecipientError
from vault.age.format import Stanza, decode_unpadded, encode_unpadded
from vault.age.recipients import Family, check_shape, unwrap_file_key, wrap_file_key

STANZA_TYPE = "scrypt"
WORK_FACTOR = 18
# 2^22 costs 4 GiB and some 15 seconds: more is an attack on whoever opens the file.
MAX_WORK_FACTOR = 22

_SALT_LABEL = b"age-encryption.org/v1/scrypt"
_SALT_SIZE = 16
_WORK_FACTOR_GRAMMAR = re.compile(r"[1-9][0-9]?")


def _wrapping_key(passphrase: str, salt: bytes, work_factor: int) -> bytes:
    kdf = Scrypt(salt=_SALT_LABEL + salt, length=32, n=1 << work_factor, r=8, p=1)
    return kdf.derive(passphrase.encode())


class ScryptRecipient:
    """A recipient who knows the passphrase."""

    __slots__ = ("_passphrase", "_work_factor")

    family: Family = "passphrase"

    def __init__(self, passphrase: str, *, work_factor: int = WORK_FACTOR) -> None:
        """Take the passphrase and the binary logarithm of scrypt's N."""
        if not passphrase:
            raise RecipientError("an empty passphrase protects nothing")
        self._passphrase = passphrase
        self._work_factor = work_factor

    def __repr__(self) -> str:
        return "ScryptRecipient(…)"

    def wrap(self, file_key: bytes) -> Stanza:
        """Return a stanza for this passphrase, under a new salt."""
        salt = os.urandom(_SALT_SIZE)
        body = wrap_file_key(_wrapping_key(self._passphrase, salt, self._work_factor), file_key)
        return Stanza(STANZA_TYPE, (encode_unpadded(salt), str(self._work_factor)), body)


class ScryptIdentity:
    """A passphrase that a person entered."""

    __slots__ = ("_max_work_factor", "_passphrase")

    def __init__(self, passphrase: str, *, max_work_factor: int = MAX_WORK_FACTOR) -> None:
        self._passphrase = passphrase
        self._max_work_factor = max_work_factor

    def __repr__(self) -> str:
        return "ScryptIdentity(…)"

    def unwrap(self, stanza: Stanza) -> bytes | None:
        """Return the file key; None for another passphrase's stanza; HeaderError for a malformed or too costly one."""
        if stanza.type != STANZA_TYPE:
            return None
        check_shape(stanza, args=2)
        salt = decode_unpadded(stanza.args[0].encode("ascii"))
        if len(salt) != _SALT_SIZE or not _WORK_FACTOR_GRAMMAR.fullmatch(stanza.args[1]):
            raise HeaderError("the scrypt stanza is malformed")
        work_factor = int(stanza.args[1])
        if work_factor > self._max_work_factor:
            raise HeaderError(f"the passphrase's work factor, {work_factor}, is over {self._max_work_factor}")
        return unwrap_file_key(_wrapping_key(self._passphrase, salt, work_factor), stanza.body)
