"""Setting up a practice: the first director's keys, the sheet, roster 1 and the policy, in one repeatable request."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from vault import totp
from vault.boxes import BoxError, box, unbox
from vault.errors import ConfigurationError, InvalidInputError
from vault.records import read
from vault.records.encoding import RecordError, from_base64url, new_id, to_base64url
from vault.records.envelope import Envelope, from_json, write
from vault.records.standing import Standing
from vault.records.strict_json import dump, parse_object
from vault.records.types.lock import Lock
from vault.records.types.policy import ANNOUNCE_DAYS, DEFAULT_MONTHS, MAX_DAYS, Policy, check_public_url
from vault.records.types.roster import DIRECTOR, ROOT, Roster, practice_id
from vault.sdk.device import clock
from vault.sdk.device.home import Home
from vault.sdk.errors import AnswerError, ApiError, MissingInputError, OtherMemberError, WrongPasswordError
from vault.sdk.keys.keyring import MAX_KEYRING, Keyring, new_keyring, new_keyring_key, seal_keyring
from vault.sdk.keys.locks import password_lock, read_locked, sheet_lock
from vault.sdk.keys.password_key import Parameters, PasswordKey, derive, new_parameters, read_parameters
from vault.sdk.keys.password_strength import check_new_password
from vault.sdk.keys.sheet import Sheet, new_sheet
from vault.sdk.keys.sheet_page import SheetFacts, write_sheet
from vault.sdk.keys.words import fingerprint
from vault.sdk.one_line import check_line
from vault.sdk.people.appointing import MAX_NAME, NewMember, Person, check_email, new_member
from vault.sdk.people.login import KEYRING_FILE
from vault.sdk.people.session import MemberFile, load_member
from vault.sdk.server.api import Api
from vault.sdk.server.retry import again
from vault.secret import Secret

PENDING_FILE = "init"
PENDING_AAD = b"vault/v1/init"
MAX_PENDING = 1_048_576
SHARE_MAX = 100
REFUSALS = frozenset({"token_wrong", "code_wrong", "setup_done"})
_NOT_READ = frozenset({400, 413, 422})
_SPENT = "spent"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Founder:
    """The data of a set-up: the practice's name, the first director's name and address, and the sheet's file.

    Links begin with `public_url`; if empty, with the URL that the server was reached by.
    """

    practice: str
    name: str
    email: str
    sheet: Path
    public_url: str = ""


@dataclass(frozen=True, slots=True)
class Founded:
    """The first director's id, and the root key's fingerprint as six words."""

    member: str
    root_fingerprint: str


def proposed_url(api: Api) -> str:
    """The address that the server says links begin with; the policy states it only once its founder agreed to it."""
    return read.text(api.get("/setup"), "public_url").rstrip("/")


def found(api: Api, home: Home, founder: Founder, password: str, token: str, totp_secret: Secret) -> Founded:
    """Set up the practice; the sheet is durable before anything is sent.

    While the answer is unknown, a repetition sends the same request, with the given token and a current code. After a
    refusal request and sheet are deleted: the next call begins anew.

    Raises WeakPasswordError, WrongPasswordError (a repetition with another password), PendingError (a repetition that
    asks for something else), OtherMemberError, InvalidInputError (the sheet's file exists), ApiError (`setup_done`,
    `token_wrong`, `code_wrong`).
    """
    founder = replace(founder, public_url=_checked_url(founder.public_url.rstrip("/") or api.url))
    with home.lock():
        done = _founded_before(home, founder, password)
        if done is not None:
            return done
        known = _load_pending(home, password)
        if known is not None:
            _check_same(known, founder, home)
        pending = known or _prepare(api, home, founder, password, token)
        try:
            answer = again(lambda: _send(api, {**pending.request, "token": token or _SPENT}, totp_secret))
        except ApiError as error:
            # A proxy's answer to a repetition says nothing about the first request.
            if error.code in REFUSALS or (known is None and error.status in _NOT_READ):
                _drop(home, founder, pending)
            raise
        return _keep(home, api, founder, pending, answer)


class PendingError(InvalidInputError):
    """A set-up still waits for its answer, and this one has other data."""

    code: ClassVar[str] = "init_pending"


@dataclass(frozen=True, slots=True)
class _Pending:
    """A pending set-up: the request, the parameters of its keyring, the given data, the sheet's digest."""

    request: dict[str, Any] = field(repr=False)
    parameters: Parameters
    asked: dict[str, Any]
    sheet: str = ""

    @property
    def roster(self) -> Roster:
        return Roster.read(from_json(read.mapping(self.request, "roster"), "roster"))


