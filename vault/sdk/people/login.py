"""Signing in: password and one-time code, then the keyring; every chain is verified before anything is stored."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from vault.boxes import BoxError
from vault.errors import VaultError
from vault.records import read
from vault.records.encoding import RecordError, to_base64url
from vault.records.strict_json import dump, parse_object
from vault.records.types.lock import Lock
from vault.sdk.device.home import Home
from vault.sdk.device.pins_file import load_pins
from vault.sdk.errors import (
    AnswerError,
    ApiError,
    OtherMemberError,
    WeakParametersError,
    WrongCodeError,
    WrongPasswordError,
)
from vault.sdk.keys.keyring import MAX_KEYRING, seal_keyring
from vault.sdk.keys.locks import Locked, read_locked, sheet_lock
from vault.sdk.keys.password_key import Parameters, PasswordKey, derive, read_parameters
from vault.sdk.people.chains import fetch_chains
from vault.sdk.people.session import MemberFile, SignedIn, load_member
from vault.sdk.people.shown_before import keep_shown, show_again
from vault.sdk.server.api import Api

KEYRING_FILE = "keyring"
MAX_LOCKED = 4 * MAX_KEYRING
CODE_TRIES = 3
_CODE_ADVICE = "Check that the clocks of this machine and of your telephone are right."


def login(api: Api, home: Home, email: str, password: str, code: str | Callable[[], str]) -> SignedIn:
    """A session of this member, stored on this device; its keyring, chains and pins are verified.

    `code` is a one-time code, or a callable for the next one: called again when the server says that a code was used.
    Raises WrongPasswordError, WrongCodeError, WeakParametersError (before anything derived from the password is sent),
    OtherMemberError, IntegrityError and the errors of `Api`.
    """
    parameters = read_parameters(api.post("/session/parameters", json={"email": email}))
    key = derive(password, email, parameters)
    answer = _start(api, email, key, _seen(home, key), code)
    session = api.signed_in(read.text(answer, "token", limit=1000))
    member = read.identifier(answer, "member")
    check_home(home, member)
    locked = _locked(session, parameters)
    keyring, keyring_key = locked.open(key.keyring, member)
    pins = load_pins(home, keyring.pins_key)
    signed_in = SignedIn(session, home, keyring, pins, fetch_chains(session, keyring, pins), keyring_key)
    signed_in.public_url = None if answer.get("public_url") is None else read.text(answer, "public_url")
    renew_keyring(signed_in)
    keep(signed_in, locked.parameters, locked.lock, email)
    with suppress(VaultError, RecordError):  # a second chance, which may not cost anybody the sign-in
        keep_shown(signed_in)
    if signed_in.doubts:
        signed_in.told = show_again(signed_in)
    return signed_in


def check_home(home: Home, member: str) -> None:
    """Raise OtherMemberError when the folder belongs to another member: pins and spool must not mix."""
    known = load_member(home)
    if known is not None and known.member != member:
        raise OtherMemberError(
            f"this DOSSIER_HOME belongs to another member: {home.path}",
            advice="Set DOSSIER_HOME to another folder, one for each person.",
        )


def renew_keyring(signed_in: SignedIn) -> None:
    """Store the newest roster in the keyring, and a lock for a sheet that is new to this director."""
    before, newest = signed_in.keyring, signed_in.rosters.newest
    newer = before.standing_on(signed_in.standing, newest.root)
    request: dict[str, str] = {}
    if newer != before:
        request["keyring"] = to_base64url(seal_keyring(newer, signed_in.keyring_key))
    then = signed_in.rosters.at(before.roster)
    had_lock = before.member in then.directors and then.recovery == newest.recovery
    if signed_in.is_director and not had_lock:
        lock = Lock(signed_in.standing, bytes(signed_in.keyring_key), signed_in.now())
        request["recovery"] = to_base64url(sheet_lock(signed_in.sign("lock", lock.content()), newest.recovery))
    if request:
        signed_in.api.put("/session/keyring", json=request)
        signed_in.keyring = newer


def keep(signed_in: SignedIn, parameters: Parameters, lock: bytes, email: str) -> None:
    """Store the sign-in on this device: member file, sealed keyring with the password's lock, pins, session."""
    home, keyring = signed_in.home, signed_in.keyring
    home.write(KEYRING_FILE, dump(Locked(parameters, lock, seal_keyring(keyring, signed_in.keyring_key)).to_json()))
    signed_in.save_pins()
    MemberFile(keyring.practice, keyring.member, signed_in.api.url, email).save(home)
    signed_in.store()


def _start(
    api: Api, email: str, key: PasswordKey, seen: dict[str, int], code: str | Callable[[], str]
) -> dict[str, Any]:
    """The server's answer to both factors; a used code is followed by the next one."""
    for attempt in range(CODE_TRIES):
        given = code if isinstance(code, str) else code()
        request = {"email": email, "login": to_base64url(key.login), "code": given, "seen": seen, "cookie": False}
        try:
            return api.post("/session", json=request)
        except ApiError as error:
            if error.code != "code_spent" or isinstance(code, str) or attempt == CODE_TRIES - 1:
                raise _refusal(error) from error
    raise AssertionError("the loop ends in a return or a raise")


def _refusal(error: ApiError) -> Exception:
    match error.code:
        case "credentials_wrong":
            return WrongPasswordError(
                "the e-mail address or the password is wrong", advice="Type both again; capitals count in the password."
            )
        case "code_wrong":
            return WrongCodeError("the one-time code is wrong", advice=_CODE_ADVICE)
        case "code_spent":
            return WrongCodeError("the one-time code was used already", advice="Wait for the next one.")
        case _:
            return error


def _seen(home: Home, key: PasswordKey) -> dict[str, int]:
    """This device's pins, if its keyring opens with this password; lets a server that was rolled back notice it."""
    nothing = {"roster": 0, "ledger": 0, "checkpoint": 0}
    try:
        known, raw = load_member(home), home.read(KEYRING_FILE)
        if known is None or raw is None:
            return nothing
        locked = read_locked(parse_object(raw, limit=MAX_LOCKED))
        keyring, _ = locked.open(key.keyring, known.member)
    except (BoxError, RecordError, WeakParametersError):
        return nothing
    pins = load_pins(home, keyring.pins_key)
    ends = {name: mark.number for name, mark in pins.marks.items() if name in nothing}
    return {**nothing, **ends, "roster": max(len(pins.rosters), keyring.roster.version)}


def _locked(session: Api, parameters: Parameters) -> Locked:
    locked = read_locked(session.get("/session/keyring"))
    if locked.parameters != parameters:
        raise AnswerError("the server changed the password's parameters in between", advice="Sign in again.")
    return locked
