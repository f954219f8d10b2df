"""Signing in by two factors, or by the recovery sheet, and out again (design section 2, "Members")."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from vault.domain.clock import ClockWord
from vault.domain.people import MemberRow
from vault.domain.sessions import SessionRow
from vault.flows.answers import Throttled, decide
from vault.flows.context import Caller, Ports, rosters
from vault.flows.people import second_factor
from vault.flows.people.devices import UNNAMED, Device, sealed_device
from vault.flows.people.members import digest, email_key, subject_of
from vault.flows.people.throttling import attempts_key, codes_key, device_token, failed, unit, wait, waiting
from vault.ports.store import Named, Transaction
from vault.records.encoding import fold_address, to_base64url
from vault.records.strict_json import dump
from vault.rules.verdict import Refused

ARGON2ID_PARAMETERS = ("argon2id", 1, 65_536, 3)
CREDENTIALS_WRONG = Refused("credentials_wrong")
SEEN_AGAIN = timedelta(minutes=1)  # at most one write a minute for each session


@dataclass(frozen=True, slots=True)
class SignIn:
    """Both factors. `seen`: newest roster, ledger and checkpoint known to the device; `source`: its network address.

    `elsewhere`: the device is not the server's own machine, so that its clock is another one. `device`: its name, and
    its token if it was signed in on before. `code`: a one-time code, or a recovery code.
    """

    email: str
    login: bytes = field(repr=False)
    code: str = field(repr=False)
    seen: dict[str, int]
    source: str
    elsewhere: bool = False
    device: Device = UNNAMED


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh session; only its holder knows the token.

    `device`: the token by which the device is known next time. `codes_left`: after a recovery code, how many she has.
    """

    token: str = field(repr=False)
    member: str
    practice: str
    expires_at: datetime
    device: str = field(repr=False)
    codes_left: int | None = None


@dataclass(frozen=True, slots=True)
class Recovered:
    """A session by the sheet, with the sealed keyring and the sheet's lock of it."""

    token: str = field(repr=False)
    member: str
    practice: str
    keyring: bytes = field(repr=False)
    recovery: bytes = field(repr=False)
    expires_at: datetime


def parameters(ports: Ports, email: str) -> bytes:
    """The password key's parameters of an address, JSON text; an unknown address gets stable made-up ones."""
    secret = ports.installation.secret("parameters")
    salt = hmac.digest(secret, fold_address(email).encode(), hashlib.sha256)[:16]
    made_up = parameters_text(salt)
    with ports.store.reading() as tx:
        member = tx.member_by_email(email_key(ports, email))
    return made_up if member is None or member.parameters is None else member.parameters


def parameters_text(salt: bytes) -> bytes:
    """The canonical text of the parameters for new members."""
    algorithm, lanes, memory, passes = ARGON2ID_PARAMETERS
    fields = {"algorithm": algorithm, "lanes": lanes, "memory": memory, "passes": passes, "salt": to_base64url(salt)}
    return dump(fields)


def sign_in(
    ports: Ports, request: SignIn, now: datetime, offset: timedelta = timedelta(0)
) -> SignedIn | Refused | Throttled:
    """Check both factors, the password first; a one-time code works once.

    It excludes what is signed in or counted under the same address, and changes of members; nobody else waits.
    Failures are counted per address and source, or device (`throttling`), so that a stranger locks nobody out. Wrong
    codes after a right password are also counted per address alone, against guessing from many sources by a person who
    knows the password. Concurrent guesses gain nothing: the unit of work that signs in reads the counters again.

    A right code says that a clock of hers agrees with this one, which counts where it is another machine's; `offset` is
    how far the settings move this one.
    """
    account = email_key(ports, request.email)
    key, codes = attempts_key(ports, account, request.source, request.device.token), codes_key(account)
    if waits := waiting(ports, key, now):
        return waits
    member = _known_by(ports, request.email, "login", request.login)
    if member is None:
        return failed(ports, account, key, now, CREDENTIALS_WRONG)
    if waits := waiting(ports, codes, now):
        return waits
    factor = second_factor.matching(ports, member, request.code, now)
    if factor is None:
        wrong = failed(ports, account, codes, now, second_factor.CODE_WRONG)
        return wrong if isinstance(wrong, Throttled) else failed(ports, account, key, now, wrong)
    token, device = secrets.token_urlsafe(32), device_token(ports, account, request.device.token)
    session = _session(ports, member, token, request.device, request.source, now)
    session = replace(session, opened=second_factor.opening(session.token, request.code))

    def work(tx: Transaction) -> SignedIn | Refused | Throttled:
        if waits := wait(tx, key, now) or wait(tx, codes, now):
            return waits
        chain = rosters(tx)
        if member.id not in chain.newest.active or _changed(tx, member):
            return CREDENTIALS_WRONG
        if request.seen.get("roster", 0) > chain.newest.version:
            return Refused("restored")
        if not factor.spend(tx, now):
            return second_factor.CODE_SPENT
        tx.clear_throttle(key)
        tx.clear_throttle(codes)
        tx.add_session(session)
        _agree(tx, request, member, now - offset)
        left = len(tx.codes(member.id)) if factor.alone else None
        return SignedIn(token, member.id, chain.newest.practice, now + ports.sessions.most, device, left)

    return decide(ports.store, work, None if factor.alone else unit(account))