def _prepare(api: Api, home: Home, founder: Founder, password: str, token: str) -> _Pending:
    """Make all keys; write the sheet, then the request. A crash in between leaves a sheet that opens nothing."""
    if not token:
        raise MissingInputError(
            "the set-up token is missing", advice="Give the file that the server named when it started."
        )
    check_new_password(password)
    practice, email = check_line(founder.practice, "practice's name", MAX_NAME), check_email(founder.email)
    installation = _installation(api)
    sheet, parameters = new_sheet(), new_parameters()
    key = derive(password, email, parameters)
    made = _make(sheet, replace(founder, practice=practice, email=email), installation, key, parameters)
    facts = SheetFacts(practice, clock.local_day(clock.now()), fingerprint(sheet.root_key))
    write_sheet(founder.sheet, sheet, facts)
    made = replace(made, asked=_asked(founder), sheet=_digest(founder.sheet))
    sealed = box(key.keyring, PENDING_AAD, dump({"request": made.request, "asked": made.asked, "sheet": made.sheet}))
    home.write(
        PENDING_FILE, dump({"parameters": parameters.to_json(), "email": email, "request": to_base64url(sealed)})
    )
    return made


def _checked_url(url: str) -> str:
    """An address that links may begin with: https, or this machine's."""
    try:
        Api(check_public_url(url))
    except (RecordError, ConfigurationError) as error:
        raise InvalidInputError(
            f"links cannot begin with this address: {url}", advice="Write it as https://dossier.example."
        ) from error
    return url


def _asked(founder: Founder) -> dict[str, Any]:
    """The data that a repetition must repeat; the path as bytes, since a file's name may be no valid text."""
    path = to_base64url(os.fsencode(founder.sheet.absolute()))
    return {
        "practice": check_line(founder.practice, "practice's name", MAX_NAME),
        "name": founder.name,
        "email": check_email(founder.email).lower(),
        "public_url": founder.public_url,
        "sheet": path,
    }


def _check_same(pending: _Pending, founder: Founder, home: Home) -> None:
    asked, path = pending.asked, os.fsdecode(from_base64url(read.text(pending.asked, "sheet", limit=MAX_PENDING)))
    waits = f"{asked['practice']}, {asked['name']}, {asked['email']}, {path}"
    start_anew = f"To begin anew, remove {home.path / PENDING_FILE} and give a new name with --sheet."
    if asked != _asked(founder):
        raise PendingError(
            f"an earlier set-up waits for its answer ({waits})",
            advice=f"Repeat it with the same practice, name, e-mail address and sheet. {start_anew}",
        )
    if not founder.sheet.exists():
        raise PendingError(f"the recovery sheet of the set-up that waits is gone ({waits})", advice=start_anew)


def _drop(home: Home, founder: Founder, pending: _Pending) -> None:
    """Delete a refused request and its sheet, which opens nothing. Another file of that name is kept."""
    home.remove(PENDING_FILE)
    with contextlib.suppress(OSError):
        if _digest(founder.sheet) == pending.sheet:
            founder.sheet.unlink()


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _installation(api: Api) -> bytes:
    answer = api.get("/setup")
    if answer.get("state") != "open":
        raise ApiError("this vault was set up already", status=409, code="setup_done", advice="Sign in.")
    return read.octets(answer, "installation", 32)


def _make(sheet: Sheet, founder: Founder, installation: bytes, key: PasswordKey, parameters: Parameters) -> _Pending:
    practice, member = practice_id(sheet.root_key), new_id()
    keyring = new_keyring(practice, member, sheet.root_key, Standing(1, ""))
    person = Person(founder.name, founder.email, keyring.signing_key.verify_key.encode(), keyring.recipient)
    joined = new_member(person, DIRECTOR, clock.now(), member=member)
    roster = _first_roster(sheet, practice, joined, installation)
    keyring = keyring.standing_on(Standing(1, roster.hash), sheet.root_key)
    policy = _first_policy(founder, keyring)
    keyring_key = new_keyring_key()
    lock = Lock(keyring.roster, bytes(keyring_key), clock.now())
    signed = write("lock", lock.content(), practice=practice, signer=member, key=keyring.signing_key)
    request = {
        "roster": roster.to_json(),
        "policy": policy.to_json(),
        "member": joined.details,
        "parameters": parameters.to_json(),
        "login": to_base64url(key.login),
        "keyring": to_base64url(seal_keyring(keyring, keyring_key)),
        "lock": to_base64url(password_lock(keyring_key, key.keyring, member, parameters)),
        "recovery": to_base64url(sheet_lock(signed, sheet.identity.recipient().to_string())),
        "recovery_login": to_base64url(sheet.login),
    }
    return _Pending(request, parameters, {})


