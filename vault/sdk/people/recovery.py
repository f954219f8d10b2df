"""Recovery by the sheet, and a change of password: both reseal the keyring."""

from __future__ import annotations

from dataclasses import dataclass

from vault.records import read
from vault.records.encoding import dump, from_base64url, to_base64url
from vault.sdk.device.home import Home
from vault.sdk.errors import AnswerError, ApiError, WrongPasswordError
from vault.sdk.keys import one_time_codes
from vault.sdk.keys.derivation import Parameters, PasswordKey, derive, new_parameters
from vault.sdk.keys.keyring import MAX_KEYRING, Keyring, parse_keyring, seal_for_sheet, seal_keyring
from vault.sdk.keys.password import check_new_password
from vault.sdk.keys.sheet import Sheet
from vault.sdk.people.login import KEYRING_FILE, check_home, keep
from vault.sdk.people.session import MemberFile, SignedIn
from vault.sdk.server.api import Api
from vault.secret import Secret


@dataclass(frozen=True, slots=True)
class Recovered:
    """The recovered member, and the new secret of her one-time codes."""

    member: str
    totp_secret: Secret


def recover(api: Api, home: Home, email: str, sheet: Sheet, password: str) -> Recovered:
    """Seal the keyring under a new password and make new one-time codes; signing in is a separate step.

    Raises WeakPasswordError, WrongPasswordError (no such sheet for that address), IntegrityError; repeatable.
    """
    check_new_password(password)
    try:
        answer = api.post("/session/recovery", json={"email": email, "recovery_login": to_base64url(sheet.login)})
    except ApiError as error:
        if error.code in {"credentials_wrong", "recovery_wrong"}:
            raise WrongPasswordError(
                "the e-mail address and the recovery sheet do not belong together",
                advice="Check the address, and that this is the newest sheet.",
            ) from error
        raise
    session = api.signed_in(read.text(answer, "token", limit=1000))
    keyring = _open_copy(answer, sheet)
    check_home(home, keyring.member)
    parameters, secret = new_parameters(), one_time_codes.new_secret()
    key = derive(password, parameters)
    sealed = seal_keyring(keyring, key.keyring, parameters)
    recovery = seal_for_sheet(keyring, sheet.identity.recipient().to_string())
    session.put(
        "/session/keyring",
        json={**_change(sealed, key, parameters), "recovery": to_base64url(recovery), "totp": to_base64url(secret)},
    )
    home.write(KEYRING_FILE, dump({"parameters": parameters.to_json(), "keyring": to_base64url(sealed)}))
    MemberFile(keyring.practice, keyring.member, api.url, email).save(home)
    return Recovered(keyring.member, secret)


def change_password(signed_in: SignedIn, email: str, password: str) -> None:
    """Seal the keyring of a signed-in member under a new password; raises WeakPasswordError and the errors of `Api`."""
    check_new_password(password)
    parameters = new_parameters()
    key = derive(password, parameters)
    sealed = seal_keyring(signed_in.keyring, key.keyring, parameters)
    recovery = None
    if signed_in.is_director:
        recovery = to_base64url(seal_for_sheet(signed_in.keyring, signed_in.rosters.newest.recovery))
    signed_in.api.put("/session/keyring", json={**_change(sealed, key, parameters), "recovery": recovery})
    keep(signed_in, key, parameters, email)


def _open_copy(answer: dict[str, object], sheet: Sheet) -> Keyring:
    """The keyring from its copy for the sheet; its pinned root must be the sheet's."""
    from vault.age import AgeError, decrypt  # noqa: PLC0415 - loads `cryptography`

    sealed = from_base64url(read.text(answer, "recovery", limit=8 * MAX_KEYRING))
    try:
        keyring = parse_keyring(decrypt(sealed, [sheet.identity]))
    except AgeError as error:
        raise AnswerError("the server's copy of the keyring does not open with this sheet") from error
    if keyring.root != sheet.root_key or keyring.member != answer.get("member"):
        raise AnswerError("the server's copy of the keyring is not the one of this sheet")
    return keyring


def _change(sealed: bytes, key: PasswordKey, parameters: Parameters) -> dict[str, object]:
    return {
        "keyring": to_base64url(sealed),
        "parameters": parameters.to_json(),
        "login": to_base64url(key.login),
    }
