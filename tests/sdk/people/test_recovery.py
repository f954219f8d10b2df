"""Back in with nothing but the sheet, and a new password in place of the old one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from nacl.signing import SigningKey

from tests.client.house import EMAIL, PASSWORD, House
from tests.client.line import ok
from tests.installation import keys, listed
from vault import totp
from vault.errors import IntegrityError
from vault.records.encoding import from_base64url, to_base64url
from vault.records.envelope import write
from vault.records.standing import Standing
from vault.records.types.lock import Lock
from vault.records.types.policy import DEFAULT_MONTHS, Policy
from vault.records.types.roster import Roster, practice_id
from vault.sdk.device import clock
from vault.sdk.errors import OtherMemberError, RollbackError, WeakPasswordError, WrongPasswordError
from vault.sdk.keys.keyring import Keyring, new_keyring, seal_keyring
from vault.sdk.keys.locks import sheet_lock
from vault.sdk.keys.sheet import Sheet, new_sheet, read_sheet
from vault.sdk.people.appointing import Person, appoint, new_member
from vault.sdk.people.login import login
from vault.sdk.people.recovery import recover
from vault.secret import Secret

KEY = b"k" * 32
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


def test_recovering_is_one_new_lock_and_leaves_the_keyring_as_it_is(founded: House) -> None:
    before = founded.gateway.director()
    recover(founded.api(), founded.at("x"), EMAIL, sheet_of(founded), OTHER)
    after = founded.gateway.director()
    assert (after.keyring, after.recovery) == (before.keyring, before.recovery)
    assert after.lock != before.lock


def test_another_sheet_is_refused(founded: House) -> None:
    with pytest.raises(WrongPasswordError):
        recover(founded.api(), founded.at("x"), EMAIL, new_sheet(), OTHER)
    founded.line.lie("POST", "/session/recovery$", lambda said: said)
    asked = {"email": EMAIL, "recovery_login": to_base64url(sheet_of(founded).login)}
    genuine = founded.api().post("/session/recovery", json=asked)
    founded.line.replace("POST", "/session/recovery$", lambda _: ok(genuine))
    refused(founded, new_sheet())


def test_a_server_that_sends_a_keyring_of_its_own_is_refused_before_anything_is_written(founded: House) -> None:
    """It knows the sheet's recipient, and makes keys, keyring, lock and signature for it."""
    sheet, member = sheet_of(founded), founded.founded.member
    roster = founded.login().rosters.newest
    made = new_keyring(roster.practice, member, sheet.root_key, Standing(roster.version, roster.hash))
    founded.line.lie("POST", "/session/recovery$", lambda said: {**said, **forged(made, roster.recovery)})
    refused(founded, sheet, "other keys than your keyring holds")
    founded.login(founded.at("later"))


def test_a_server_that_sends_a_practice_of_its_own_is_refused_before_anything_is_written(founded: House) -> None:
    """Every record of it is signed as it should be, and its newest roster states the sheet's root."""
    sheet, own, member = sheet_of(founded), SigningKey.generate(), "a" * 32
    practice = practice_id(own.verify_key.encode())
    made = new_keyring(practice, member, sheet.root_key, Standing(1, "0" * 64))
    signing, recovery = made.signing_key, sheet.identity.recipient().to_string()
    person = Person("Els", EMAIL, signing.verify_key.encode(), made.recipient)
    card = new_member(person, "director", clock.now(), member=member).entry
    known = listed(keys("J"), clock.now())
    first = Roster(1, None, "ordinary", own.verify_key.encode(), "age1", (card,), known, clock.now())
    one = write("roster", first.content(), practice=practice, signer="root", key=own)
    second = replace(first, version=2, previous=one.hash, root=sheet.root_key, recovery=recovery)
    two = write("roster", second.content(), practice=practice, signer=member, key=signing)
    made = made.standing_on(Standing(2, two.hash), sheet.root_key)
    policy = Policy(
        made.roster, 1, None, "Kluis", dict(DEFAULT_MONTHS), 90, 10, "https://elders.example", 30, clock.now()
    )
    signed = write("policy", policy.content(), practice=practice, signer=member, key=signing)
    chains = {"rosters": (one, two), "policies": (signed,)}
    chains |= {"ledger": (), "checkpoints": (), "repairs": ()}
    shown = {name: {"items": [each.to_json() for each in chain], "next": None} for name, chain in chains.items()}
    founded.line.replace("GET", "/chains$", lambda _: ok(shown))
    said = {"token": "t" * 43, "member": member, "practice": practice, **forged(made, recovery)}
    founded.line.replace("POST", "/session/recovery$", lambda _: ok(said))
    refused(founded, sheet, "the new root has not signed")


