"""A member's own account: what she signs in with, since when, and where she is signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from vault.domain.erasures import AuditRow
from vault.flows.answers import NOT_FOUND, Throttled, decide
from vault.flows.audit import auditing
from vault.flows.context import Caller, Ports, rosters
from vault.flows.people.devices import SignedInDevice, shown_device
from vault.flows.people.proving import WRONG, Known, Proof, known
from vault.flows.people.throttling import failed, session_key
from vault.ports.store import Named, Transaction
from vault.rules.verdict import Refused


@dataclass(frozen=True, slots=True)
class Account:
    """When password and second factor last changed, how many recovery codes are left, the live sessions."""

    password_at: datetime | None
    factor_at: datetime | None
    codes: int
    devices: tuple[SignedInDevice, ...]


def account(ports: Ports, caller: Caller, now: datetime) -> Account | Refused:
    """The caller's account."""
    with ports.store.reading() as tx:
        member, codes, sessions = tx.member(caller.member), tx.codes(caller.member), tx.sessions(caller.member)
    if member is None:
        return NOT_FOUND
    live = [shown_device(ports, each, caller.token) for each in sessions if each.live(now, ports.sessions)]
    return Account(member.password_at, member.factor_at, len(codes), tuple(live))


def audit(ports: Ports, caller: Caller, after: int, limit: int) -> list[AuditRow]:
    """The chain of what was done to the caller's account."""
    with ports.store.reading() as tx:
        return tx.audit(caller.member, after=after, limit=limit)


def end_devices(
    ports: Ports, caller: Caller, device: str | None, login: bytes, now: datetime, of: str | None = None
) -> Refused | Throttled | None:
    """End the session of that id, or with None all of the caller's, this one too; her password is asked again.

    So whoever stole a session puts nobody out. A session that is over is over: ending it again is no failure. `of`: all
    sessions of that member, by a director, with a line in the member's audit.
    """
    found = known(ports, caller, Proof(login), now)
    if not isinstance(found, Known):
        return found
    if found.formerly:
        return failed(ports, found.member.email, session_key(found.member.email, caller.token), now, WRONG)
    if of is not None:
        return decide(ports.store, lambda tx: _end_all(tx, caller, of, now))
    with ports.store.transaction(Named(caller.member)) as tx:
        if device is None:
            tx.end_sessions(caller.member)
        for each in tx.sessions(caller.member):
            if each.id == device:
                tx.end_session(each.token)
    return None


def _end_all(tx: Transaction, caller: Caller, member: str, now: datetime) -> Refused | None:
    chain = rosters(tx).newest
    if caller.member not in chain.directors:
        return Refused("not_allowed")
    if member not in chain.active:
        return NOT_FOUND
    if tx.sessions(member):
        tx.end_sessions(member)
        auditing.note(tx, member, "sessions_ended", caller.member, now)
    return None
