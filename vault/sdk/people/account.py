"""The member's own account: password, second factor, recovery codes, devices; and what a director gives back.

Whatever changes how she signs in takes both factors again: a session alone, stolen or left open, changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from vault.boxes import BoxError
from vault.records import read
from vault.records.encoding import RecordError, format_instant, to_base64url
from vault.sdk.errors import ApiError, WrongPasswordError
from vault.sdk.keys.locks import Locked, password_lock, read_locked
from vault.sdk.keys.password_key import PasswordKey, derive, new_parameters
from vault.sdk.keys.password_strength import check_new_password
from vault.sdk.people.login import keep_keyring, refusal, start
from vault.sdk.people.recovery import confirmed, new_lock
from vault.sdk.people.session import SignedIn, load_member
from vault.sdk.people.session_file import wipe_session
from vault.sdk.server.retry import again

MAX_LINE, MAX_LISTED = 1000, 100_000


@dataclass(frozen=True, slots=True)
class Factors:
    """Both factors, asked for again: the password, and a code or a callable for the next one."""

    password: str = field(repr=False)
    code: str | Callable[[], str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Device:
    """A device with a live session; `place` is the network it was signed in from, coarse, as the server saw it."""

    id: str
    name: str
    place: str
    since: datetime
    last_use: datetime
    this: bool


@dataclass(frozen=True, slots=True)
class Account:
    """A member's account, as its member is shown it."""

    name: str
    email: str
    password_at: datetime | None
    factor_at: datetime | None
    codes: int
    devices: tuple[Device, ...]


def account(signed_in: SignedIn) -> Account:
    """The account as the server has it."""
    answer = signed_in.api.get("/account")
    return Account(
        signed_in.name_of(signed_in.member),
        email_of(signed_in),
        read.optional(read.instant, answer, "password_at"),
        read.optional(read.instant, answer, "factor_at"),
        read.integer(answer, "codes", least=0),
        tuple(_device(each) for each in read.objects(answer, "devices", most=MAX_LISTED)),
    )


def change_password(signed_in: SignedIn, factors: Factors, password: str) -> None:
    """Lock the keyring with a new password; every other session ends.

    Raises WeakPasswordError, WrongPasswordError, WrongCodeError and the errors of `Api`. Interrupted anywhere, the old
    password works or the new one does.
    """
    check_new_password(password)
    parameters = new_parameters()
    key = derive(password, email_of(signed_in), parameters)
    lock = password_lock(signed_in.keyring_key, key.keyring, signed_in.member, parameters)
    _change(signed_in, factors, new_lock(Locked(parameters, lock, b""), key))
    keep_keyring(signed_in, parameters, lock)


def change_factor(
    signed_in: SignedIn, factors: Factors, secret: bytes, codes: tuple[str, ...], confirm: str | None = None
) -> None:
    """Put a new second factor in force, with new recovery codes; every other session ends.

    `confirm` is a code that the app shows for the new secret; None where this device makes the codes itself.
    """
    change = {"totp": to_base64url(secret), "codes": list(codes)}
    if confirm is not None:
        _change(signed_in, factors, {**change, "confirm": confirm})
    else:
        confirmed(secret, lambda code: _change(signed_in, factors, {**change, "confirm": code}))


def change_codes(signed_in: SignedIn, factors: Factors, codes: tuple[str, ...]) -> None:
    """Put ten new recovery codes in the place of all that there were; every other session ends."""
    _change(signed_in, factors, {"codes": list(codes)})


def end_device(signed_in: SignedIn, password: str, device: str | None) -> None:
    """End the session of that device, or with None of all, this one too, whose keys are then wiped here."""
    _end(signed_in, password, {"device": device})
    if device is None:
        wipe_session(signed_in.home)


def end_sessions_of(signed_in: SignedIn, password: str, member: str) -> None:
    """End all sessions of a member, as a director; she signs in again."""
    _end(signed_in, password, {"member": member})
    if member == signed_in.member:
        wipe_session(signed_in.home)


def _end(signed_in: SignedIn, password: str, which: dict[str, str | None]) -> None:
    request = {**which, "login": to_base64url(_key(signed_in, password).login)}
    try:
        again(lambda: signed_in.api.post("/account/devices/end", json=request))
    except ApiError as error:
        raise refusal(error) from error


@dataclass(frozen=True, slots=True)
class Former:
    """A change that can be undone: its time, and since when what it replaced had been in force."""

    at: datetime
    password_at: datetime | None
    factor_at: datetime | None


def formers(signed_in: SignedIn, member: str) -> list[Former]:
    """The changes of a member's password and factor that a director can undo, the oldest first."""
    items = read.objects(signed_in.api.get(f"/members/{member}/former"), "items", most=MAX_LISTED)
    return [
        Former(
            read.instant(each, "at"),
            read.optional(read.instant, each, "password_at"),
            read.optional(read.instant, each, "factor_at"),
        )
        for each in items
    ]


def give_back(signed_in: SignedIn, factors: Factors, member: str, at: datetime) -> None:
    """Give back what that change replaced; the member's sessions and recovery codes end."""
    key = _key(signed_in, factors.password)

    def send(code: str) -> None:
        proof = {"login": to_base64url(key.login), "code": code}
        request = {"at": format_instant(at), "proof": proof}
        again(lambda: signed_in.api.post(f"/members/{member}/former", json=request))

    start(send, factors.code)


def member_of(signed_in: SignedIn, email: str) -> str | None:
    """The active member with this address, as the roster's card says; None where there is none."""
    for member in sorted(signed_in.rosters.newest.active):
        if signed_in.card_of(member)[1].lower() == email.strip().lower():
            return member
    return None


def email_of(signed_in: SignedIn) -> str:
    """The address that this device's member signs in with."""
    known = load_member(signed_in.home)
    assert known is not None, "a session is stored with its member"
    return known.email


def _change(signed_in: SignedIn, factors: Factors, change: Mapping[str, Any]) -> None:
    """Send a change with both factors; a lost answer is asked for again, by the same request."""
    key = _key(signed_in, factors.password)

    def send(code: str) -> None:
        proof = {"login": to_base64url(key.login), "code": code}
        again(lambda: signed_in.api.put("/session/keyring", json={**change, "proof": proof}))

    start(send, factors.code)


def _key(signed_in: SignedIn, password: str) -> PasswordKey:
    """The keys of the present password, which opens the lock that the server holds: nothing wrong is sent."""
    locked = read_locked(signed_in.api.get("/session/keyring"))
    key = derive(password, email_of(signed_in), locked.parameters)
    try:
        locked.open(key.keyring, signed_in.member)
    except (BoxError, RecordError) as error:
        raise WrongPasswordError(
            "this is not your present password", advice="Type it again; capitals count in the password."
        ) from error
    return key


def _device(value: dict[str, Any]) -> Device:
    return Device(
        read.identifier(value, "id"),
        read.text(value, "name", limit=MAX_LINE) if value.get("name") else "",
        read.text(value, "place", limit=MAX_LINE) if value.get("place") else "",
        read.instant(value, "since"),
        read.instant(value, "last_use"),
        value.get("this") is True,
    )
