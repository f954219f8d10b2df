"""The practice, its chains and its members, as the server knows them: details and credentials are sealed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PracticeRow:
    """The one practice of this installation; `setup` is the hash of roster 1, `director` the member who made it.

    `sheet`: SHA-256 of the login secret of the recovery sheet in force, the same for every director.
    """

    id: str
    setup: str
    director: str
    sheet: bytes
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ChainRow:
    """A stored version of the roster or the policy: exact bytes and signatures."""

    kind: str
    version: int
    hash: str
    record: bytes
    signatures: bytes


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One member. `email` is an HMAC; every other bytes field but `parameters` is sealed by subject `member`.

    `details`: JSON with name, e-mail, recipient, salt of the card. `parameters`: the password key's parameters and
    salt, JSON. `login`: SHA-256 of the login secret. `keyring`: sealed by the client under a random key. `lock`:
    that key under the password key. `recovery`: that key for the recovery sheet. `totp_step`: the last one-time step
    used. `password_at` and `factor_at`: when these last changed. A member without `login` has not enrolled yet and
    cannot sign in.
    """

    id: str
    email: bytes
    details: bytes
    parameters: bytes | None
    login: bytes | None
    totp: bytes | None
    keyring: bytes | None
    lock: bytes | None
    recovery: bytes | None
    totp_step: int
    created_at: datetime
    password_at: datetime | None = None
    factor_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FormerRow:
    """A member's credentials as they were until `at`, sealed as they were: a director may give them back."""

    member: str
    at: datetime
    parameters: bytes
    login: bytes
    totp: bytes
    keyring: bytes
    lock: bytes
    recovery: bytes | None
    totp_step: int
    password_at: datetime | None
    factor_at: datetime | None
