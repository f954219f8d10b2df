"""Setting up a practice: the first director's keys, the sheet, roster 1 and the policy, in one repeatable request."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from vault import totp
from vault.errors import ConfigurationError, InvalidInputError
from vault.records import read
from vault.records.encoding import RecordError, new_id, to_base64url
from vault.records.envelope import Envelope, from_json, write
from vault.records.standing import Standing
from vault.records.strict_json import dump, parse_object
from vault.records.types.lock import Lock
from vault.records.types.policy import ANNOUNCE_DAYS, DEFAULT_MONTHS, MAX_DAYS, Policy, check_public_url
from vault.records.types.roster import DIRECTOR, ROOT, USES, Roster, RosterKey, practice_id
from vault.sdk.device import clock
from vault.sdk.device.home import Home
from vault.sdk.errors import AnswerError, ApiError, MissingInputError, OtherMemberError
from vault.sdk.keys.keyring import MAX_KEYRING, Keyring, new_keyring, new_keyring_key, seal_keyring
from vault.sdk.keys.locks import password_lock, read_locked, sheet_lock
from vault.sdk.keys.password_key import Parameters, PasswordKey, derive, new_parameters
from vault.sdk.keys.password_strength import check_new_password
from vault.sdk.keys.sheet import Sheet, new_sheet
from vault.sdk.keys.sheet_page import SheetFacts, write_sheet
from vault.sdk.keys.words import fingerprint
from vault.sdk.one_line import check_line
from vault.sdk.people.appointing import MAX_NAME, NewMember, Person, check_email, new_member
from vault.sdk.people.login import KEYRING_FILE
from vault.sdk.people.pending_setup import (
    PENDING_FILE,
    Pending,
    asked_by,
    check_same,
    digest_of,
    drop_pending,
    keep_pending,
    load_pending,
    with_password,
)
from vault.sdk.people.session import MemberFile, load_member
from vault.sdk.server.api import Api
from vault.sdk.server.retry import again
from vault.secret import Secret

SHARE_MAX = 100
REFUSALS = frozenset({"token_wrong", "code_wrong", "setup_done", "clock_wrong"})
_NOT_READ = frozenset({400, 413, 422})
_SPENT = "spent"


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
    founder = replace(founder, public_url=check_links_url(founder.public_url.rstrip("/") or api.url))
    with home.lock():
        done = _founded_before(home, founder, password)
        if done is not None:
            return done
        known = load_pending(home, password)
        if known is not None:
            check_same(known, founder, home)
        pending = known or _prepare(api, home, founder, password, token)
        try:
            answer = again(lambda: _send(api, {**pending.request, "token": token or _SPENT}, totp_secret))
        except ApiError as error:
            # A proxy's answer to a repetition says nothing about the first request.
            if error.code in REFUSALS or (known is None and error.status in _NOT_READ):
                drop_pending(home, founder, pending)
            raise
        return _keep(home, api, founder, pending, answer)


def _prepare(api: Api, home: Home, founder: Founder, password: str, token: str) -> Pending:
    """Make all keys; write the sheet, then the request. A crash in between leaves a sheet that opens nothing."""
    if not token:
        raise MissingInputError(
            "the set-up token is missing", advice="Give the file that the server named when it started."
        )
    check_new_password(password)
    practice, email = check_line(founder.practice, "practice's name", MAX_NAME), check_email(founder.email)
    installations = _installations(api)
    sheet, parameters = new_sheet(), new_parameters()
    key = derive(password, email, parameters)
    made = _make(sheet, replace(founder, practice=practice, email=email), installations, key, parameters)
    facts = SheetFacts(practice, clock.local_day(clock.now()), fingerprint(sheet.root_key))
    write_sheet(founder.sheet, sheet, facts)
    made = replace(made, asked=asked_by(founder), sheet=digest_of(founder.sheet))
    keep_pending(home, made, key, email)
    return made


def check_links_url(url: str) -> str:
    """An address that links may begin with: https, or this machine's."""
    try:
        Api(check_public_url(url))
    except (RecordError, ConfigurationError) as error:
        raise InvalidInputError(
            f"links cannot begin with this address: {url}", advice="Write it as https://dossier.example."
        ) from error
    return url


def _installations(api: Api) -> tuple[RosterKey, ...]:
    """The keys that the server names; a worker with others than these signs nothing, and `dossier doctor` says so."""
    answer = api.get("/setup")
    if answer.get("state") != "open":
        raise ApiError("this vault was set up already", status=409, code="setup_done", advice="Sign in.")
    keys, now = read.mapping(answer, "installations"), clock.now()
    return tuple(RosterKey(read.octets(keys, use, 32), (use,), now) for use in USES)


def _make(
    sheet: Sheet, founder: Founder, installations: tuple[RosterKey, ...], key: PasswordKey, parameters: Parameters
) -> Pending:
    practice, member = practice_id(sheet.root_key), new_id()
    keyring = new_keyring(practice, member, sheet.root_key, Standing(1, ""))
    person = Person(founder.name, founder.email, keyring.signing_key.verify_key.encode(), keyring.recipient)
    joined = new_member(person, DIRECTOR, clock.now(), member=member)
    roster = _first_roster(sheet, practice, joined, installations)
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
    return Pending(request, parameters, {})


def _first_roster(sheet: Sheet, practice: str, director: NewMember, installations: tuple[RosterKey, ...]) -> Envelope:
    roster = Roster(
        practice=practice,
        version=1,
        previous=None,
        kind="ordinary",
        root=sheet.root_key,
        recovery=sheet.identity.recipient().to_string(),
        members=(director.entry,),
        installations=installations,
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
    roster = {"Dossier-Roster": from_json(request["roster"], "roster").hash}  # tells a repetition before its body
    try:
        return api.post("/setup", json={**whole, "code": totp.code(secret, present - 1)}, headers=roster)
    except ApiError as error:
        if error.code != "code_wrong":
            raise
    return api.post("/setup", json={**whole, "code": totp.code(secret, present)}, headers=roster)


def _keep(home: Home, api: Api, founder: Founder, pending: Pending, answer: dict[str, Any]) -> Founded:
    roster = pending.roster
    member = roster.members[0].id
    if (answer.get("practice"), answer.get("member")) != (roster.practice, member):
        raise AnswerError("the server set up another practice than was asked for")
    stored = {name: pending.request[name] for name in ("parameters", "lock", "keyring")}
    home.write(KEYRING_FILE, dump(stored))
    MemberFile(roster.practice, member, api.url, founder.email.strip()).save(home)
    home.remove(PENDING_FILE)
    return Founded(member, fingerprint(roster.root))


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
    keyring, _ = with_password(lambda: locked.open(key, known.member))
    return Founded(known.member, fingerprint(keyring.root))