def _first_roster(sheet: Sheet, practice: str, director: NewMember, installation: bytes) -> Envelope:
    roster = Roster(
        practice=practice,
        version=1,
        previous=None,
        kind="ordinary",
        root=sheet.root_key,
        recovery=sheet.identity.recipient().to_string(),
        members=(director.entry,),
        installations=(installation,),
        at=clock.now(),
        signer=ROOT,
    )
    return write("roster", roster.content(), practice=practice, signer=ROOT, key=sheet.root)


def _first_policy(founder: Founder, keyring: Keyring) -> Envelope:
    policy = Policy(
        standing=keyring.roster,
        version=1,
        previous=None,
        name=founder.practice,
        months=DEFAULT_MONTHS,
        share_days=MAX_DAYS,
        share_max=SHARE_MAX,
        public_url=founder.public_url,
        announce_days=ANNOUNCE_DAYS,
        at=clock.now(),
    )
    signer = keyring.member
    return write("policy", policy.content(), practice=keyring.practice, signer=signer, key=keyring.signing_key)


def _send(api: Api, request: dict[str, Any], secret: Secret) -> dict[str, Any]:
    """Send the request with a code; all signed parts stay the same.

    The previous half minute's code is tried first: servers accept it, and the current one stays for signing in.
    """
    present = totp.step_of(clock.now())
    whole = {**request, "totp": to_base64url(secret)}
    try:
        return api.post("/setup", json={**whole, "code": totp.code(secret, present - 1)})
    except ApiError as error:
        if error.code != "code_wrong":
            raise
    return api.post("/setup", json={**whole, "code": totp.code(secret, present)})


def _keep(home: Home, api: Api, founder: Founder, pending: _Pending, answer: dict[str, Any]) -> Founded:
    roster = pending.roster
    member = roster.members[0].id
    if (answer.get("practice"), answer.get("member")) != (roster.practice, member):
        raise AnswerError("the server set up another practice than was asked for")
    stored = {name: pending.request[name] for name in ("parameters", "lock", "keyring")}
    home.write(KEYRING_FILE, dump(stored))
    MemberFile(roster.practice, member, api.url, founder.email.strip()).save(home)
    home.remove(PENDING_FILE)
    return Founded(member, fingerprint(roster.root))


def _load_pending(home: Home, password: str) -> _Pending | None:
    raw = home.read(PENDING_FILE)
    if raw is None:
        return None
    stored = parse_object(raw, limit=2 * MAX_PENDING)
    parameters = read_parameters(read.mapping(stored, "parameters"))
    sealed = from_base64url(read.text(stored, "request", limit=2 * MAX_PENDING))
    key = derive(password, read.text(stored, "email"), parameters).keyring
    opened = _opened(lambda: unbox(key, PENDING_AAD, sealed))
    kept = parse_object(opened, limit=MAX_PENDING)
    request, asked = read.mapping(kept, "request"), read.mapping(kept, "asked")
    return _Pending(dict(request), parameters, dict(asked), read.text(kept, "sheet"))


def _founded_before(home: Home, founder: Founder, password: str) -> Founded | None:
    """The earlier result, if this folder's member set up with this address and her sheet exists."""
    known, raw = load_member(home), home.read(KEYRING_FILE)
    if known is None or raw is None:
        return None
    if known.email.lower() != founder.email.strip().lower() or not founder.sheet.exists():
        raise OtherMemberError(
            f"this DOSSIER_HOME belongs to a member already: {home.path}",
            advice="Sign in with: dossier login. For another practice set DOSSIER_HOME to another folder.",
        )
    locked = read_locked(parse_object(raw, limit=4 * MAX_KEYRING))
    key = derive(password, known.email, locked.parameters).keyring
    keyring, _ = _opened(lambda: locked.open(key, known.member))
    return Founded(known.member, fingerprint(keyring.root))


def _opened(unseal: Callable[[], T]) -> T:
    try:
        return unseal()
    except (BoxError, RecordError) as error:
        raise WrongPasswordError(
            "this set-up was begun with another password", advice="Use the password that you chose then."
        ) from error
