"""Setting up the practice, signing in and out, the sealed keyring (design section 2, "Members")."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass, field, replace
from datetime import datetime

from vault.domain import totp
from vault.domain.people import SESSION_LIFE as LIFE
from vault.domain.people import Member, Practice, Session, Throttle, next_throttle
from vault.errors import InvalidInputError
from vault.flows.answers import Throttled, decide
from vault.flows.context import Caller, Ports, chain_record, rosters
from vault.ports import Subject, SubjectKind, Transaction
from vault.records.authority import check_director
from vault.records.encoding import dump, to_base64url
from vault.records.envelope import Envelope
from vault.records.policy import read_policy
from vault.records.roster import Roster, recipient_hash
from vault.records.standing import salted_digest
from vault.records.trust import first
from vault.records.verdict import Refused

ARGON2ID_PARAMETERS = ("argon2id", 1, 65_536, 3)
CREDENTIALS_WRONG = Refused("credentials_wrong")


@dataclass(frozen=True, slots=True)
class SetupState:
    """Whether a practice can still be set up, and the installation's public key for roster 1."""

    open: bool
    installation: bytes


@dataclass(frozen=True, slots=True)
class Details:
    """What the server keeps of a member, sealed; `salt` opens the roster's `card`."""

    id: str
    name: str
    email: str
    recipient: str
    salt: bytes


@dataclass(frozen=True, slots=True)
class Credentials:
    """How a member signs in: the password key's parameters (JSON text), the login secret, the sealed keyring."""

    parameters: bytes
    login: bytes = field(repr=False)
    keyring: bytes = field(repr=False)
    recovery: bytes = field(repr=False)
    recovery_login: bytes = field(repr=False)
    totp: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SetUp:
    """The first director's request."""

    token: bytes = field(repr=False)
    roster: Envelope
    policy: Envelope
    details: Details
    credentials: Credentials
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Created:
    """The practice and its first director; `repeated` when it had been done before."""

    practice: str
    member: str
    repeated: bool


@dataclass(frozen=True, slots=True)
class SignIn:
    """Both factors; `seen` says what the device has seen (roster, ledger, checkpoint), `source` where it calls from."""

    email: str
    login: bytes = field(repr=False)
    code: str = field(repr=False)
    seen: dict[str, int]
    source: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh session; only its holder knows the token."""

    token: str = field(repr=False)
    member: str
    practice: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Recovered:
    """A session by the sheet, with the keyring as it was sealed to the sheet."""

    token: str = field(repr=False)
    member: str
    practice: str
    recovery: bytes = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keyring as its owner sealed it, and the parameters to open it."""

    keyring: bytes
    parameters: bytes


@dataclass(frozen=True, slots=True)
class NewKeyring:
    """A keyring sealed anew; parameters and login together are a change of password. None leaves a thing as it is."""

    keyring: bytes
    recovery: bytes | None = None
    parameters: bytes | None = None
    login: bytes | None = field(default=None, repr=False)
    totp: bytes | None = field(default=None, repr=False)


def subject_of(member: str) -> Subject:
    """The member's subject."""
    return Subject(SubjectKind.MEMBER, member)


def check_details(roster: Roster, details: Details) -> None:
    """Raise InvalidInputError unless the roster's `card` and recipient hash are those of the details."""
    member = roster.member(details.id)
    card = salted_digest("card", details.salt, details.name.encode(), details.email.lower().encode())
    if member is None or not hmac.compare_digest(member.card, card):
        raise InvalidInputError("a member's name and address are not what the roster says")
    if member.recipient != recipient_hash(details.recipient):
        raise InvalidInputError("a member's recipient is not what the roster says")


def email_key(ports: Ports, email: str) -> bytes:
    """The look-up key of an e-mail address: an HMAC, so that the table names nobody."""
    return hmac.digest(ports.installation.derive(b"vault/v1/email"), _fold(email).encode(), hashlib.sha256)


def setup_state(ports: Ports) -> SetupState:
    """What a new director's client asks first."""
    with ports.store.transaction() as tx:
        return SetupState(tx.practice() is None, ports.installation.public)


def set_up(ports: Ports, request: SetUp, now: datetime) -> Created | Refused:
    """Make the practice with its first director, once; asking again with the same roster gives the first answer.

    Raises RosterError, SignatureError or RecordError for records that do not hold, InvalidInputError for a request
    that contradicts itself.
    """
    if done := _already(ports, request):
        return done
    token = ports.setup_token()
    if token is None or not hmac.compare_digest(token, request.token):
        return Refused("token_wrong")
    _check_setup(ports, request)
    step = totp.matching_step(request.credentials.totp, request.code, now)
    if step is None:
        return Refused("code_wrong")
    ports.keystore.create([subject_of(request.details.id)])
    member = seal_member(ports, request.details, request.credentials, now)
    created = decide(ports.store, lambda tx: _add_practice(tx, request, member, step, now))
    if isinstance(created, Created):
        ports.spend_setup_token()
    return created


