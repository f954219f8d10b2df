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
    """The keyring as its owner sealed it, and the parameters of its password key."""

    keyring: bytes
    parameters: bytes


@dataclass(frozen=True, slots=True)
class NewKeyring:
    """A keyring sealed anew; parameters and login together change the password. None keeps the stored value."""

    keyring: bytes
    recovery: bytes | None = None
    parameters: bytes | None = None
    login: bytes | None = field(default=None, repr=False)
    totp: bytes | None = field(default=None, repr=False)


def keyring(ports: Ports, caller: Caller) -> Keyring | Refused:
    """The caller's sealed keyring; the caller has a session, so both factors were checked."""
    with ports.store.reading() as tx:
        member = tx.member(caller.member)
    if member is None or member.keyring is None or member.parameters is None:
        return Refused("not_found")
    sealed = ports.keystore.unseal(subject_of(member.id), "member.keyring", member.id, member.keyring)
    return Keyring(sealed, member.parameters)


def replace_keyring(ports: Ports, caller: Caller, new: NewKeyring) -> Refused | None:
    """Replace the keyring: for a new copy to the sheet, a new password, a new second factor.

    A change of password ends every other session of the member.
    """
    if (new.parameters is None) != (new.login is None):
        raise InvalidInputError("parameters and login change together")
    subject = subject_of(caller.member)

    def seal(name: str, value: bytes | None) -> bytes | None:
        return None if value is None else ports.keystore.seal(subject, f"member.{name}", caller.member, value)

    keyring, recovery = seal("keyring", new.keyring), seal("recovery", new.recovery)
    login, totp = seal("login", new.login and digest(new.login)), seal("totp", new.totp)

    def work(tx: Transaction) -> Refused | None:
        member = tx.member(caller.member)
        if member is None:
            return Refused("not_found")
        tx.update_member(
            replace(
                member,
                keyring=keyring,
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
