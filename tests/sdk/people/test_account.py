"""Password, second factor, recovery codes and devices from the member's own device, at a real gateway."""

from __future__ import annotations

from contextlib import suppress

import pytest

from tests.client.house import EMAIL, PASSWORD, TOTP, House
from vault import totp
from vault.sdk.audit.account_chain import account_events
from vault.sdk.device import clock
from vault.sdk.device.home import Home
from vault.sdk.errors import (
    ApiError,
    NotSignedInError,
    ServerUnreachableError,
    WeakPasswordError,
    WrongCodeError,
    WrongPasswordError,
)
from vault.sdk.keys.recovery_codes import new_codes, spaced
from vault.sdk.people.account import (
    Factors,
    account,
    change_codes,
    change_factor,
    change_password,
    end_device,
    formers,
    give_back,
    member_of,
)
from vault.sdk.people.login import DEVICE_FILE, login
from vault.sdk.people.session import SignedIn

OTHER = "zeven zilveren zwanen zwemmen zachtjes zuidwaarts"
SECRET = b"another secret, of 20"[:20]


@pytest.fixture(autouse=True)
def quick_retries(no_pauses: None) -> None:
    """Retries without pauses."""


def factors(house: House, password: str = PASSWORD) -> Factors:
    return Factors(password, house.code)


def test_a_changed_password_takes_the_place_of_the_old_one_and_ends_other_sessions(founded: House) -> None:
    other = founded.login(founded.at("other"))
    signed_in = founded.login()
    change_password(signed_in, factors(founded), OTHER)
    with pytest.raises(NotSignedInError):
        SignedIn.load(other.home)
    assert SignedIn.load(founded.home).member == signed_in.member
    with pytest.raises(WrongPasswordError):
        founded.login(founded.at("third"))
    assert founded.login(password=OTHER).member == signed_in.member


def test_it_asks_for_both_factors_again(house: House) -> None:
    for wrong, error in (
        (Factors(OTHER, house.code), WrongPasswordError),
        (Factors(PASSWORD, "12345x"), WrongCodeError),
        (Factors(PASSWORD, spaced(new_codes()[0])), WrongCodeError),
    ):
        with pytest.raises(error):
            change_password(house.signed_in, wrong, OTHER)
    with pytest.raises(WeakPasswordError):
        change_password(house.signed_in, factors(house), "kort")
    assert account_events(house.signed_in) == ()


def test_a_wrong_password_is_not_even_sent(house: House) -> None:
    with pytest.raises(WrongPasswordError):
        end_device(house.signed_in, OTHER, None)
    assert house.line.count("POST", "/end$") == 0


def test_a_new_factor_counts_once_a_code_of_it_was_shown(house: House) -> None:
    codes = new_codes()
    with pytest.raises(ApiError, match="not one of the new key"):
        change_factor(house.signed_in, factors(house), SECRET, codes, "000000")
    assert house.login(house.at("second")).member == house.signed_in.member
    change_factor(house.signed_in, factors(house), SECRET, codes)
    with pytest.raises(WrongCodeError):
        house.login(house.at("third"))
    code = totp.code(SECRET, totp.step_of(clock.now()))
    assert login(house.api(), house.at("third"), EMAIL, PASSWORD, code).codes_left is None
    found = account(house.signed_in)
    assert (found.codes, [each.event for each in account_events(house.signed_in)]) == (
        10,
        ["factor_changed", "codes_changed"],
    )


def test_recovery_codes_sign_in_once_each_as_people_type_them(house: House) -> None:
    codes = new_codes()
    change_codes(house.signed_in, factors(house), codes)
    typed = f" {spaced(codes[0]).upper().replace('O', '0').replace('L', '1')} "
    phone = login(house.api(), house.at("phone"), EMAIL, PASSWORD, typed, device="telefoon")
    assert phone.codes_left == 9
    with pytest.raises(WrongCodeError):
        login(house.api(), house.at("phone"), EMAIL, PASSWORD, codes[0])
    change_codes(phone, Factors(PASSWORD, codes[1]), new_codes())
    with pytest.raises(WrongCodeError):
        login(house.api(), house.at("laptop"), EMAIL, PASSWORD, codes[2])


def test_devices_are_listed_and_ended_one_or_all(house: House) -> None:
    phone = login(house.api(), house.at("phone"), EMAIL, PASSWORD, house.code(), device="telefoon")
    house.again()
    found = account(house.signed_in)
    assert {(each.name, each.this) for each in found.devices} == {("", True), ("telefoon", False)}
    [other] = [each for each in found.devices if not each.this]  # both may have been made in one second
    assert other.place == "127.0.0.0/24"
    end_device(house.signed_in, PASSWORD, other.id)
    with pytest.raises(NotSignedInError):
        phone.refresh()
    end_device(house.signed_in, PASSWORD, None)
    with pytest.raises(NotSignedInError):
        SignedIn.load(house.home)


