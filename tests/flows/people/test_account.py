"""A member's account: her devices by name, place and last use, each of which she ends by her password."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from tests.actors import NOW, Person, Practice
from vault.domain.sessions import SessionLimits, SessionRow
from vault.flows.answers import Throttled
from vault.flows.context import Caller
from vault.flows.people import account, keyrings, members, signing_in
from vault.flows.people.devices import Device, place_of
from vault.flows.people.proving import Proof
from vault.rules.verdict import Refused

AT = NOW + timedelta(minutes=5)


def begin(practice: Practice, minute: int = 0, name: str = "laptop", source: str = "192.0.2.77") -> Caller:
    at, director = AT + timedelta(minutes=minute), practice.director
    request = signing_in.SignIn(director.email, director.login, director.code(at), {}, source, device=Device(name))
    session = signing_in.sign_in(practice.ports, request, at)
    assert isinstance(session, signing_in.SignedIn)
    caller = signing_in.authenticate(practice.ports, session.token, at)
    assert caller is not None
    return caller


def shown(practice: Practice, caller: Caller, minute: int = 30) -> account.Account:
    found = account.account(practice.ports, caller, AT + timedelta(minutes=minute))
    assert isinstance(found, account.Account)
    return found


def end(practice: Practice, caller: Caller, device: str | None, login: bytes | None = None) -> Any:
    login = login or practice.director.login
    return account.end_devices(practice.ports, caller, device, login, AT + timedelta(minutes=40))


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("a proxy's word", ""),
        ("", ""),
    ],
)
def test_of_a_place_the_neighbourhood_is_kept_and_no_household(source: str, place: str) -> None:
    assert place_of(source) == place


def test_devices_are_shown_and_the_database_has_neither_name_nor_place(practice: Practice) -> None:
    one, two = begin(practice), begin(practice, 10, "telefoon", "2001:db8:1:2::/64")
    first, second = shown(practice, one).devices
    assert (first.name, first.place, first.since, first.this) == ("laptop", "192.0.2.0/24", AT, True)
    assert (second.name, second.place, second.this) == ("telefoon", "2001:db8:1::/48", False)
    assert shown(practice, two).devices[1].this
    with practice.ports.store.reading() as tx:
        raw = repr(tx.sessions(practice.director.id))
    assert "laptop" not in raw
    assert "192.0.2" not in raw


def test_a_session_that_is_over_is_not_shown_nor_one_without_a_name_hidden(practice: Practice) -> None:
    caller = begin(practice)
    with practice.ports.store.transaction() as tx:
        tx.add_session(SessionRow(b"old" * 8, practice.director.id, NOW - timedelta(days=8), NOW))
        tx.add_session(SessionRow(b"bare" * 8, practice.director.id, AT, AT))
    assert sorted(each.name for each in shown(practice, caller).devices) == ["", "laptop"]


def test_the_limits_of_a_session_are_settings(practice: Practice) -> None:
    practice.ports = replace(practice.ports, sessions=SessionLimits(timedelta(minutes=20), timedelta(minutes=25)))
    begin(practice)
    caller = begin(practice, 10)
    assert [each.last_use for each in shown(practice, caller, 30).devices] == [AT + timedelta(minutes=10)]
    assert shown(practice, caller, 36).devices == ()


def test_one_device_ends_or_all_do(practice: Practice) -> None:
    one, two, three = begin(practice), begin(practice, 1), begin(practice, 2)
    devices = {each.this: each for each in shown(practice, two).devices}
    assert end(practice, one, devices[True].id) is None
    assert end(practice, one, devices[True].id) is None, "it is over"
    assert [each.id for each in shown(practice, one).devices] != []
    assert len(shown(practice, one).devices) == 2
    assert end(practice, three, None) is None
    assert shown(practice, one).devices == ()


def test_ending_devices_takes_the_password_of_today(practice: Practice) -> None:
    thief, own = begin(practice), begin(practice, 1)
    for number in range(5):
        assert end(practice, thief, None, bytes([number]) * 32) == Refused("credentials_wrong")
    assert end(practice, thief, None) == Throttled(60)
    new = keyrings.NewKeyring(lock=b"l", parameters=signing_in.parameters_text(b"n" * 16), login=b"n" * 32)
    sheet = Proof(recovery_login=practice.director.recovery_login)
    assert keyrings.replace_keyring(practice.ports, own, new, sheet, AT + timedelta(minutes=30)) is None
    assert end(practice, own, None) == Refused("credentials_wrong"), "the former one"
    assert end(practice, own, None, b"n" * 32) is None


def test_a_director_ends_the_sessions_of_a_member(practice: Practice, coach: Person) -> None:
    sealed = members.seal_member(practice.ports, coach.details(), coach.credentials(), NOW)
    with practice.ports.store.transaction() as tx:
        tx.update_member(sealed)
        tx.add_session(SessionRow(b"hers" * 8, coach.id, AT, AT))
    caller, at = begin(practice), AT + timedelta(minutes=10)
    theirs = Caller(coach.id, b"hers" * 8)
    end_of = partial(account.end_devices, practice.ports)
    assert end_of(theirs, None, coach.login, at, practice.director.id) == Refused("not_allowed")
    assert end_of(caller, None, practice.director.login, at, "f" * 32) == Refused("not_found")
    assert end_of(caller, None, b"x" * 32, at, coach.id) == Refused("credentials_wrong")
    for _ in range(2):
        assert end_of(caller, None, practice.director.login, at, coach.id) is None
    with practice.ports.store.reading() as tx:
        assert tx.sessions(coach.id) == []
        assert [(each.event, each.actor) for each in tx.audit(coach.id)] == [("sessions_ended", caller.member)]
    assert len(shown(practice, caller).devices) == 1


def test_every_sign_in_has_a_token_of_its_own_of_256_random_bits(practice: Practice) -> None:
    """Made by the system's random numbers; only its hash is kept."""
    tokens = []
    for minute in range(5):
        at, director = AT + timedelta(minutes=minute), practice.director
        request = signing_in.SignIn(director.email, director.login, director.code(at), {}, "here")
        session = signing_in.sign_in(practice.ports, request, at)
        assert isinstance(session, signing_in.SignedIn)
        tokens.append(session.token)
    assert len(set(tokens)) == 5
    assert all(len(base64.urlsafe_b64decode(token + "=")) == 32 for token in tokens)
    with practice.ports.store.reading() as tx:
        assert not any(token.encode() in each.token for token in tokens for each in tx.sessions(practice.director.id))


def test_of_nobody_there_is_no_account(practice: Practice) -> None:
    stranger = Caller("f" * 32, b"t")
    assert account.account(practice.ports, stranger, NOW) == Refused("not_found")
    assert end(practice, stranger, None) == Refused("not_found")


def test_the_audit_of_the_account_is_its_members(practice: Practice) -> None:
    caller = begin(practice)
    new = keyrings.NewKeyring(codes=tuple(letter * 24 for letter in "234567abcd"))
    sheet = Proof(recovery_login=practice.director.recovery_login)
    keyrings.replace_keyring(practice.ports, caller, new, sheet, AT)
    assert [each.event for each in account.audit(practice.ports, caller, 0, 10)] == ["codes_changed"]
    assert account.audit(practice.ports, Caller("f" * 32, b"t"), 0, 10) == []
