"""Invitations: made by a director, used once by whoever holds the link, and confirmed by the next roster.

Until then whoever joined is nobody here: what she sent is sealed under a key of its own, and gives no right.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import datetime

from vault import totp
from vault.domain.invitations import MOST_INVITATIONS, InvitationRow
from vault.errors import InvalidInputError
from vault.flows.answers import decide
from vault.flows.context import Caller, ChainPage, Ports, chain_envelope, rosters
from vault.flows.erasures.rowless import check_kept
from vault.flows.people.joining import Joined, open_joined, seal_joined
from vault.flows.people.members import Credentials, Details, digest, subject_of
from vault.ports.store import Named, Transaction
from vault.rules.terms import CLOCK_SLACK, INVITATION_LIFE
from vault.rules.verdict import Refused

INVITATIONS = Named("invitations")
PAGE = 500
UNAVAILABLE = Refused("link_unavailable")
MIN_TOTP = 16  # RFC 4226 section 4, R6


@dataclass(frozen=True, slots=True)
class NewInvitation:
    """A director's invitation: `possess` is the SHA-256 of the link's proof, `sealed` the signed record."""

    id: str
    possess: bytes
    sealed: bytes
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """An invitation as directors see it; `joined` is what came with it, None while nobody has joined."""

    row: InvitationRow
    joined: Joined | None


@dataclass(frozen=True, slots=True)
class Invited:
    """What the holder of a link is shown: until when, and the chains to verify the practice by, a page of each."""

    expires_at: datetime
    rosters: ChainPage
    policies: ChainPage


@dataclass(frozen=True, slots=True)
class Join:
    """The request of whoever joins: her details, public key, and the link's code over both, for the directors."""

    possess: bytes = field(repr=False)
    details: Details
    signing: bytes
    mac: bytes
    credentials: Credentials
    code: str = field(repr=False)


def invite(ports: Ports, caller: Caller, new: NewInvitation, now: datetime) -> InvitationRow | Refused:
    """Keep a director's invitation; repeating it gives the same answer. Raises ConflictError for another one."""
    if not now < new.expires_at <= now + INVITATION_LIFE + CLOCK_SLACK:
        return Refused("limit")
    row = InvitationRow(new.id, caller.member, new.possess, new.sealed, now, new.expires_at)

    def work(tx: Transaction) -> InvitationRow | Refused:
        if caller.member not in rosters(tx).newest.directors:
            return Refused("not_allowed")
        there = tx.invitation(new.id)
        if there is not None and (there.inviter, there.possess, there.sealed) == (
            caller.member,
            new.possess,
            new.sealed,
        ):
            return there
        if len(tx.invitations()) >= MOST_INVITATIONS:
            return Refused("limit")
        tx.add_invitation(row)
        return row

    return decide(ports.store, work, INVITATIONS)


def invitations(ports: Ports, caller: Caller) -> list[Waiting] | Refused:
    """For a director: every invitation that waits for somebody."""
    with ports.store.reading() as tx:
        if caller.member not in rosters(tx).newest.directors:
            return Refused("not_allowed")
        rows = tx.invitations()
    return [Waiting(row, open_joined(ports, row)) for row in rows]


def revoke(ports: Ports, caller: Caller, invitation: str) -> Refused | None:
    """End an invitation, used or not; the key of who had joined is shredded as one without a row. Repeatable."""

    def work(tx: Transaction) -> Refused | None:
        if caller.member not in rosters(tx).newest.directors:
            return Refused("not_allowed")
        tx.remove_invitation(invitation)
        return None

    return decide(ports.store, work, INVITATIONS)


def look(ports: Ports, invitation: str, possess: bytes, after: tuple[int, int], now: datetime) -> Invited | Refused:
    """What the link's holder may see before she joins, rosters and policies above these versions."""
    with ports.store.reading() as tx:
        row = _held(tx, invitation, possess)
        if row is None or now >= row.expires_at:
            return UNAVAILABLE
        pages = [
            tx.chain(kind, after=above, limit=PAGE) for kind, above in zip(("roster", "policy"), after, strict=True)
        ]
    found = [
        ChainPage(tuple(map(chain_envelope, rows)), rows[-1].version if len(rows) >= PAGE else None) for rows in pages
    ]
    return Invited(row.expires_at, *found)


def join(ports: Ports, invitation: str, request: Join, now: datetime) -> str | Refused:
    """Take the request of the first who joins by the link; her id. Repeating it gives the same answer.

    Raises InvalidInputError for one that contradicts itself.
    """
    with ports.store.reading() as tx:
        row = _held(tx, invitation, request.possess)
    if row is None or (row.member is None and not row.open(now)):
        return UNAVAILABLE
    member = request.details.id
    if row.member is not None:
        return member if row.member == member and _same(open_joined(ports, row), request) else UNAVAILABLE
    if len(request.credentials.totp) < MIN_TOTP:
        raise InvalidInputError("the second factor's secret is too short")
    step = totp.matching_step(request.credentials.totp, request.code, now)
    if step is None:
        return Refused("code_wrong")
    made = ports.keystore.create([subject_of(member)])
    sealed = seal_joined(ports, Joined(request.details, request.signing, request.mac, request.credentials, step))

    def work(tx: Transaction) -> str | Refused:
        there = _held(tx, invitation, request.possess)
        if there is None or tx.member(member) is not None:
            return UNAVAILABLE
        check_kept(ports, subject_of(member), new=made)
        return member if tx.join(invitation, member, sealed, now) else UNAVAILABLE

    return decide(ports.store, work, INVITATIONS)


def _held(tx: Transaction, invitation: str, possess: bytes) -> InvitationRow | None:
    """The invitation, for whoever proves that she holds its link; a wrong proof takes as long as a right one."""
    row = tx.invitation(invitation)
    expected = digest(b"") if row is None else row.possess
    return row if hmac.compare_digest(expected, digest(possess)) else None


def _same(joined: Joined | None, request: Join) -> bool:
    """Whether it is the same request once more: the code over her details and key says so."""
    return joined is not None and hmac.compare_digest(joined.mac, request.mac)
