"""The chains of rosters and policies, and the members' details."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from vault.domain.people import ChainRow
from vault.errors import InvalidInputError
from vault.flows.answers import NOT_FOUND, decide
from vault.flows.context import Caller, ChainPage, Ports, chain_envelope, chain_record, rosters, whole_chain
from vault.flows.erasures.ledger import tombstones
from vault.flows.erasures.rowless import check_kept
from vault.flows.installation_keys import check_clocks
from vault.flows.new_records import check_record, check_seen
from vault.flows.people.members import Details, check_details, open_details, seal_member, subject_of
from vault.ports.store import Transaction
from vault.records.envelope import Envelope
from vault.records.types.policy import Policy
from vault.records.types.roster import Roster
from vault.rules.rights import check_words
from vault.rules.rosters import joins
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


def add_roster(
    ports: Ports, caller: Caller, envelope: Envelope, newcomers: Sequence[Details], now: datetime
) -> Roster | Refused:
    """Accept the next roster with the details of every added member; sessions of removed members end.

    Repeating the newest one gives the same answer. Raises RosterError, SignatureError, RecordError; ConflictError when
    another roster took that version first.
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
    _check_newcomers(known.newest, chain.newest, newcomers)
    made = ports.keystore.create([subject_of(details.id) for details in newcomers])
    rows = [seal_member(ports, details, None, now) for details in newcomers]

    def work(tx: Transaction) -> Roster | Refused:
        if caller.member not in rosters(tx).newest.directors:
            return Refused("not_allowed")
        check_seen(tx, envelope)
        tx.add_chain(chain_record(envelope, chain.newest.version))
        for row in rows:
            check_kept(ports, subject_of(row.id), new=made)
            tx.add_member(row)
        for member in known.newest.active - chain.newest.active:
            tx.end_sessions(member)
        return chain.newest

    return decide(ports.store, work)


def _check_newcomers(before: Roster, after: Roster, newcomers: Sequence[Details]) -> None:
    if list(joins(before, after)) != sorted(details.id for details in newcomers):
        raise InvalidInputError("a roster comes with the details of everybody it adds, and of nobody else")
    for details in newcomers:
        check_details(after, details)


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


def details(ports: Ports, caller: Caller, member: str) -> Details | Refused:
    """Name, address and recipient of a member, for a member."""
    with ports.store.reading() as tx:
        row = tx.member(member) if caller.member in rosters(tx).newest.active else None
    if row is None:
        return NOT_FOUND
    return open_details(ports, row)
