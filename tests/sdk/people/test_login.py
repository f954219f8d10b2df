"""Signing in: the keyring opens after both factors, chains are verified, and a lying server is refused."""

from __future__ import annotations

import stat

import pytest
from nacl.signing import SigningKey

from tests.sdk.fake_server import Answer, Request, problem
from tests.sdk.places import EMAIL, PASSWORD, TOTP, Place
from vault import totp
from vault.errors import IntegrityError
from vault.records.envelope import from_json, write
from vault.records.standing import Standing
from vault.sdk.device import clock
from vault.sdk.errors import (
    AnswerError,
    ForkError,
    NotSignedInError,
    OtherMemberError,
    RollbackError,
    ServerUnreachableError,
    WeakParametersError,
    WrongCodeError,
    WrongPasswordError,
)
from vault.sdk.keys.keyring import new_keyring
from vault.sdk.keys.one_time_codes import Codes
from vault.sdk.people.appointing import Person, appoint
from vault.sdk.people.login import login
from vault.sdk.people.session import SignedIn, logout
from vault.sdk.server.api import Api


def colleague(name: str = "Coach") -> Person:
    keyring = new_keyring("0" * 32, "1" * 32, bytes(32), Standing(1, "0" * 64))
    verify = keyring.signing_key.verify_key.encode()
    return Person(name, f"{name.lower()}@voorbeeld.nl", verify, keyring.recipient)


def test_a_session_outlives_the_command_and_dies_with_logout(place: Place) -> None:
    first = place.login()
    again = SignedIn.load(place.home)
    assert (again.member, again.practice) == (first.member, first.practice) == (place.founded.member, first.practice)
    assert again.is_director
    assert again.policy.name == "Praktijk Proef"
    logout(place.home)
    assert place.gateway.sessions == {}
    with pytest.raises(NotSignedInError):
        SignedIn.load(place.home)


def test_what_is_kept_on_the_device_is_private_and_shows_no_key(place: Place) -> None:
    signed_in = place.login()
    files = [path for path in place.home.path.rglob("*") if path.is_file()]
    runtime = [path for path in (place.folder / "runtime").rglob("*") if path.is_file()]
    assert len(runtime) == 1
    secrets = [signed_in.keyring.signing, signed_in.keyring.identity, signed_in.keyring.wrap]
    for path in (*files, *runtime):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert not any(bytes(secret) in path.read_bytes() for secret in secrets)
    assert stat.S_IMODE(place.home.path.stat().st_mode) == 0o700
    assert place.gateway.account["token"] not in repr(signed_in) + repr(signed_in.keyring)


