"""Signing in: password and one-time code, then the keyring; every chain is verified before anything is stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, TypeVar

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
from vault.sdk.keys.recovery_codes import is_code, read_code
from vault.sdk.one_line import check_line
from vault.sdk.people.chains import fetch_chains
from vault.sdk.people.session import MemberFile, SignedIn, load_member
from vault.sdk.people.shown_before import keep_shown, show_again
from vault.sdk.server.api import Api

KEYRING_FILE = "keyring"
DEVICE_FILE = "device"
MAX_DEVICE, MAX_NAME = 64, 100
T = TypeVar("T")
MAX_LOCKED = 4 * MAX_KEYRING
CODE_TRIES = 3
_CODE_FORM = "Type the six digits of the app, or the 24 letters and digits of a recovery code."
_CODE_ADVICE = "Check that the clocks of this machine and of your telephone are right."


def login(
    api: Api, home: Home, email: str, password: str, code: str | Callable[[], str], *, device: str = ""
) -> SignedIn:
    """A session of this member, stored on this device; its keyring, chains and pins are verified.

    `code` is a one-time or recovery code, or a callable for the next one: called again when the server says that a code
    was used. `device` is what the member calls this device.
    Raises WrongPasswordError, WrongCodeError, WeakParametersError (before anything derived from the password is sent),
    OtherMemberError, IntegrityError and the errors of `Api`.
    """
    parameters = read_parameters(api.post("/session/parameters", json={"email": email}))
    key = derive(password, email, parameters)
    about = {"email": email, "seen": _seen(home, key), "cookie": False, **device_of(home, device)}
    answer, code = start(lambda code: api.post("/session", json={**about, **_both(key, code)}), code)
    session = api.signed_in(read.text(answer, "token", limit=1000))
    member = read.identifier(answer, "member")
    check_home(home, member)
    locked = _locked(session, parameters)
    keyring, keyring_key = locked.open(key.keyring, member)
    pins = load_pins(home, keyring.pins_key)
    signed_in = SignedIn(session, home, keyring, pins, fetch_chains(session, keyring, pins), keyring_key)
    signed_in.public_url = None if answer.get("public_url") is None else read.text(answer, "public_url")
    signed_in.codes_left = None if answer.get("codes_left") is None else read.integer(answer, "codes_left", least=0)
    renew_keyring(signed_in, _both(key, code))
    keep_device(home, answer)
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


def device_of(home: Home, name: str) -> dict[str, str]:
    """What this device says of itself: its name, and the token that the server gave it at an earlier sign-in."""
    known = (home.read(DEVICE_FILE) or b"").decode("ascii", errors="replace").strip()
    said = {"device": check_line(name, "device's name", MAX_NAME)} if name.strip() else {}
    return {**said, "known_device": known} if len(known) == MAX_DEVICE and known.isascii() else said


def keep_device(home: Home, answer: Mapping[str, Any]) -> None:
    """Keep the token that spares this device the wait for a stranger's failures; it opens nothing."""
    token = answer.get("known_device")
    if isinstance(token, str) and len(token) == MAX_DEVICE:
        home.write(DEVICE_FILE, token.encode())


def renew_keyring(signed_in: SignedIn, proof: Mapping[str, str]) -> None:
    """Store the newest roster in the keyring, and a lock for a sheet that is new to this director.

    `proof` is what just opened the session, which the server takes once more for this.
    """
    before, newest = signed_in.keyring, signed_in.rosters.newest
    newer = before.standing_on(signed_in.standing, newest.root)
    request: dict[str, Any] = {}
    if newer != before:
        request["keyring"] = to_base64url(seal_keyring(newer, signed_in.keyring_key))
    then = signed_in.rosters.at(before.roster)
    had_lock = before.member in then.directors and then.recovery == newest.recovery
    if signed_in.is_director and not had_lock:
        lock = Lock(signed_in.standing, bytes(signed_in.keyring_key), signed_in.now())
        request["recovery"] = to_base64url(sheet_lock(signed_in.sign("lock", lock.content()), newest.recovery))
    if request:
        signed_in.api.put("/session/keyring", json={**request, "proof": dict(proof)})
        signed_in.keyring = newer


def keep_keyring(signed_in: SignedIn, parameters: Parameters, lock: bytes) -> None:
    """Store the sealed keyring with the password's lock on this device."""
    sealed = seal_keyring(signed_in.keyring, signed_in.keyring_key)
    signed_in.home.write(KEYRING_FILE, dump(Locked(parameters, lock, sealed).to_json()))


def keep(signed_in: SignedIn, parameters: Parameters, lock: bytes, email: str) -> None:
    """Store the sign-in on this device: member file, sealed keyring with the password's lock, pins, session."""
    home, keyring = signed_in.home, signed_in.keyring
    keep_keyring(signed_in, parameters, lock)
    signed_in.save_pins()
    MemberFile(keyring.practice, keyring.member, signed_in.api.url, email).save(home)
    signed_in.store()


def start(ask: Callable[[str], T], code: str | Callable[[], str]) -> tuple[T, str]:
    """The server's answer to a code, and that code; a used one is followed by the next.

    Raises WrongCodeError before anything is sent for what is no code, WrongPasswordError and the errors of `ask`.
    """
    for attempt in range(CODE_TRIES):
        given = read_code(code if isinstance(code, str) else code())
        if not is_code(given):
            raise WrongCodeError("this is neither a one-time code nor a recovery code", advice=_CODE_FORM)
        try:
            return ask(given), given
        except ApiError as error:
            if error.code != "code_spent" or isinstance(code, str) or attempt == CODE_TRIES - 1:
                raise refusal(error) from error
    raise AssertionError("the loop ends in a return or a raise")


def _both(key: PasswordKey, code: str) -> dict[str, str]:
    return {"login": to_base64url(key.login), "code": code}


def refusal(error: ApiError) -> Exception:
    """The error for a refused factor; any other as it is."""
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
