"""A member's details and credentials, sealed by the member's own subject."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field, replace
from datetime import datetime

from vault.domain.people import MemberRow
from vault.errors import InvalidInputError
from vault.flows.context import Ports
from vault.ports.keystore import Subject, SubjectKind
from vault.records.encoding import fold_address, from_base64url, to_base64url
from vault.records.standing import salted_digest
from vault.records.strict_json import dump, parse_object
from vault.records.table import SMALL
from vault.records.types.roster import Roster, recipient_hash


@dataclass(frozen=True, slots=True)
class Details:
    """A member's details, sealed by the server; `salt` opens the roster's `card`."""

    id: str
    name: str
    email: str
    recipient: str
    salt: bytes


@dataclass(frozen=True, slots=True)
class Credentials:
    """How a member signs in: the password key's parameters (JSON text), the login secret, the sealed keyring.

    `lock` holds the keyring's key under the password key, `recovery` the same for the recovery sheet: a director's.
    """

    parameters: bytes
    login: bytes = field(repr=False)
    keyring: bytes = field(repr=False)
    lock: bytes = field(repr=False)
    totp: bytes = field(repr=False)
    recovery: bytes | None = field(default=None, repr=False)


def subject_of(member: str) -> Subject:
    """The member's subject."""
    return Subject(SubjectKind.MEMBER, member)


def check_details(roster: Roster, details: Details) -> None:
    """Raise InvalidInputError unless the roster's `card` and recipient hash are those of the details."""
    member = roster.member(details.id)
    card = salted_digest("card", details.salt, details.name.encode(), details.email.lower().encode())
    if member is None or not hmac.compare_digest(member.card, card):
        raise InvalidInputError("a member's name and address are not what the roster says")
    if member.recipient != recipient_hash(details.recipient):
        raise InvalidInputError("a member's recipient is not what the roster says")


def email_key(ports: Ports, email: str) -> bytes:
    """The look-up key of an e-mail address: an HMAC, so that the table reveals no address."""
    return hmac.digest(ports.installation.secret("lookup"), fold_address(email).encode(), hashlib.sha256)


def seal_member(ports: Ports, details: Details, credentials: Credentials | None, now: datetime) -> MemberRow:
    """The row of a member, its fields sealed by the member's own subject (which must exist)."""
    subject = subject_of(details.id)

    def seal(name: str, value: bytes) -> bytes:
        return ports.keystore.seal(subject, f"member.{name}", details.id, value)

    text = {"name": details.name, "email": details.email, "recipient": details.recipient}
    row = MemberRow(
        id=details.id,
        email=email_key(ports, details.email),
        details=seal("details", dump({"v": 1, **text, "salt": to_base64url(details.salt)})),
        parameters=None,
        login=None,
        totp=None,
        keyring=None,
        lock=None,
        recovery=None,
        totp_step=0,
        created_at=now,
    )
    if credentials is None:
        return row
    return replace(
        row,
        parameters=credentials.parameters,
        login=seal("login", digest(credentials.login)),
        totp=seal("totp", credentials.totp),
        keyring=seal("keyring", credentials.keyring),
        lock=seal("lock", credentials.lock),
        recovery=None if credentials.recovery is None else seal("recovery", credentials.recovery),
        password_at=now,
        factor_at=now,
    )


def seal_lock(ports: Ports, member: str, lock: bytes) -> bytes:
    """A member's lock for the recovery sheet, as her row holds it."""
    return ports.keystore.seal(subject_of(member), "member.recovery", member, lock)


def without_access(row: MemberRow) -> MemberRow:
    """The row of somebody who has left: nothing of hers signs in, and her address is free for whoever joins by it."""
    return replace(
        row,
        email=digest(b"left" + row.email + row.id.encode()),
        parameters=None,
        login=None,
        totp=None,
        keyring=None,
        lock=None,
        recovery=None,
    )


def renamed(ports: Ports, row: MemberRow, details: Details) -> MemberRow:
    """The row with other details; raises InvalidInputError for another address, which her password key depends on."""
    if email_key(ports, details.email) != row.email:
        raise InvalidInputError("a member's address changes by an invitation of her own")
    return replace(row, details=seal_member(ports, details, None, row.created_at).details)


def open_details(ports: Ports, row: MemberRow) -> Details:
    """The details in a member's row; raises as `Keystore.unseal`."""
    return read_details(row.id, ports.keystore.unseal(subject_of(row.id), "member.details", row.id, row.details))


def read_details(member: str, raw: bytes) -> Details:
    """The details from their stored text."""
    fields = parse_object(raw.strip(), limit=SMALL)
    return Details(member, fields["name"], fields["email"], fields["recipient"], from_base64url(fields["salt"]))


def digest(secret: bytes) -> bytes:
    """The SHA-256 of a secret: enough to compare, so nothing else is stored."""
    return hashlib.sha256(secret).digest()
