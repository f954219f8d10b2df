"""The chains of rosters and policies, and the members' details."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from vault.domain.people import ChainRow
from vault.errors import InvalidInputError
from vault.flows.answers import NOT_FOUND, decide
from vault.flows.context import Caller, ChainPage, Ports, chain_envelope, chain_record, rosters, whole_chain
from vault.flows.erasures.ledger import tombstones
from vault.flows.erasures.rowless import check_kept
from vault.flows.installation_keys import check_clocks
from vault.flows.new_records import check_record, check_seen
from vault.flows.people.joining import open_joined
from vault.flows.people.members import (
    Details,
    check_details,
    digest,
    open_details,
    read_details,
    renamed,
    seal_lock,
    seal_member,
    subject_of,
    without_access,
)
from vault.ports.store import Transaction
from vault.records.envelope import Envelope
from vault.records.types.policy import Policy
from vault.records.types.roster import Roster
from vault.rules.rights import check_words
from vault.rules.rosters import joins, other_cards
from vault.rules.verdict import Refused
from vault.rules.versions import next_version

PAGE = 500


def roster(ports: Ports, after: int) -> list[Envelope]:
    """The rosters above version `after`, ascending."""
    with ports.store.reading() as tx:
        return [chain_envelope(row) for row in tx.chain("roster", after=after)]


def policy(ports: Ports, after: int) -> list[Envelope]:
    """The policies above version `after`, ascending."""
    with ports.store.reading() as tx:
        return [chain_envelope(row) for row in tx.chain("policy", after=after)]


def all_chains(ports: Ports, above: Mapping[str, int | None]) -> dict[str, ChainPage]:
    """Of each kind of chain what is above that number, ascending, of one view; None: the newest page.

    Without its rosters and policies nobody goes on. Of the others what is damaged is left out, of tombstones it comes
    from the objects' ledger.
    """
    rows: dict[str, list[ChainRow]] = {}
    with ports.store.reading() as tx:
        for kind, after in above.items():
            newest = tx.newest(kind) if after is None else None
            first = max(0, newest.version - PAGE) if newest is not None else after or 0
            rows[kind] = tx.chain(kind, after=first, limit=PAGE)
    return {kind: _page(ports, kind, found, newest=above[kind] is None) for kind, found in rows.items()}


def _page(ports: Ports, kind: str, rows: Sequence[ChainRow], *, newest: bool) -> ChainPage:
    following = rows[-1].version if len(rows) >= PAGE and not newest else None
    if kind in ("roster", "policy"):
        return ChainPage(tuple(map(chain_envelope, rows)), following)
    return ChainPage(tuple(tombstones(ports, rows) if kind == "tombstone" else whole_chain(rows)), following)


def practice_name(ports: Ports) -> str:
    """The name in the newest policy; empty before the practice is set up."""
    with ports.store.reading() as tx:
        row = tx.newest("policy")
    return "" if row is None else Policy.read(chain_envelope(row)).name


def newest_policy(tx: Transaction) -> Policy:
    """The policy in force."""
    row = tx.newest("policy")
    assert row is not None, "a practice is set up with its policy"
    return Policy.read(chain_envelope(row))


@dataclass(frozen=True, slots=True)
class NewSheet:
    """What comes with a roster that states another recovery sheet: its login secret, and the caller's lock for it."""

    login: bytes = field(repr=False)
    lock: bytes = field(repr=False)


def add_roster(
    ports: Ports,
    caller: Caller,
    envelope: Envelope,
    changed: Sequence[Details],
    now: datetime,
    sheet: NewSheet | None = None,
    invitation: str | None = None,
) -> Roster | Refused:
    """Accept the next roster, with the details of every member who is added or has another card.

    Who is added by the named invitation brings her credentials from there, and it is over. Nobody is added by one that
    was revoked or forgotten meanwhile: she could never sign in. Whoever is removed loses sessions and credentials. A
    new sheet ends every lock of the old one; other directors make theirs at their next sign-in.

    Repeating the newest one gives the same answer. Raises RosterError, SignatureError, RecordError; ConflictError when
    another roster took that version first, or two members had one address.
    """
    with ports.store.reading() as tx:
        known = rosters(tx)
    if envelope.hash == known.newest.hash:
        return known.newest
    chain = known.append(envelope)
    check_words(envelope)
    refused = check_clocks(known.newest, chain.newest, now)
    if refused is not None:
        return refused
    _check_changed(known.newest, chain.newest, changed)
    if (sheet is None) != ((known.newest.root, known.newest.recovery) == (chain.newest.root, chain.newest.recovery)):
        raise InvalidInputError("a roster with another recovery sheet comes with a lock for it, and no other does")
    joining = joins(known.newest, chain.newest)
    made = ports.keystore.create([subject_of(member) for member in joining])
    lock = None if sheet is None else seal_lock(ports, caller.member, sheet.lock)

    def work(tx: Transaction) -> Roster | Refused:
        if caller.member not in rosters(tx).newest.directors:
            return Refused("not_allowed")
        check_seen(tx, envelope)
        tx.add_chain(chain_record(envelope, chain.newest.version))
        for member in known.newest.present - chain.newest.present:
            _leave(tx, member)
        for member in joining:
            check_kept(ports, subject_of(member), new=made)
        by_invitation = [
            _join(ports, tx, each, chain.newest, now) if each.id in joining else _rename(ports, tx, each, chain.newest)
            for each in changed
        ]
        if invitation is not None and not any(by_invitation):
            return Refused("state")
        if sheet is not None and lock is not None:
            _renew_sheet(tx, caller.member, sheet, lock)
        return chain.newest

    return decide(ports.store, work)


