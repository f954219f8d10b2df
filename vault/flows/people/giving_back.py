"""What a change replaced, kept for a week: a director gives it back to a member who is locked out by it.

A thief of both factors who changes them has so locked nobody out for good, and neither has a member who mistyped. What
goes by the clock alone can be taken away by nobody: a change beyond the most that are kept is refused.
"""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime, timedelta

from vault.domain.people import FormerRow, MemberRow
from vault.flows.answers import NOT_FOUND, Throttled, decide
from vault.flows.audit import auditing
from vault.flows.context import Caller, Ports, rosters
from vault.flows.people.proving import Known, Proof, Proven, known, prove
from vault.ports.store import Transaction
from vault.records.encoding import format_instant
from vault.rules.verdict import Refused

GIVEN_BACK_WITHIN = timedelta(days=7)
MOST_FORMERS = 20
NOT_ALLOWED = Refused("not_allowed")
_KEPT = tuple(each.name for each in fields(FormerRow) if each.name not in {"member", "at"})
_RESTORED = tuple(name for name in _KEPT if name != "totp_step")


def keep_former(tx: Transaction, member: MemberRow, now: datetime, *, once: bool = False) -> bool:
    """Keep what a change of this member replaces; False where as many are kept as may be, and nothing may change.

    `once`: not again while what is kept already has this password and this factor.
    """
    kept = tx.formers(member.id)
    if once and any((each.login, each.totp) == (member.login, member.totp) for each in kept):
        return True
    if len(kept) >= MOST_FORMERS:
        return False
    tx.keep_former(FormerRow(member.id, now, **{name: getattr(member, name) for name in _KEPT}))
    return True


def formers(ports: Ports, caller: Caller, member: str, now: datetime) -> list[FormerRow] | Refused:
    """What can be given back to this member, for a director; the oldest first."""
    with ports.store.reading() as tx:
        if caller.member not in rosters(tx).newest.directors:
            return NOT_ALLOWED
        return [each for each in tx.formers(member) if now - each.at <= GIVEN_BACK_WITHIN]


def give_back(
    ports: Ports, caller: Caller, member: str, at: datetime, proof: Proof, now: datetime
) -> Refused | Throttled | None:
    """Put back what the change at that time replaced, on proof of the director's own factors; repeatable.

    The member's sessions end, her recovery codes too, and what was in force is kept in turn, unless too much is kept.
    """
    found = known(ports, caller, proof, now)
    if not isinstance(found, Known):
        return found
    with ports.store.reading() as tx:
        chosen = _chosen(tx, caller, member, at, now)
        if isinstance(chosen, FormerRow) and not found.formerly and _same(tx.member(member), chosen):
            return None
    if isinstance(chosen, Refused):
        return chosen
    proven = prove(ports, caller, found, proof, now)
    if not isinstance(proven, Proven):
        return proven

    def work(tx: Transaction) -> Refused | Throttled | None:
        spent, chosen = proven.spend(tx, now), _chosen(tx, caller, member, at, now)
        if not isinstance(spent, MemberRow):
            return spent
        if isinstance(chosen, Refused):
            return chosen
        there = tx.member(member)
        assert there is not None
        keep_former(tx, there, now)
        tx.update_member(replace(there, **{name: getattr(chosen, name) for name in _RESTORED}))
        tx.begin_totp(member, chosen.totp_step)
        tx.set_codes(member, ())
        tx.end_sessions(member, caller.token)
        auditing.note(tx, member, "credentials_given_back", caller.member, now, replaced=format_instant(at))
        return None

    return decide(ports.store, work)


def _chosen(tx: Transaction, caller: Caller, member: str, at: datetime, now: datetime) -> FormerRow | Refused:
    chain = rosters(tx).newest
    if caller.member not in chain.directors:
        return NOT_ALLOWED
    if member not in chain.active:
        return NOT_FOUND
    found = [each for each in tx.formers(member) if each.at == at and now - at <= GIVEN_BACK_WITHIN]
    return found[0] if found else NOT_FOUND


def _same(member: MemberRow | None, former: FormerRow) -> bool:
    return member is not None and all(getattr(member, name) == getattr(former, name) for name in _RESTORED)