def _session(ports: Ports, member: MemberRow, token: str, device: Device, source: str, now: datetime) -> SessionRow:
    details = sealed_device(ports, member.id, device.name, source)
    return SessionRow(token_hash(token), member.id, now, now, details=details)


def _agree(tx: Transaction, request: SignIn, member: MemberRow, at: datetime) -> None:
    """Her right code is a word on this server's clock, where it comes from a machine with a clock of its own."""
    if request.elsewhere:
        tx.keep_word(ClockWord(member.id, at))


def recover(
    ports: Ports, email: str, recovery_login: bytes, source: str, now: datetime, device: Device = UNNAMED
) -> Recovered | Refused | Throttled:
    """Sign in by the recovery sheet: the sheet is both factors at once."""
    account = email_key(ports, email)
    key = attempts_key(ports, account, source, device.token)
    if waits := waiting(ports, key, now):
        return waits
    member = _by_sheet(ports, email, recovery_login)
    if member is None or member.recovery is None or member.keyring is None:
        return failed(ports, account, key, now, CREDENTIALS_WRONG)
    subject = subject_of(member.id)
    keyring = ports.keystore.unseal(subject, "member.keyring", member.id, member.keyring)
    lock = ports.keystore.unseal(subject, "member.recovery", member.id, member.recovery)
    token = secrets.token_urlsafe(32)
    session = _session(ports, member, token, device, source, now)

    def work(tx: Transaction) -> Recovered | Refused | Throttled:
        if waits := wait(tx, key, now):
            return waits
        chain = rosters(tx)
        if member.id not in chain.newest.active or _changed(tx, member):
            return CREDENTIALS_WRONG
        tx.clear_throttle(key)
        tx.add_session(session)
        return Recovered(token, member.id, chain.newest.practice, keyring, lock, now + ports.sessions.most)

    return decide(ports.store, work, unit(account))


def authenticate(ports: Ports, token: str, now: datetime) -> Caller | None:
    """The member of this session's token; None when it is unknown, expired, or its member has left."""
    with ports.store.reading() as tx:
        session = live_session(ports, tx, token, now)
    if session is None:
        return None
    touch(ports, session, now)
    return Caller(session.member, session.token)


def live_session(ports: Ports, tx: Transaction, token: str, now: datetime) -> SessionRow | None:
    """The session of this token; None when it is unknown, over, or its member has left."""
    session = tx.session(token_hash(token))
    if session is None or not session.live(now, ports.sessions) or session.member not in rosters(tx).newest.active:
        return None
    return session


def touch(ports: Ports, session: SessionRow, now: datetime) -> None:
    """Write down that the session was seen, once a minute."""
    if now - session.seen_at > SEEN_AGAIN:
        with ports.store.transaction(Named(session.member)) as tx:
            tx.touch_session(session.token, now)


def sign_out(ports: Ports, caller: Caller) -> None:
    """End the caller's session."""
    with ports.store.transaction(Named(caller.member)) as tx:
        tx.end_session(caller.token)


def token_hash(token: str) -> bytes:
    """The stored form of a session's token."""
    return digest(token.encode())


def _changed(tx: Transaction, member: MemberRow) -> bool:
    """Whether the password or the second factor was changed after they were checked."""
    there = tx.member(member.id)
    return there is None or (there.login, there.totp) != (member.login, member.totp)


def _known_by(ports: Ports, email: str, name: str, given: bytes) -> MemberRow | None:
    """The member with this address, if the secret is hers.

    For an address without one the same is read and unsealed of somebody else, so that time tells no stranger who is a
    member.
    """
    with ports.store.reading() as tx:
        found, instead = tx.member_by_email(email_key(ports, email)), tx.enrolled()
    member = instead if found is None or getattr(found, name) is None else found
    sealed: bytes | None = None if member is None else getattr(member, name)
    if member is None or sealed is None:
        return None
    expected = ports.keystore.unseal(subject_of(member.id), f"member.{name}", member.id, sealed)
    return member if hmac.compare_digest(expected, digest(given)) and member is found else None


def _by_sheet(ports: Ports, email: str, login: bytes) -> MemberRow | None:
    """The member with this address, where it is the practice's sheet; every director has a lock for the same one."""
    with ports.store.reading() as tx:
        found, practice = tx.member_by_email(email_key(ports, email)), tx.practice()
    right = practice is not None and hmac.compare_digest(practice.sheet, digest(login))
    return found if right else None