def test_a_lock_that_she_did_not_sign_or_a_keyring_it_does_not_open_is_refused(founded: House) -> None:
    sheet, signed_in = sheet_of(founded), founded.login()
    stranger = replace(signed_in.keyring, signing=Secret(b"s" * 32))
    recovery = signed_in.rosters.newest.recovery
    lock = forged(stranger, recovery)["recovery"]
    for change in ({"recovery": lock}, {"keyring": to_base64url(b"\x01" + b"k" * 200)}):
        founded.line.lie("POST", "/session/recovery$", lambda said, change=change: {**said, **change})
        refused(founded, sheet)
    sealed = {"keyring": to_base64url(seal_keyring(signed_in.keyring, KEY)), "recovery": lock}
    founded.line.lie("POST", "/session/recovery$", lambda said: {**said, **sealed})
    refused(founded, sheet, "a signature does not verify")


def test_a_device_that_has_seen_more_is_not_recovered_onto_less(founded: House) -> None:
    appoint(founded.login(), Person("Els", "els@voorbeeld.nl", b"k" * 32, "age1pq1"), "coach")
    founded.gateway.forget_newest("roster")
    with pytest.raises(RollbackError):
        recover(founded.api(), founded.home, EMAIL, sheet_of(founded), OTHER)


def test_a_folder_of_another_practice_is_refused(founded: House) -> None:
    founded.login()
    raw = founded.home.read("member.json") or b""
    founded.home.write("member.json", raw.replace(founded.signed_in.practice.encode(), b"f" * 32))
    with pytest.raises(OtherMemberError):
        recover(founded.api(), founded.home, EMAIL, sheet_of(founded), OTHER)


def sheet_of(founded: House) -> Sheet:
    return read_sheet((founded.folder / "sheet.txt").read_text())


def forged(keyring: Keyring, recovery: str) -> dict[str, str]:
    """What whoever holds these keys makes for a sheet."""
    lock = Lock(keyring.roster, KEY, clock.now())
    signer = {"practice": keyring.practice, "signer": keyring.member, "key": keyring.signing_key}
    file = sheet_lock(write("lock", lock.content(), **signer), recovery)
    return {"keyring": to_base64url(seal_keyring(keyring, KEY)), "recovery": to_base64url(file)}


def refused(founded: House, sheet: Sheet, why: str | None = None) -> None:
    """Nothing is written on the device or sent to the server."""
    home = founded.at("new laptop")
    with pytest.raises(IntegrityError, match=why):
        recover(founded.api(), home, EMAIL, sheet, OTHER)
    assert list(home.path.iterdir()) == []
    assert founded.line.count("PUT", "/session/keyring$") == 0


def test_recovering_onto_a_weak_password_is_refused(founded: House) -> None:
    sheet = read_sheet((founded.folder / "sheet.txt").read_text())
    with pytest.raises(WeakPasswordError):
        recover(founded.api(), founded.at("x"), EMAIL, sheet, "kort")


def test_the_recovery_login_is_not_the_seed(founded: House) -> None:
    sheet = read_sheet((founded.folder / "sheet.txt").read_text())
    sent = next(
        request.json for request in founded.line.requests if request.path == "/setup" and request.method == "POST"
    )
    assert from_base64url(sent["recovery_login"]) == bytes(sheet.login) != bytes(sheet.seed)