def test_without_a_runtime_folder_the_session_key_lies_in_the_home(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    place.login()
    key = place.home.path / "session"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    SignedIn.load(place.home)
    logout(place.home)
    assert not key.exists()


def test_a_wrong_password_and_an_unknown_address_look_alike(place: Place) -> None:
    with pytest.raises(WrongPasswordError) as wrong:
        place.login(password="iets anders")
    with pytest.raises(WrongPasswordError) as unknown:
        login(place.api(), place.home, "x@voorbeeld.nl", PASSWORD, place.code())
    assert str(wrong.value) == str(unknown.value)


def test_a_wrong_code_is_told_apart(place: Place) -> None:
    with pytest.raises(WrongCodeError):
        login(place.api(), place.home, EMAIL, PASSWORD, "000000" if place.code() != "000000" else "111111")


def test_a_spent_code_is_followed_by_the_next(place: Place) -> None:
    present = totp.step_of(clock.now())
    place.gateway.account["step"] = present
    codes = iter([totp.code(TOTP, present), totp.code(TOTP, present + 1)])
    signed_in = login(place.api(), place.home, EMAIL, PASSWORD, lambda: next(codes))
    assert signed_in.member == place.founded.member


def test_a_spent_code_that_somebody_typed_is_refused(place: Place) -> None:
    present = totp.step_of(clock.now())
    place.gateway.account["step"] = present + 5
    with pytest.raises(WrongCodeError):
        login(place.api(), place.home, EMAIL, PASSWORD, totp.code(TOTP, present))


def test_codes_never_give_one_twice() -> None:
    at = [clock.now()]

    def sleep(seconds: float) -> None:
        at[0] = at[0] + clock.parse_offset(f"+{int(seconds) + 1}s")

    codes = Codes(TOTP, lambda: at[0], sleep)
    first = totp.step_of(at[0])
    assert [codes(), codes()] == [totp.code(TOTP, first), totp.code(TOTP, first + 1)]


@pytest.mark.parametrize("weak", [{"memory": 8192}, {"passes": 1}, {"memory": 2**21}, {"passes": 99}, {"lanes": 4}])
def test_weak_parameters_are_refused_before_anything_leaves(place: Place, weak: dict[str, int]) -> None:
    place.gateway.parameters = {**place.gateway.account["parameters"], **weak}
    sent = len(place.gateway.server.requests)
    with pytest.raises(WeakParametersError):
        place.login()
    assert [r.path for r in place.gateway.server.requests[sent:]] == ["/api/v1/session/parameters"]


def test_a_second_device_verifies_the_same_chains(place: Place) -> None:
    first = place.login()
    appoint(first, colleague(), "coach")
    second = place.login(place.device("second"))
    assert second.rosters.newest.hash == first.rosters.newest.hash
    assert second.standing.version == 2


def test_a_directors_sign_in_renews_the_copy_for_the_sheet(place: Place) -> None:
    before = place.gateway.account["recovery"]
    place.login()
    assert place.gateway.account["recovery"] != before


def test_a_home_of_somebody_else_is_refused(place: Place) -> None:
    place.login()
    raw = place.home.read("member.json")
    assert raw is not None
    place.home.write("member.json", raw.replace(place.founded.member.encode(), b"f" * 32))
    with pytest.raises(OtherMemberError):
        place.login()


def test_a_server_that_has_less_than_was_seen_is_refused(place: Place) -> None:
    signed_in = place.login()
    appoint(signed_in, colleague(), "coach")
    place.gateway.rosters.pop()
    with pytest.raises(RollbackError):
        SignedIn.load(place.home)
    with pytest.raises(ServerUnreachableError) as restored:
        place.login()
    assert restored.value.reason == "restored"


def test_another_roster_under_the_same_number_is_a_fork(place: Place) -> None:
    signed_in = place.login()
    appoint(signed_in, colleague("Eerste"), "coach")
    kept = place.gateway.rosters.pop()
    other = place.login(place.device("second"))
    appoint(other, colleague("Tweede"), "coach")
    assert place.gateway.rosters[-1] != kept
    with pytest.raises(ForkError):
        SignedIn.load(place.home)


def test_a_roster_signed_by_a_stranger_is_refused(place: Place) -> None:
    signed_in = place.login()
    fields = from_json(place.gateway.rosters[0], "roster").fields
    content = {k: v for k, v in fields.items() if k not in {"v", "type", "practice", "signer"}}
    content |= {"version": 2, "previous": signed_in.rosters.newest.hash}
    forged = write("roster", content, practice=signed_in.practice, signer=signed_in.member, key=SigningKey.generate())
    place.gateway.rosters.append(forged.to_json())
    with pytest.raises(IntegrityError):
        SignedIn.load(place.home)


def test_another_practice_under_the_same_address_is_refused(place: Place) -> None:
    place.login()
    mine = place.gateway.rosters[0]
    root = SigningKey.generate()
    fields = from_json(mine, "roster").fields
    content = {k: v for k, v in fields.items() if k not in {"v", "type", "practice", "signer"}}
    place.gateway.rosters[0] = write("roster", content, practice=fields["practice"], signer="root", key=root).to_json()
    with pytest.raises(IntegrityError):
        place.login(place.device("second"))


def test_a_session_that_ended_at_the_server_asks_to_sign_in(place: Place) -> None:
    place.login()
    place.gateway.sessions.clear()
    with pytest.raises(NotSignedInError):
        SignedIn.load(place.home)


def test_a_damaged_session_file_asks_to_sign_in(place: Place) -> None:
    place.login()
    place.home.write("session.sealed", b"\x01" + bytes(60))
    with pytest.raises(NotSignedInError):
        SignedIn.load(place.home)


def test_damaged_pins_are_told_and_not_overwritten(place: Place) -> None:
    place.login()
    place.home.write("pins", b"nonsense")
    with pytest.raises(IntegrityError):
        SignedIn.load(place.home)
    assert place.home.read("pins") == b"nonsense"


def test_the_keyring_of_another_password_is_not_taken(place: Place) -> None:
    place.gateway.account["keyring"] = place.gateway.account["keyring"][:-4] + "AAAA"
    with pytest.raises(IntegrityError):
        place.login()


def test_parameters_that_change_in_between_are_refused(place: Place) -> None:
    other = {**place.gateway.account["parameters"], "passes": 4}

    def change(request: Request) -> Answer | None:
        if request.path.endswith("/session"):
            place.gateway.account["parameters"] = other
        return None

    place.gateway.after = change
    with pytest.raises(AnswerError):
        place.login()


def test_a_recipient_that_the_roster_does_not_vouch_for_is_refused(place: Place) -> None:
    signed_in = place.login()
    member = appoint(signed_in, colleague(), "coach")
    assert signed_in.recipient_of(member).startswith("age1pq1")
    place.gateway.members[member]["recipient"] = signed_in.keyring.recipient
    with pytest.raises(AnswerError):
        SignedIn.load(place.home).recipient_of(member)


def test_logout_without_a_server_still_wipes_the_keys(place: Place) -> None:
    place.login()
    place.gateway.before = lambda _: problem(503, "busy")
    with pytest.raises(ServerUnreachableError):
        logout(place.home)
    with pytest.raises(NotSignedInError):
        SignedIn.load(place.home)
    logout(place.home, url=Api(place.gateway.url).url)
