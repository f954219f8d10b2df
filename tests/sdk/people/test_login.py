"""Signing in: the keyring opens after both factors, chains are verified, and a lying server is refused."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nacl.signing import SigningKey

from tests.client.house import EMAIL, PASSWORD, TOTP, House
from vault import totp
from vault.errors import IntegrityError
from vault.flows.context import restore
from vault.flows.people.members import subject_of
from vault.records.envelope import Envelope, write
from vault.records.standing import Standing
from vault.records.types.lock import Lock
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
from vault.sdk.keys.locks import open_sheet_lock
from vault.sdk.keys.one_time_codes import Codes
from vault.sdk.keys.sheet import new_sheet
from vault.sdk.people.appointing import Person, appoint, renew_sheet
from vault.sdk.people.login import login
from vault.sdk.people.session import SignedIn, logout


def colleague(name: str = "Coach") -> Person:
    keyring = new_keyring("0" * 32, "1" * 32, bytes(32), Standing(1, "0" * 64))
    verify = keyring.signing_key.verify_key.encode()
    return Person(name, f"{name.lower()}@voorbeeld.nl", verify, keyring.recipient)


def founding_roster(founded: House) -> Envelope:
    """Version 1, as the server has it."""
    row = founded.gateway.rows.chain["roster", 1]
    return restore(row.kind, row.record, row.signatures)


def test_a_session_outlives_the_command_and_dies_with_logout(founded: House) -> None:
    first = founded.login()
    again = SignedIn.load(founded.home)
    assert (again.member, again.practice) == (first.member, first.practice) == (founded.founded.member, first.practice)
    assert again.is_director
    assert again.policy.name == "Praktijk Proef"
    logout(founded.home)
    assert founded.gateway.rows.session == {}
    with pytest.raises(NotSignedInError):
        SignedIn.load(founded.home)


def test_what_is_kept_on_the_device_is_private_and_shows_no_key(founded: House) -> None:
    signed_in = founded.login()
    files = [path for path in founded.home.path.rglob("*") if path.is_file()]
    runtime = [path for path in Path(os.environ["XDG_RUNTIME_DIR"]).rglob("*") if path.is_file()]
    assert len(runtime) == 1
    secrets = [signed_in.keyring.signing, signed_in.keyring.identity, signed_in.keyring.wrap]
    for path in (*files, *runtime):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert not any(bytes(secret) in path.read_bytes() for secret in secrets)
    assert stat.S_IMODE(founded.home.path.stat().st_mode) == 0o700
    assert signed_in.api.token
    assert signed_in.api.token not in repr(signed_in) + repr(signed_in.keyring) + repr(signed_in.api)


def test_without_a_runtime_folder_the_session_key_lies_in_the_home(
    founded: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    founded.login()
    key = founded.home.path / "session"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    SignedIn.load(founded.home)
    logout(founded.home)
    assert not key.exists()


def test_a_wrong_password_and_an_unknown_address_look_alike(founded: House) -> None:
    with pytest.raises(WrongPasswordError) as wrong:
        founded.login(password="iets anders")
    with pytest.raises(WrongPasswordError) as unknown:
        login(founded.api(), founded.home, "x@voorbeeld.nl", PASSWORD, founded.code())
    assert str(wrong.value) == str(unknown.value)


def test_a_wrong_code_is_told_apart(founded: House) -> None:
    with pytest.raises(WrongCodeError):
        login(founded.api(), founded.home, EMAIL, PASSWORD, "000000" if founded.code() != "000000" else "111111")


def test_a_spent_code_is_followed_by_the_next(founded: House) -> None:
    present = totp.step_of(clock.now())
    founded.gateway.spend_codes(present)
    codes = iter([totp.code(TOTP, present), totp.code(TOTP, present + 1)])
    signed_in = login(founded.api(), founded.home, EMAIL, PASSWORD, lambda: next(codes))
    assert signed_in.member == founded.founded.member


def test_a_spent_code_that_somebody_typed_is_refused(founded: House) -> None:
    present = totp.step_of(clock.now())
    founded.gateway.spend_codes(present + 5)
    with pytest.raises(WrongCodeError):
        login(founded.api(), founded.home, EMAIL, PASSWORD, totp.code(TOTP, present))


def test_codes_never_give_one_twice() -> None:
    at = [clock.now()]

    def sleep(seconds: float) -> None:
        at[0] = at[0] + clock.parse_offset(f"+{int(seconds) + 1}s")

    codes = Codes(TOTP, lambda: at[0], sleep)
    first = totp.step_of(at[0])
    assert [codes(), codes()] == [totp.code(TOTP, first), totp.code(TOTP, first + 1)]


@pytest.mark.parametrize("weak", [{"memory": 8192}, {"passes": 1}, {"memory": 2**21}, {"passes": 99}, {"lanes": 4}])
def test_weak_parameters_are_refused_before_anything_leaves(founded: House, weak: dict[str, int]) -> None:
    founded.line.lie("POST", "/session/parameters$", lambda said: {**said, **weak})
    founded.line.requests.clear()
    with pytest.raises(WeakParametersError):
        founded.login()
    assert [request.path for request in founded.line.requests] == ["/session/parameters"]


def test_a_second_device_verifies_the_same_chains(founded: House) -> None:
    first = founded.login()
    appoint(first, colleague(), "coach")
    second = founded.login(founded.at("second"))
    assert second.rosters.newest.hash == first.rosters.newest.hash
    assert second.standing.version == 2


def test_a_directors_sign_in_locks_the_keyring_for_a_new_sheet_and_leaves_the_rest(founded: House) -> None:
    signed_in, sheet = founded.login(), new_sheet()
    assert founded.line.count("PUT", "/session/keyring$") == 0
    before = founded.gateway.director()
    renew_sheet(signed_in, sheet)
    founded.login(founded.at("second"))
    row = founded.gateway.director()
    assert row.lock == before.lock
    assert row.keyring != before.keyring
    sealed = founded.ports.keystore.unseal(subject_of(row.id), "member.recovery", row.id, row.recovery or b"")
    assert Lock.read(open_sheet_lock(sealed, sheet.identity)).key == bytes(signed_in.keyring_key)


def test_a_home_of_somebody_else_is_refused(founded: House) -> None:
    founded.login()
    raw = founded.home.read("member.json")
    assert raw is not None
    founded.home.write("member.json", raw.replace(founded.founded.member.encode(), b"f" * 32))
    with pytest.raises(OtherMemberError):
        founded.login()


def test_a_server_that_has_less_than_was_seen_is_refused(founded: House) -> None:
    signed_in = founded.login()
    appoint(signed_in, colleague(), "coach")
    founded.gateway.forget_newest("roster")
    with pytest.raises(RollbackError):
        SignedIn.load(founded.home)
    with pytest.raises(ServerUnreachableError) as restored:
        founded.login()
    assert restored.value.reason == "restored"


def test_another_roster_under_the_same_number_is_a_fork(founded: House) -> None:
    signed_in = founded.login()
    appoint(signed_in, colleague("Eerste"), "coach")
    kept = founded.gateway.forget_newest("roster")
    other = founded.login(founded.at("second"))
    appoint(other, colleague("Tweede"), "coach")
    assert founded.gateway.rows.chain["roster", 2].hash != kept.hash
    with pytest.raises(ForkError):
        SignedIn.load(founded.home)


def lie_of_rosters(founded: House, change: Callable[[list[Any]], list[Any]]) -> None:
    def lie(said: dict[str, Any]) -> dict[str, Any]:
        return {**said, "rosters": {**said["rosters"], "items": change(said["rosters"]["items"])}}

    founded.line.lie("GET", "/chains$", lie)


def test_a_roster_signed_by_a_stranger_is_refused(founded: House) -> None:
    signed_in = founded.login()
    fields = founding_roster(founded).fields
    content = {k: v for k, v in fields.items() if k not in {"v", "type", "practice", "signer"}}
    content |= {"version": 2, "previous": signed_in.rosters.newest.hash}
    forged = write("roster", content, practice=signed_in.practice, signer=signed_in.member, key=SigningKey.generate())
    lie_of_rosters(founded, lambda items: [*items, forged.to_json()])
    with pytest.raises(IntegrityError):
        SignedIn.load(founded.home)


def test_another_practice_under_the_same_address_is_refused(founded: House) -> None:
    founded.login()
    root = SigningKey.generate()
    fields = founding_roster(founded).fields
    content = {k: v for k, v in fields.items() if k not in {"v", "type", "practice", "signer"}}
    theirs = write("roster", content, practice=fields["practice"], signer="root", key=root).to_json()
    lie_of_rosters(founded, lambda items: [theirs, *items[1:]])
    with pytest.raises(IntegrityError):
        founded.login(founded.at("second"))


def test_a_session_that_ended_at_the_server_asks_to_sign_in(founded: House) -> None:
    founded.login()
    founded.gateway.rows.session.clear()
    with pytest.raises(NotSignedInError):
        SignedIn.load(founded.home)


def test_a_damaged_session_file_asks_to_sign_in(founded: House) -> None:
    founded.login()
    founded.home.write("session.sealed", b"\x01" + bytes(60))
    with pytest.raises(NotSignedInError):
        SignedIn.load(founded.home)


def test_damaged_pins_are_told_and_not_overwritten(founded: House) -> None:
    founded.login()
    founded.home.write("pins", b"nonsense")
    with pytest.raises(IntegrityError):
        SignedIn.load(founded.home)
    assert founded.home.read("pins") == b"nonsense"


def test_the_keyring_of_another_password_is_not_taken(founded: House) -> None:
    founded.line.lie("GET", "/session/keyring$", lambda said: {**said, "keyring": said["keyring"][:-4] + "AAAA"})
    with pytest.raises(IntegrityError):
        founded.login()


def test_parameters_that_change_in_between_are_refused(founded: House) -> None:
    founded.line.lie(
        "GET", "/session/keyring$", lambda said: {**said, "parameters": {**said["parameters"], "passes": 4}}
    )
    with pytest.raises(AnswerError):
        founded.login()


def test_a_recipient_that_the_roster_does_not_vouch_for_is_refused(founded: House) -> None:
    signed_in = founded.login()
    member = appoint(signed_in, colleague(), "coach")
    assert signed_in.recipient_of(member).startswith("age1pq1")
    founded.line.lie("GET", "/members/", lambda said: {**said, "recipient": signed_in.keyring.recipient})
    with pytest.raises(AnswerError):
        SignedIn.load(founded.home).recipient_of(member)


def test_logout_without_a_server_still_wipes_the_keys(founded: House) -> None:
    founded.login()
    founded.line.refuse("*", "", 503, "busy")
    with pytest.raises(ServerUnreachableError):
        logout(founded.home)
    with pytest.raises(NotSignedInError):
        SignedIn.load(founded.home)
    logout(founded.home, url=founded.url)