def test_a_device_that_was_signed_in_on_waits_for_no_stranger(house: House) -> None:
    """Who sits in the same office as the stranger: the device's own token sets it apart, and a new device waits."""
    house.login()
    for _ in range(6):
        with pytest.raises((WrongPasswordError, ServerUnreachableError, ApiError)):
            house.login(house.at("stranger"), OTHER)
    with pytest.raises((ApiError, ServerUnreachableError)):
        house.login(house.at("new laptop"))
    assert house.login().member == house.signed_in.member


def test_a_token_that_is_none_is_not_sent(house: House) -> None:
    house.home.write(DEVICE_FILE, b"\xff" * 64)
    house.login()
    sent = [each.json for each in house.line.requests if each.path == "/session"]
    assert "known_device" not in sent[-1]
    house.line.lie("POST", "/session$", lambda said: {**said, "known_device": "short"})
    house.login()


def test_a_director_gives_back_what_a_member_changed_by_mistake(house: House) -> None:
    """Herself, as the only one here: the newest change, or one that she names."""
    change_password(house.signed_in, factors(house), OTHER)
    house.move("+60s")
    member = member_of(house.signed_in, f" {EMAIL.upper()} ")
    assert member == house.signed_in.member
    assert member_of(house.signed_in, "nobody@example.nl") is None
    [former] = formers(house.signed_in, member)
    give_back(house.signed_in, factors(house, OTHER), member, former.at)
    assert house.login().member == member
    assert [each.event for each in account_events(house.signed_in)] == ["password_changed", "credentials_given_back"]


@pytest.mark.parametrize("what", ["answer", "request"])
@pytest.mark.parametrize("change", ["password", "factor", "codes"])
def test_a_lost_answer_is_asked_for_again_by_the_same_request(house: House, change: str, what: str) -> None:
    house.line.lose("PUT", "/session/keyring$", what, times=2)
    done = {
        "password": lambda: change_password(house.signed_in, factors(house), OTHER),
        "factor": lambda: change_factor(house.signed_in, factors(house), SECRET, new_codes()),
        "codes": lambda: change_codes(house.signed_in, factors(house), new_codes()),
    }[change]
    done()
    assert sum(each.event.startswith(change) for each in account_events(house.signed_in)) == 1


@pytest.mark.parametrize("number", range(1, 4))
@pytest.mark.parametrize("what", ["answer", "request"])
def test_cut_off_at_any_request_the_old_password_works_or_the_new_one_does(
    house: House, number: int, what: str
) -> None:
    """Never none: whatever the device did not come to, and whatever of its own files it did not write."""
    paths = {1: ("GET", "/session/keyring$"), 2: ("PUT", "/session/keyring$"), 3: ("GET", "/nothing$")}
    assert house.signed_in
    house.line.lose(*paths[number], what, times=99)
    kept = {name: house.home.read(name) for name in ("keyring", "member.json", "session.sealed")}
    try:
        change_password(house.signed_in, factors(house), OTHER)
    except ServerUnreachableError:
        assert {name: house.home.read(name) for name in kept} == kept
    else:
        for name, content in kept.items():  # as if the device died right before it wrote them
            house.home.write(name, content or b"")
    house.line.clear()
    worked = [password for password in (PASSWORD, OTHER) if signs_in(house, password)]
    assert len(worked) == 1
    assert SignedIn.load(house.home).member == house.signed_in.member


@pytest.mark.parametrize("written", range(2))
def test_killed_before_any_of_its_files_the_device_signs_in_with_the_new_password(
    house: House, written: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server has it by then; the device fetches its keyring anew, and its session stays."""
    real, left = Home.write, [written]

    def dying(home: Home, name: str, content: bytes) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        real(home, name, content)

    assert house.signed_in
    with monkeypatch.context() as patched:
        patched.setattr(Home, "write", dying)
        with suppress(KeyboardInterrupt):
            change_password(house.signed_in, factors(house), OTHER)
    assert SignedIn.load(house.home).member == house.signed_in.member
    assert [password for password in (PASSWORD, OTHER) if signs_in(house, password)] == [OTHER]


def signs_in(house: House, password: str) -> bool:
    try:
        house.login(house.home, password)
    except WrongPasswordError:
        return False
    return True


@pytest.mark.parametrize("what", ["answer", "request"])
def test_cut_off_at_the_change_the_old_factor_works_or_the_new_one_does(house: House, what: str) -> None:
    house.line.lose("PUT", "/session/keyring$", what, times=99)
    with pytest.raises(ServerUnreachableError):
        change_factor(house.signed_in, factors(house), SECRET, new_codes())
    house.line.clear()
    worked = []
    for secret in (TOTP, SECRET):
        house.gateway.spend_codes(0)
        code = totp.code(secret, totp.step_of(clock.now()))
        try:
            login(house.api(), house.at(secret.hex()), EMAIL, PASSWORD, code)
        except WrongCodeError:
            continue
        worked.append(secret)
    assert worked == [TOTP if what == "request" else SECRET]


def test_a_stolen_session_ends_with_a_change_of_password(house: House) -> None:
    stolen = house.gateway.begin_session(house.signed_in.member)
    change_password(house.signed_in, factors(house), OTHER)
    with pytest.raises(NotSignedInError):
        stolen.get("/roster")
