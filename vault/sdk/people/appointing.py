"""Changes to the roster: members who come, leave, or get another name or role, and a new recovery sheet."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from vault.errors import InvalidInputError
from vault.records.encoding import new_id, to_base64url
from vault.records.envelope import cosigned
from vault.records.standing import new_salt, salted_digest
from vault.records.types.lock import Lock
from vault.records.types.roster import DIRECTOR, NEW_ROOT, ORDINARY, ROLES, Roster, RosterMember, recipient_hash
from vault.sdk.errors import AnswerError
from vault.sdk.keys.locks import sheet_lock
from vault.sdk.keys.sheet import Sheet
from vault.sdk.one_line import check_line
from vault.sdk.people.policies import change_policy
from vault.sdk.people.session import SignedIn
from vault.sdk.server.retry import again

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


def dismiss(signed_in: SignedIn, member: str, sheet: Sheet | None = None) -> None:
    """End a membership, signed by a director; what she held is then taken over, dossier by dossier.

    Who dismisses a director gives a new recovery sheet, printed before: she may know the words of the old one.
    Raises InvalidInputError for one who is no member, oneself, or a director without a new sheet.
    """
    signed_in.refresh()
    newest, now = signed_in.rosters.newest, signed_in.now()
    check_other(signed_in, member)
    _check_sheet(signed_in, member, sheet)
    members = tuple(replace(each, until=now) if each.id == member else each for each in newest.members)
    post_roster(signed_in, replace(newest, members=members), [], sheet)


def rename(signed_in: SignedIn, member: str, name: str) -> None:
    """Give a member another name, signed by a director."""
    signed_in.refresh()
    newest, entry = signed_in.rosters.newest, signed_in.rosters.newest.member(member)
    if entry is None or not entry.active:
        raise InvalidInputError("this is no member of the practice")
    _, email = signed_in.card_of(member)
    if not email:
        raise AnswerError("the server does not give the address of this member", advice="Nothing was changed.")
    renamed = new_member(
        Person(name, email, entry.signing, signed_in.recipient_of(member)), entry.role, entry.since, member=member
    )
    members = tuple(replace(each, card=renamed.entry.card) if each.id == member else each for each in newest.members)
    post_roster(signed_in, replace(newest, members=members), [renamed.details])


def change_role(signed_in: SignedIn, member: str, role: str, sheet: Sheet | None = None) -> None:
    """Give a member another role, signed by a director; who is no director any more takes the old sheet along.

    Raises InvalidInputError as `dismiss`, and for an unknown role.
    """
    if role not in ROLES:
        raise InvalidInputError(f"a role is one of {', '.join(sorted(ROLES))}")
    signed_in.refresh()
    newest = signed_in.rosters.newest
    check_other(signed_in, member)
    if role != DIRECTOR:
        _check_sheet(signed_in, member, sheet)
    members = tuple(replace(each, role=role) if each.id == member else each for each in newest.members)
    post_roster(signed_in, replace(newest, members=members), [], sheet)


def renew_sheet(signed_in: SignedIn, sheet: Sheet) -> None:
    """Put a new recovery sheet, printed before, in the place of the old one, which opens nothing from then on."""
    signed_in.refresh()
    post_roster(signed_in, signed_in.rosters.newest, [], sheet)


def post_roster(
    signed_in: SignedIn,
    changed: Roster,
    details: list[dict[str, Any]],
    sheet: Sheet | None = None,
    invitation: str | None = None,
) -> None:
    """Sign and send the roster after the newest one, with other members or another recovery sheet.

    A new sheet's root signs it as well, and the caller's lock for it comes along: no moment is without one.

    Where whoever signed the policy leaves by it, the caller signs the same one anew, before: nobody who comes later
    would find one in force, and no sheet.
    """
    if not any(member.id == signed_in.policy.signer and member.active for member in changed.members):
        change_policy(signed_in)
    newest = signed_in.rosters.newest
    request: dict[str, Any] = {"members": details}
    if sheet is not None:
        recovery = sheet.identity.recipient().to_string()
        changed = replace(changed, root=sheet.root_key, recovery=recovery)
        lock = Lock(signed_in.standing, bytes(signed_in.keyring_key), signed_in.now())
        sealed = sheet_lock(signed_in.sign("lock", lock.content()), recovery)
        request["sheet"] = {"login": to_base64url(sheet.login), "lock": to_base64url(sealed)}
    request |= {} if invitation is None else {"invitation": invitation}
    roster = replace(changed, version=newest.version + 1, previous=newest.hash, kind=ORDINARY, at=signed_in.now())
    envelope = signed_in.sign("roster", roster.content())
    if sheet is not None:
        envelope = cosigned(envelope, NEW_ROOT, sheet.root)
    signed_in.rosters.append(envelope)
    again(lambda: signed_in.api.post("/roster", json={"roster": envelope.to_json(), **request}))
    signed_in.refresh()


def check_other(signed_in: SignedIn, member: str) -> None:
    """Raise InvalidInputError for one who is no member, or oneself."""
    entry = signed_in.rosters.newest.member(member)
    if entry is None or not entry.active:
        raise InvalidInputError("this is no member of the practice")
    if member == signed_in.member:
        raise InvalidInputError(
            "nobody takes her own place in the practice away", advice="Another director can: ask her."
        )


def _check_sheet(signed_in: SignedIn, member: str, sheet: Sheet | None) -> None:
    if (member in signed_in.rosters.newest.directors) != (sheet is not None):
        raise InvalidInputError("exactly with a director a new recovery sheet comes in the place of the old one")


def check_email(email: str) -> str:
    """Check the form of an e-mail address; raises InvalidInputError."""
    address = check_line(email, "e-mail address", MAX_EMAIL)
    local, at, host = address.rpartition("@")
    if not at or not local or "." not in f".{host}" or not host or any(c.isspace() for c in address):
        raise InvalidInputError(f"this is no e-mail address: {address}", advice="Write it as name@example.nl.")
    return address