def _already(ports: Ports, request: SetUp) -> Created | Refused | None:
    with ports.store.transaction() as tx:
        practice = tx.practice()
    if practice is None:
        return None
    if practice.setup != request.roster.hash:
        return Refused("setup_done")
    ports.spend_setup_token()
    return Created(practice.id, practice.director, repeated=True)


def _check_setup(ports: Ports, request: SetUp) -> None:
    chain = first(request.roster)
    roster = chain.newest
    check_director(request.policy, chain)
    if (policy := read_policy(request.policy)).version != 1 or policy.previous is not None:
        raise InvalidInputError("not a first policy")
    if [m.id for m in roster.members] != [request.details.id]:
        raise InvalidInputError("the first roster names its first director and nobody else")
    check_details(roster, request.details)
    if roster.installations != (ports.installation.public,):
        raise InvalidInputError("the first roster names another installation's key")
    if len(request.credentials.totp) < 16:  # noqa: PLR2004 - RFC 4226 section 4, R6
        raise InvalidInputError("the second factor's secret is too short")


def _add_practice(tx: Transaction, request: SetUp, member: Member, step: int, now: datetime) -> Created | Refused:
    if tx.practice() is not None:
        return Refused("setup_done")
    practice = request.roster.fields["practice"]
    tx.add_practice(Practice(practice, request.roster.hash, request.details.id, now))
    tx.add_chain(chain_record(request.roster, 1))
    tx.add_chain(chain_record(request.policy, 1))
    tx.add_member(replace(member, totp_step=step))
    return Created(practice, request.details.id, repeated=False)


def seal_member(ports: Ports, details: Details, credentials: Credentials | None, now: datetime) -> Member:
    """The row of a member, its fields sealed by the member's own subject (which must exist)."""
    subject = subject_of(details.id)

    def seal(name: str, value: bytes) -> bytes:
        return ports.keystore.seal(subject, f"member.{name}", details.id, value)

    text = {"name": details.name, "email": details.email, "recipient": details.recipient}
    row = Member(
        id=details.id,
        email=email_key(ports, details.email),
        details=seal("details", dump({"v": 1, **text, "salt": to_base64url(details.salt)})),
        parameters=None,
        login=None,
        totp=None,
        keyring=None,
        recovery=None,
        recovery_login=None,
        totp_step=0,
        created_at=now,
    )
    if credentials is None:
        return row
    return replace(
        row,
        parameters=credentials.parameters,
        login=seal("login", _digest(credentials.login)),
        totp=seal("totp", credentials.totp),
        keyring=seal("keyring", credentials.keyring),
        recovery=seal("recovery", credentials.recovery),
        recovery_login=seal("recovery_login", _digest(credentials.recovery_login)),
    )


def parameters(ports: Ports, email: str) -> bytes:
    """The password key's parameters of an address, JSON text; an unknown address gets stable ones of its own."""
    with ports.store.transaction() as tx:
        member = tx.member_by_email(email_key(ports, email))
    if member is not None and member.parameters is not None:
        return member.parameters
    secret = ports.installation.derive(b"vault/v1/parameters")
    salt = hmac.digest(secret, _fold(email).encode(), hashlib.sha256)[:16]
    return parameters_text(salt)


def parameters_text(salt: bytes) -> bytes:
    """The one spelling of the parameters that new members use."""
    algorithm, lanes, memory, passes = ARGON2ID_PARAMETERS
    fields = {"algorithm": algorithm, "lanes": lanes, "memory": memory, "passes": passes, "salt": to_base64url(salt)}
    return dump(fields)


def sign_in(ports: Ports, request: SignIn, now: datetime) -> SignedIn | Refused | Throttled:
    """Both factors, the password's first; a one-time code works once.

    Failures are counted per address and source, so that a stranger elsewhere locks nobody out.
    """
    key = _throttle_key(ports, request.email, request.source)
    if wait := _waiting(ports, key, now):
        return wait
    member = _by_email(ports, request.email)
    if not _login_right(ports, member, "login", request.login):
        return _failed(ports, key, now, CREDENTIALS_WRONG)
    assert member is not None
    assert member.totp is not None
    secret = ports.keystore.unseal(subject_of(member.id), "member.totp", member.id, member.totp)
    step = totp.matching_step(secret, request.code, now)
    if step is None:
        return _failed(ports, key, now, Refused("code_wrong"))
    token = secrets.token_urlsafe(32)

    def work(tx: Transaction) -> SignedIn | Refused:
        chain = rosters(tx)
        if member.id not in chain.newest.active:
            return CREDENTIALS_WRONG
        if request.seen.get("roster", 0) > chain.newest.version:
            return Refused("restored")
        if not tx.spend_totp(member.id, step):
            return Refused("code_spent")
        tx.clear_throttle(key)
        tx.add_session(Session(token_hash(token), member.id, now, now))
        return SignedIn(token, member.id, chain.newest.practice, now + LIFE)

    return decide(ports.store, work)


