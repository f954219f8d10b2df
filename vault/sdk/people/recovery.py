"""Recovery by the sheet: it makes a new lock of the same keyring, and a new second factor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from vault import totp
from vault.boxes import BoxError
from vault.records import read
from vault.records.encoding import RecordError, from_base64url, to_base64url
from vault.records.strict_json import dump
from vault.records.types.lock import Lock
from vault.rules.rights import check_signer
from vault.rules.rosters import Rosters
from vault.sdk.device import clock
from vault.sdk.device.home import Home
from vault.sdk.device.pins import Pins
from vault.sdk.device.pins_file import load_pins
from vault.sdk.errors import AnswerError, ApiError, OtherMemberError, WrongPasswordError
from vault.sdk.keys import one_time_codes
from vault.sdk.keys.keyring import MAX_KEYRING, Keyring, open_keyring
from vault.sdk.keys.locks import MAX_SHEET_LOCK, Locked, open_sheet_lock, password_lock
from vault.sdk.keys.password_key import PasswordKey, derive, new_parameters
from vault.sdk.keys.password_strength import check_new_password
from vault.sdk.keys.sheet import Sheet
from vault.sdk.people.chains import fetch_chains
from vault.sdk.people.login import KEYRING_FILE, check_home, device_of
from vault.sdk.people.session import MemberFile, load_member
from vault.sdk.server.api import Api
from vault.secret import Secret

T = TypeVar("T")
_NOT_HERS = "Nothing was changed. The server made this keyring, or it is another practice's: check DOSSIER_URL."


@dataclass(frozen=True, slots=True)
class Recovered:
    """The recovered member, and the new secret of her one-time codes."""

    member: str
    totp_secret: Secret


@dataclass(frozen=True, slots=True)
class _Opened:
    """The keyring as the sheet opens it: its key, the sealed form, the content."""

    key: Secret
    sealed: bytes
    keyring: Keyring


def recover(api: Api, home: Home, email: str, sheet: Sheet, password: str) -> Recovered:
    """Lock the keyring with a new password and make new one-time codes; signing in is a separate step.

    Everything is verified before anything is written, here or there: the chain of rosters from the sheet's root, the
    lock's signature, and that the roster gives this member these very keys. Raises WeakPasswordError,
    WrongPasswordError (no such sheet for that address), OtherMemberError, IntegrityError; repeatable.
    """
    check_new_password(password)
    try:
        proof = {"recovery_login": to_base64url(sheet.login)}
        answer = api.post("/session/recovery", json={"email": email, **proof, **device_of(home, "")})
    except ApiError as error:
        if error.code in {"credentials_wrong", "recovery_wrong"}:
            raise WrongPasswordError(
                "the e-mail address and the recovery sheet do not belong together",
                advice="Check the address, and that this is the newest sheet.",
            ) from error
        raise
    session = api.signed_in(read.text(answer, "token", limit=1000))
    opened = _opened(session, home, answer, sheet)
    member = opened.keyring.member
    parameters, secret = new_parameters(), one_time_codes.new_secret()
    key = derive(password, email, parameters)
    locked = Locked(parameters, password_lock(opened.key, key.keyring, member, parameters), opened.sealed)
    change = {**new_lock(locked, key), "proof": proof, "totp": to_base64url(secret)}
    confirmed(secret, lambda confirm: session.put("/session/keyring", json={**change, "confirm": confirm}))
    home.write(KEYRING_FILE, dump(locked.to_json()))
    MemberFile(opened.keyring.practice, member, api.url, email).save(home)
    return Recovered(member, secret)


def confirmed(secret: bytes, send: Callable[[str], T]) -> T:
    """The answer to a code of a secret that is on this device.

    That of the half minute before is tried first: servers take it, and the current one stays for signing in.
    """
    present = totp.step_of(clock.now())
    try:
        return send(totp.code(secret, present - 1))
    except ApiError as error:
        if error.code != "confirm_wrong":
            raise
    return send(totp.code(secret, present))


def _opened(session: Api, home: Home, answer: dict[str, object], sheet: Sheet) -> _Opened:
    """The keyring that the sheet opens, verified; raises AnswerError, SignatureError, RosterError, OtherMemberError."""
    envelope = open_sheet_lock(from_base64url(read.text(answer, "recovery", limit=MAX_SHEET_LOCK)), sheet.identity)
    lock = Lock.read(envelope)
    check_home(home, lock.signer)
    sealed = from_base64url(read.text(answer, "keyring", limit=2 * MAX_KEYRING))
    try:
        keyring = open_keyring(sealed, lock.key, lock.signer)
    except (BoxError, RecordError) as error:
        raise AnswerError("the server's keyring does not open with the sheet's lock", advice=_NOT_HERS) from error
    rosters = fetch_chains(session, keyring, Pins()).rosters
    _check_sheet(rosters, sheet, home)
    check_signer(envelope, rosters)
    pins = load_pins(home, keyring.pins_key)
    if pins.rosters:
        fetch_chains(session, keyring, pins)
    return _Opened(Secret(lock.key), sealed, keyring)


def _check_sheet(rosters: Rosters, sheet: Sheet, home: Home) -> None:
    """Raise unless the chain is of this sheet's practice, and the sheet in force.

    A server can state any root in a roster of its own making. But the chain is verified: a root that it states has
    signed roster 1, or the roster that put it in the place of another one.
    """
    known = load_member(home)
    if known is not None and known.practice != rosters.newest.practice:
        raise OtherMemberError(
            f"this DOSSIER_HOME belongs to another member: {home.path}",
            advice="Set DOSSIER_HOME to another folder, one for each person.",
        )
    if rosters.newest.root != sheet.root_key:
        raise AnswerError("the server's practice is not the one of this sheet", advice=_NOT_HERS)


def new_lock(locked: Locked, key: PasswordKey) -> dict[str, object]:
    """What changes with a new password."""
    return {
        "parameters": locked.parameters.to_json(),
        "lock": to_base64url(locked.lock),
        "login": to_base64url(key.login),
    }
