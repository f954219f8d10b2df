"""Locks: each holds the one random key that the keyring is sealed under (FORMAT.md, "Keyring").

A new password or a new sheet makes a new lock; keyring and other locks stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vault.boxes import box, unbox
from vault.records import read
from vault.records.encoding import RecordError, from_base64url, lp, to_base64url
from vault.records.envelope import Envelope, parse
from vault.records.types.roster import SUITE
from vault.sdk.errors import AnswerError
from vault.sdk.keys.keyring import KEY_SIZE, MAX_KEYRING, Keyring, open_keyring
from vault.sdk.keys.password_key import Parameters, read_parameters
from vault.secret import Secret

if TYPE_CHECKING:
    from vault.age import HybridIdentity

MAX_SHEET_LOCK = 8 * MAX_KEYRING


@dataclass(frozen=True, slots=True)
class Locked:
    """A sealed keyring with its lock for the password, and the parameters of the password key."""

    parameters: Parameters
    lock: bytes
    keyring: bytes

    def open(self, password_key: bytes, member: str) -> tuple[Keyring, Secret]:
        """The keyring and its key; raises BoxError for another password, member or parameters, and RecordError."""
        key = Secret(unbox(password_key, _place(member, self.parameters), self.lock))
        if len(key) != KEY_SIZE:
            raise RecordError("a lock holds another key than a keyring has")
        return open_keyring(self.keyring, key, member), key

    def to_json(self) -> dict[str, Any]:
        """The JSON form, for the server and for the device's disk."""
        return {
            "parameters": self.parameters.to_json(),
            "lock": to_base64url(self.lock),
            "keyring": to_base64url(self.keyring),
        }


def read_locked(fields: dict[str, Any]) -> Locked:
    """The inverse of `to_json`; raises RecordError, and WeakParametersError before anything is derived."""
    return Locked(
        read_parameters(read.mapping(fields, "parameters")),
        from_base64url(read.text(fields, "lock", limit=MAX_KEYRING)),
        from_base64url(read.text(fields, "keyring", limit=2 * MAX_KEYRING)),
    )


def password_lock(key: bytes, password_key: bytes, member: str, parameters: Parameters) -> bytes:
    """The keyring's key under a password key that was derived with these parameters."""
    return box(password_key, _place(member, parameters), bytes(key))


def sheet_lock(signed: Envelope, recovery: str) -> bytes:
    """A signed `lock` record as an age file to the roster's `recovery` recipient."""
    from vault.age import encrypt, parse_recipient  # noqa: PLC0415 - loads `cryptography`

    return encrypt(signed.to_bytes(), [parse_recipient(recovery)])


def open_sheet_lock(sealed: bytes, identity: HybridIdentity) -> Envelope:
    """The `lock` record; its signature is not verified here. Raises AnswerError for a file of another sheet."""
    from vault.age import AgeError, decrypt  # noqa: PLC0415 - loads `cryptography`

    try:
        return parse(decrypt(sealed, [identity], expect=SUITE), "lock")
    except (AgeError, RecordError) as error:
        raise AnswerError("the server's copy of the keyring does not open with this sheet") from error


def _place(member: str, parameters: Parameters) -> bytes:
    return lp(b"vault/v1/lock/password", member.encode(), parameters.text())
