"""Changes to the roster: cards, members, appointing a member."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from vault.errors import InvalidInputError
from vault.records.encoding import new_id, to_base64url
from vault.records.standing import new_salt, salted_digest
from vault.records.types.roster import ROLES, Roster, RosterMember, recipient_hash
from vault.sdk.one_line import check_line
from vault.sdk.people.session import SignedIn

MAX_NAME, MAX_EMAIL = 200, 254


@dataclass(frozen=True, slots=True)
class Person:
    """A new member: her name and address, and the public halves of the keys made on her own device."""

    name: str
    email: str
    signing: bytes
    recipient: str


@dataclass(frozen=True, slots=True)
class NewMember:
    """A roster entry, and the details that the server keeps sealed."""

    entry: RosterMember
    details: dict[str, Any]


def new_member(person: Person, role: str, since: datetime, *, member: str | None = None) -> NewMember:
    """An entry for a new member; its card commits to name and address without revealing them."""
    if role not in ROLES:
        raise InvalidInputError(f"a role is one of {', '.join(sorted(ROLES))}")
    name, email, salt = check_line(person.name, "name", MAX_NAME), check_email(person.email), new_salt()
    entry = RosterMember(
        id=member or new_id(),
        role=role,
        signing=person.signing,
        recipient=recipient_hash(person.recipient),
        card=salted_digest("card", salt, name.encode(), email.lower().encode()),
        since=since,
    )
    details = {
        "id": entry.id,
        "name": name,
        "email": email,
        "recipient": person.recipient,
        "salt": to_base64url(salt),
    }
    return NewMember(entry, details)


def appoint(signed_in: SignedIn, person: Person, role: str) -> str:
    """Add a member to the roster, signed by a director; returns her id. She gets no existing dossiers yet."""
    signed_in.refresh()
    newest, joined = signed_in.rosters.newest, new_member(person, role, signed_in.now())
    post_roster(signed_in, replace(newest, members=(*newest.members, joined.entry)), [joined.details])
    return joined.entry.id


def dismiss(signed_in: SignedIn, member: str) -> None:
    """End a coach's membership, signed by a director; what she held is then taken over, dossier by dossier.

    Raises InvalidInputError for one who is no coach of the practice: dismissing a director takes a new recovery sheet.
    """
    signed_in.refresh()
    newest, now = signed_in.rosters.newest, signed_in.now()
    entry = newest.member(member)
    if entry is None or not entry.active or member in newest.directors:
        raise InvalidInputError("only a coach of the practice is dismissed this way")
    members = tuple(replace(each, until=now) if each.id == member else each for each in newest.members)
    post_roster(signed_in, replace(newest, members=members), [])


def post_roster(signed_in: SignedIn, changed: Roster, details: list[dict[str, Any]]) -> None:
    """Sign and send the roster after the newest one, with other members."""
    newest = signed_in.rosters.newest
    roster = replace(changed, version=newest.version + 1, previous=newest.hash, kind="ordinary", at=signed_in.now())
    envelope = signed_in.sign("roster", roster.content())
    signed_in.rosters.append(envelope)
    signed_in.api.post("/roster", json={"roster": envelope.to_json(), "members": details})
    signed_in.refresh()


def check_email(email: str) -> str:
    """Check the form of an e-mail address; raises InvalidInputError."""
    address = check_line(email, "e-mail address", MAX_EMAIL)
    local, at, host = address.rpartition("@")
    if not at or not local or "." not in f".{host}" or not host or any(c.isspace() for c in address):
        raise InvalidInputError(f"this is no e-mail address: {address}", advice="Write it as name@example.nl.")
    return address
