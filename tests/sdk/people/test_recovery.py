"""Back in with nothing but the sheet, and a new password in place of the old one."""

from __future__ import annotations

import json

import pytest

from tests.client.house import EMAIL, PASSWORD, House
from tests.client.line import Answer
from vault import totp
from vault.errors import IntegrityError
from vault.records.encoding import from_base64url, to_base64url
from vault.sdk.device import clock
from vault.sdk.errors import (
    WeakPasswordError,
    WrongPasswordError,
)
from vault.sdk.keys.sheet import Sheet, new_sheet, read_sheet
from vault.sdk.people.login import login
from vault.sdk.people.recovery import change_password, recover

OTHER = "zeven groene ezels lopen zingend voorbij de molen"


def test_the_sheet_brings_a_director_back_with_new_password_and_codes(founded: House) -> None:
    first = founded.login()
    sheet = read_sheet((founded.folder / "sheet.txt").read_text())
    device = founded.at("new laptop")
    done = recover(founded.api(), device, EMAIL, sheet, OTHER)
    assert done.member == first.member
    with pytest.raises(WrongPasswordError):
        founded.login()
    back = login(founded.api(), device, EMAIL, OTHER, totp.code(done.totp_secret, totp.step_of(clock.now())))
    assert back.keyring.signing == first.keyring.signing
    recover(founded.api(), device, EMAIL, sheet, PASSWORD)


def test_another_sheet_or_a_server_with_another_keyring_is_refused(founded: House) -> None:
    sheet = read_sheet((founded.folder / "sheet.txt").read_text())
    with pytest.raises(WrongPasswordError):
        recover(founded.api(), founded.at("x"), EMAIL, new_sheet(), OTHER)
    session = recovery_of(founded, sheet)
    founded.line.replace("POST", "/session/recovery$", lambda _: session)
    with pytest.raises(IntegrityError):
        recover(founded.api(), founded.at("x"), EMAIL, new_sheet(), OTHER)


def recovery_of(founded: House, sheet: Sheet) -> Answer:
    """What the server answers to who has the right sheet."""
    asked = {"email": EMAIL, "recovery_login": to_base64url(sheet.login)}
    said = founded.api().post("/session/recovery", json=asked)
    return Answer(201, {"content-type": "application/json"}, json.dumps(said).encode())


def test_recovering_onto_a_weak_password_is_refused(founded: House) -> None:
    sheet = read_sheet((founded.folder / "sheet.txt").read_text())
    with pytest.raises(WeakPasswordError):
        recover(founded.api(), founded.at("x"), EMAIL, sheet, "kort")


def test_a_changed_password_replaces_the_old_one(founded: House) -> None:
    signed_in = founded.login()
    change_password(signed_in, EMAIL, OTHER)
    with pytest.raises(WrongPasswordError):
        founded.login()
    assert founded.login(password=OTHER).member == signed_in.member


def test_the_recovery_login_is_not_the_seed(founded: House) -> None:
    sheet = read_sheet((founded.folder / "sheet.txt").read_text())
    sent = next(
        request.json for request in founded.line.requests if request.path == "/setup" and request.method == "POST"
    )
    assert from_base64url(sent["recovery_login"]) == bytes(sheet.login) != bytes(sheet.seed)