def _check_changed(before: Roster, after: Roster, changed: Sequence[Details]) -> None:
    if list(other_cards(before, after)) != sorted(details.id for details in changed):
        raise InvalidInputError("a roster comes with the details of everybody it adds or renames, and of nobody else")
    for details in changed:
        check_details(after, details)


def _leave(tx: Transaction, member: str) -> None:
    tx.end_sessions(member)
    tx.set_codes(member, ())
    row = tx.member(member)
    if row is not None:
        tx.update_member(without_access(row))


def _join(ports: Ports, tx: Transaction, details: Details, roster: Roster, now: datetime) -> bool:
    """Add her row; whether with the credentials that she sent by an invitation, if it was with this key."""
    invitation = tx.invitation_of(details.id)
    joined = None if invitation is None else open_joined(ports, invitation)
    if invitation is None or joined is None:
        tx.add_member(seal_member(ports, details, None, now))
        return False
    member = roster.member(details.id)
    if member is None or (joined.details, joined.signing) != (details, member.signing):
        raise InvalidInputError("whoever is added is not who joined by the invitation")
    tx.add_member(replace(seal_member(ports, details, joined.credentials, now), totp_step=joined.step))
    tx.remove_invitation(invitation.id)
    return True


def _rename(ports: Ports, tx: Transaction, details: Details, roster: Roster) -> bool:
    """Give her row the details, unless she has left; never by an invitation."""
    row = tx.member(details.id)
    if row is not None and details.id in roster.present:
        tx.update_member(renamed(ports, row, details))
    return False


def _renew_sheet(tx: Transaction, caller: str, sheet: NewSheet, lock: bytes) -> None:
    tx.set_sheet(digest(sheet.login))
    for row in tx.members():
        own = lock if row.id == caller else None
        if row.recovery != own:
            tx.update_member(replace(row, recovery=own))


def add_policy(ports: Ports, caller: Caller, envelope: Envelope) -> Policy | Refused:
    """Accept the next policy, signed by a director; repeating the newest one gives the same answer."""
    new = Policy.read(envelope)

    def work(tx: Transaction) -> Policy | Refused:
        newest, chain = newest_policy(tx), rosters(tx)
        if new.hash == newest.hash:
            return newest
        check_record(tx, envelope)
        if caller.member not in chain.newest.directors:
            return Refused("not_allowed")
        verdict = next_version(new, newest)
        if isinstance(verdict, Refused):
            return verdict
        tx.add_chain(chain_record(envelope, new.version))
        return new

    return decide(ports.store, work)


@dataclass(frozen=True, slots=True)
class Listed:
    """A member of the newest roster: her details, None where they are damaged; for a director also her devices.

    `devices`: how many are signed in. `seen_at`: when one was last used.
    """

    id: str
    details: Details | None
    devices: int | None = None
    seen_at: datetime | None = None


def everybody(ports: Ports, caller: Caller, now: datetime) -> list[Listed] | Refused:
    """Who is in the practice, and who was, for a member."""
    with ports.store.reading() as tx:
        newest = rosters(tx).newest
        if caller.member not in newest.active:
            return NOT_FOUND
        rows = tx.members()
        sessions = {row.id: tx.sessions(row.id) for row in rows} if caller.member in newest.directors else {}
    opened = ports.keystore.unseal_each(
        [([(subject_of(row.id), "member.details", row.id)], row.details) for row in rows]
    )
    found = []
    for row, plain in zip(rows, opened, strict=True):
        hidden = not sessions and row.id not in newest.present  # who has left is a director's to know
        known = None if hidden or isinstance(plain, Exception) else read_details(row.id, plain)
        if sessions:
            live = [each.seen_at for each in sessions[row.id] if each.live(now, ports.sessions)]
            found.append(Listed(row.id, known, len(live), max(live, default=None)))
        else:
            found.append(Listed(row.id, known))
    return found


def details(ports: Ports, caller: Caller, member: str) -> Details | Refused:
    """Name, address and recipient of a member, for a member."""
    with ports.store.reading() as tx:
        row = tx.member(member) if caller.member in rosters(tx).newest.active else None
    if row is None:
        return NOT_FOUND
    return open_details(ports, row)