def recover(
    ports: Ports, email: str, recovery_login: bytes, source: str, now: datetime
) -> Recovered | Refused | Throttled:
    """Sign in by the recovery sheet: the sheet is both factors at once."""
    key = _throttle_key(ports, email, source)
    if wait := _waiting(ports, key, now):
        return wait
    member = _by_email(ports, email)
    if not _login_right(ports, member, "recovery_login", recovery_login):
        return _failed(ports, key, now, CREDENTIALS_WRONG)
    assert member is not None
    assert member.recovery is not None
    keyring = ports.keystore.unseal(subject_of(member.id), "member.recovery", member.id, member.recovery)
    token = secrets.token_urlsafe(32)

    def work(tx: Transaction) -> Recovered | Refused:
        chain = rosters(tx)
        if member.id not in chain.newest.active:
            return CREDENTIALS_WRONG
        tx.clear_throttle(key)
        tx.add_session(Session(token_hash(token), member.id, now, now))
        return Recovered(token, member.id, chain.newest.practice, keyring, now + LIFE)

    return decide(ports.store, work)


def authenticate(ports: Ports, token: str, now: datetime) -> Caller | None:
    """Who holds this session's token; None when it is unknown, over, or its member has left."""
    digest = token_hash(token)
    with ports.store.transaction() as tx:
        session = tx.session(digest)
        if session is None or not session.live(now) or session.member not in rosters(tx).newest.active:
            return None
        if (now - session.seen_at).total_seconds() > 60:  # noqa: PLR2004 - one write a minute is enough
            tx.touch_session(digest, now)
    return Caller(session.member, digest)


def sign_out(ports: Ports, caller: Caller) -> None:
    """End the caller's session."""
    with ports.store.transaction() as tx:
        tx.end_session(caller.token)


def keyring(ports: Ports, caller: Caller) -> Keyring | Refused:
    """The caller's sealed keyring; only a session gets here, so both factors were given."""
    member = _member(ports, caller.member)
    if member is None or member.keyring is None or member.parameters is None:
        return Refused("not_found")
    sealed = ports.keystore.unseal(subject_of(member.id), "member.keyring", member.id, member.keyring)
    return Keyring(sealed, member.parameters)


def replace_keyring(ports: Ports, caller: Caller, new: NewKeyring) -> Refused | None:
    """Store a keyring sealed anew: a renewed copy for the sheet, a new password, a new second factor.

    A change of password ends every other session of the member.
    """
    if (new.parameters is None) != (new.login is None):
        raise InvalidInputError("parameters and login change together")
    subject = subject_of(caller.member)

    def seal(name: str, value: bytes | None, before: bytes | None) -> bytes | None:
        return before if value is None else ports.keystore.seal(subject, f"member.{name}", caller.member, value)

    def work(tx: Transaction) -> Refused | None:
        member = tx.member(caller.member)
        if member is None:
            return Refused("not_found")
        tx.update_member(
            replace(
                member,
                keyring=seal("keyring", new.keyring, None),
                recovery=seal("recovery", new.recovery, member.recovery),
                parameters=new.parameters or member.parameters,
                login=seal("login", new.login and _digest(new.login), member.login),
                totp=seal("totp", new.totp, member.totp),
            )
        )
        if new.login is not None:
            session = tx.session(caller.token)
            tx.end_sessions(caller.member)
            if session is not None:
                tx.add_session(session)
        return None

    return decide(ports.store, work)


def token_hash(token: str) -> bytes:
    """What the server keeps of a session's token."""
    return _digest(token.encode())


def _fold(email: str) -> str:
    return unicodedata.normalize("NFKC", email).strip().lower()


def _digest(secret: bytes) -> bytes:
    return hashlib.sha256(secret).digest()


def _member(ports: Ports, member: str) -> Member | None:
    with ports.store.transaction() as tx:
        return tx.member(member)


def _by_email(ports: Ports, email: str) -> Member | None:
    with ports.store.transaction() as tx:
        return tx.member_by_email(email_key(ports, email))


def _login_right(ports: Ports, member: Member | None, name: str, given: bytes) -> bool:
    sealed: bytes | None = None if member is None else getattr(member, name)
    if member is None or sealed is None:
        return False
    expected = ports.keystore.unseal(subject_of(member.id), f"member.{name}", member.id, sealed)
    return hmac.compare_digest(expected, _digest(given))


def _throttle_key(ports: Ports, email: str, source: str) -> bytes:
    return hmac.digest(email_key(ports, email), source.encode(), hashlib.sha256)


def _waiting(ports: Ports, key: bytes, now: datetime) -> Throttled | None:
    with ports.store.transaction() as tx:
        throttle = tx.throttle(key)
    if throttle is None or throttle.until <= now:
        return None
    return Throttled(max(1, round((throttle.until - now).total_seconds())))


def _failed(ports: Ports, key: bytes, now: datetime, answer: Refused) -> Refused:
    with ports.store.transaction() as tx:
        current: Throttle | None = tx.throttle(key)
        tx.set_throttle(next_throttle(current, key, now))
    return answer
