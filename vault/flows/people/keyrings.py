"""The sealed keyring: given to a session, replaced by its owner."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from vault.errors import InvalidInputError
from vault.flows.answers import decide
from vault.flows.context import Caller, Ports
from vault.flows.people.members import digest, subject_of
from vault.ports.store import Transaction
from vault.rules.verdict import Refused


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keyring as its owner sealed it, its lock for the password, and the parameters of the password key."""

    keyring: bytes
    lock: bytes
    parameters: bytes


@dataclass(frozen=True, slots=True)
class NewKeyring:
    """What changes of a keyring: parameters, login and lock together are a new password. None keeps what is stored."""

    keyring: bytes | None = None
    lock: bytes | None = None
    recovery: bytes | None = None
    parameters: bytes | None = None
    login: bytes | None = field(default=None, repr=False)
    totp: bytes | None = field(default=None, repr=False)


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


def replace_keyring(ports: Ports, caller: Caller, new: NewKeyring) -> Refused | None:
    """Replace what changed: the keyring, a lock of it (the password's, the sheet's), the second factor.

    A change of password ends every other session of the member.
    """
    if len({value is None for value in (new.parameters, new.login, new.lock)}) != 1:
        raise InvalidInputError("parameters, login and lock change together")
    subject = subject_of(caller.member)

    def seal(name: str, value: bytes | None) -> bytes | None:
        return None if value is None else ports.keystore.seal(subject, f"member.{name}", caller.member, value)

    keyring, lock, recovery = seal("keyring", new.keyring), seal("lock", new.lock), seal("recovery", new.recovery)
    login, totp = seal("login", new.login and digest(new.login)), seal("totp", new.totp)

    def work(tx: Transaction) -> Refused | None:
        member = tx.member(caller.member)
        if member is None:
            return Refused("not_found")
        tx.update_member(
            replace(
                member,
                keyring=keyring or member.keyring,
                lock=lock or member.lock,
                recovery=recovery or member.recovery,
                parameters=new.parameters or member.parameters,
                login=login or member.login,
                totp=totp or member.totp,
            )
        )
        if new.login is not None:
            session = tx.session(caller.token)
            tx.end_sessions(caller.member)
            if session is not None:
                tx.add_session(session)
        return None

    return decide(ports.store, work)
