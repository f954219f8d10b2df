"""The sealed keyring, its locks and the second factor: given to a session, replaced by its owner with both factors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from vault import totp
from vault.domain.people import MemberRow
from vault.errors import InvalidInputError
from vault.flows.answers import Throttled, decide
from vault.flows.audit import auditing
from vault.flows.context import Caller, Ports
from vault.flows.people.giving_back import keep_former
from vault.flows.people.members import digest, subject_of
from vault.flows.people.proving import Known, Proof, Proven, known, prove
from vault.flows.people.second_factor import kept_codes
from vault.ports.store import Transaction
from vault.rules.verdict import Refused

CONFIRM_WRONG, CHANGED_OFTEN = Refused("confirm_wrong"), Refused("changed_often")
_SEALED = ("keyring", "lock", "recovery", "login", "totp")


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keyring as its owner sealed it, its lock for the password, and the parameters of the password key."""

    keyring: bytes
    lock: bytes
    parameters: bytes


@dataclass(frozen=True, slots=True)
class NewKeyring:
    """What changes. None keeps what is stored.

    `parameters`, `login` and `lock` together are a new password. `totp` is a new second factor, `confirm` a code of it.
    `codes` replace all recovery codes; with a new second factor those of the old one are worthless in any case.
    """

    keyring: bytes | None = None
    lock: bytes | None = None
    recovery: bytes | None = None
    parameters: bytes | None = None
    login: bytes | None = field(default=None, repr=False)
    totp: bytes | None = field(default=None, repr=False)
    confirm: str = field(default="", repr=False)
    codes: tuple[str, ...] | None = field(default=None, repr=False)

    @property
    def renews(self) -> bool:
        """Whether it changes nothing that a person has to know: a keyring on a newer roster, a lock for a new sheet."""
        return self.login is None and self.totp is None and self.codes is None

    @property
    def events(self) -> Iterator[str]:
        """What the member's audit calls it."""
        changed = (("password_changed", self.login), ("factor_changed", self.totp), ("codes_changed", self.codes))
        yield from (event for event, value in changed if value is not None)
        if self.renews:
            yield "keyring_renewed"

    def sealed(self, ports: Ports, member: str) -> dict[str, bytes]:
        """The fields of the member's row that change."""
        plain = {name: getattr(self, name) for name in _SEALED} | {"login": self.login and digest(self.login)}
        subject = subject_of(member)
        seal = ports.keystore.seal
        sealed = {
            name: seal(subject, f"member.{name}", member, value) for name, value in plain.items() if value is not None
        }
        return sealed if self.parameters is None else {**sealed, "parameters": self.parameters}


def keyring(ports: Ports, caller: Caller) -> Keyring | Refused:
    """The caller's sealed keyring; the caller has a session, so both factors were checked."""
    with ports.store.reading() as tx:
        member = tx.member(caller.member)
    if member is None or member.keyring is None or member.lock is None or member.parameters is None:
        return Refused("not_found")
    subject = subject_of(member.id)
    sealed = ports.keystore.unseal(subject, "member.keyring", member.id, member.keyring)
    lock = ports.keystore.unseal(subject, "member.lock", member.id, member.lock)
    return Keyring(sealed, lock, member.parameters)


def replace_keyring(
    ports: Ports, caller: Caller, new: NewKeyring, proof: Proof, now: datetime
) -> Refused | Throttled | None:
    """Replace what changed, on proof of both factors on this very request; repeating it gives the same answer.

    What was before is kept for a week for a director to give back. A new password, factor or set of codes ends every
    other session of the member, in the same unit of work. Raises InvalidInputError.
    """
    if len({value is None for value in (new.parameters, new.login, new.lock)}) != 1:
        raise InvalidInputError("parameters, login and lock change together")
    judged = _judged(ports, caller, new, proof, now)
    if not isinstance(judged, Proven):
        return judged
    change = _Change(new, new.sealed(ports, caller.member), _step(new, now), _kept(ports, caller, new))

    def work(tx: Transaction) -> Refused | Throttled | None:
        member = judged.spend(tx, now)
        if not isinstance(member, MemberRow):
            return member
        if not keep_former(tx, member, now, once=new.renews):
            return CHANGED_OFTEN
        change.write(tx, member, caller, now)
        return None

    return decide(ports.store, work)


def _judged(
    ports: Ports, caller: Caller, new: NewKeyring, proof: Proof, now: datetime
) -> Proven | Refused | Throttled | None:
    """The caller with both factors, and a right code of the new one; None where all of it was done before."""
    found = known(ports, caller, proof, now)
    if not isinstance(found, Known):
        return found
    if not new.renews and _in_force(ports, found.member, new):
        return None
    if new.totp is not None and _step(new, now) is None:
        return CONFIRM_WRONG
    return prove(ports, caller, found, proof, now, renewing=new.renews)


@dataclass(frozen=True, slots=True)
class _Change:
    """A change as it is written: sealed fields, the step of the new factor's code, what is kept of new codes."""

    new: NewKeyring
    sealed: Mapping[str, Any]
    step: int | None
    codes: frozenset[bytes] | None

    def write(self, tx: Transaction, member: MemberRow, caller: Caller, now: datetime) -> None:
        """Write it, with its lines in the member's audit, and end what it ends."""
        new = self.new
        password_at = member.password_at if new.login is None else now
        factor_at = member.factor_at if new.totp is None else now
        tx.update_member(replace(member, **self.sealed, password_at=password_at, factor_at=factor_at))
        if self.step is not None:
            tx.begin_totp(member.id, self.step)
        if self.codes is not None or self.step is not None:
            tx.set_codes(member.id, self.codes or ())
        if not new.renews:
            tx.end_sessions(member.id, caller.token)
        for event in new.events:
            auditing.note(tx, member.id, event, member.id, now)


def _step(new: NewKeyring, now: datetime) -> int | None:
    """The step of the code that the app showed for the new second factor."""
    return None if new.totp is None else totp.matching_step(new.totp, new.confirm, now)


def _kept(ports: Ports, caller: Caller, new: NewKeyring) -> frozenset[bytes] | None:
    return None if new.codes is None else kept_codes(ports, caller.member, new.codes)


def _in_force(ports: Ports, member: MemberRow, new: NewKeyring) -> bool:
    """Whether all of it was done by an earlier request of the same content, whose answer may have been lost."""
    subject = subject_of(member.id)
    if new.parameters is not None and new.parameters != member.parameters:
        return False
    for name in _SEALED:
        given, sealed = getattr(new, name), getattr(member, name)
        wanted = digest(given) if given is not None and name == "login" else given
        if wanted is None:
            continue
        if sealed is None or ports.keystore.unseal(subject, f"member.{name}", member.id, sealed) != wanted:
            return False
    if new.codes is None:
        return True
    with ports.store.reading() as tx:
        return frozenset(tx.codes(member.id)) == kept_codes(ports, member.id, new.codes)
