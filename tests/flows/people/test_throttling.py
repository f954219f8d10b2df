"""A stranger's failures make nobody wait but himself: not from one source, not from a thousand, not from next door."""

from __future__ import annotations

import hmac
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.actors import NOW, Person, Practice
from vault.flows.answers import Throttled
from vault.flows.people import signing_in
from vault.flows.people.devices import Device
from vault.flows.people.members import email_key
from vault.flows.people.throttling import device_token
from vault.rules.verdict import Refused

AT = NOW + timedelta(hours=1)
WRONG = Refused("credentials_wrong")


def sign_in(practice: Practice, minute: int = 0, source: str = "home", token: str | None = None, **changes: Any) -> Any:
    at, director = AT + timedelta(minutes=minute), practice.director
    device = Device("laptop", token)
    request = signing_in.SignIn(director.email, director.login, director.code(at), {}, source, device=device)
    return signing_in.sign_in(practice.ports, replace(request, **changes), at)


def guess(practice: Practice, number: int, source: str, token: str | None = None) -> Any:
    return sign_in(practice, source=source, token=token, login=number.to_bytes(32, "big"))


def test_a_thousand_wrong_passwords_from_one_source_are_five_guesses_and_lock_nobody_out(practice: Practice) -> None:
    answers = [guess(practice, number, "the stranger's") for number in range(1000)]
    assert (answers.count(WRONG), answers.count(Throttled(60))) == (5, 995)
    assert isinstance(sign_in(practice), signing_in.SignedIn)


def test_a_thousand_wrong_passwords_from_as_many_sources_lock_nobody_out(practice: Practice) -> None:
    """Neither on a device that was signed in on before, nor on a new one."""
    known = sign_in(practice).device
    for number in range(1000):
        assert guess(practice, number, f"198.51.{number >> 8}.{number & 255}") == WRONG
    assert isinstance(sign_in(practice, 1, token=known), signing_in.SignedIn)
    assert isinstance(sign_in(practice, 2, source="a hotel"), signing_in.SignedIn)


def test_a_stranger_next_door_makes_no_known_device_wait(practice: Practice) -> None:
    known = sign_in(practice, source="office").device
    for number in range(50):
        guess(practice, number, "office")
    assert sign_in(practice, source="office") == Throttled(60), "a new device there waits"
    again = sign_in(practice, 1, source="office", token=known)
    assert isinstance(again, signing_in.SignedIn)
    assert again.device == known, "and it keeps its token"


def test_a_known_device_is_counted_by_itself(practice: Practice) -> None:
    """Who finds it has five guesses wherever he is, and makes the other devices wait no more than a stranger does."""
    known = sign_in(practice).device
    answers = [guess(practice, number, f"source {number}", known) for number in range(10)]
    assert (answers.count(WRONG), answers.count(Throttled(60))) == (5, 5)
    assert isinstance(sign_in(practice, 1), signing_in.SignedIn)


@pytest.mark.parametrize("kind", ["another's", "invented", "cut", "no base64url", "empty"])
def test_a_token_that_is_not_this_accounts_counts_as_none(practice: Practice, coach: Person, kind: str) -> None:
    known = sign_in(practice).device
    token = {
        "another's": device_token(practice.ports, email_key(practice.ports, coach.email), None),
        "invented": "A" * 64,
        "cut": known[:-4],
        "no base64url": "!" * 64,
        "empty": "",
    }[kind]
    for number in range(5):
        guess(practice, number, "one place", token)
    assert guess(practice, 6, "one place") == Throttled(60)
    later = sign_in(practice, 2, token=token)
    assert isinstance(later, signing_in.SignedIn)
    assert later.device not in {token, known}


def test_a_right_password_with_wrong_codes_is_counted_by_the_account(practice: Practice) -> None:
    """Who has the password is no stranger: from wherever he tries the codes, five are five."""
    for number in range(5):
        assert sign_in(practice, source=str(number), code="a" * 24) == Refused("code_wrong")
    assert sign_in(practice, source="elsewhere") == Throttled(60)


@pytest.mark.parametrize("token", [None, "A" * 64])
def test_a_stranger_costs_the_same_operations_as_a_member(
    practice: Practice, monkeypatch: pytest.MonkeyPatch, token: str | None
) -> None:
    """Counted, not measured: unsealings, units of work, queries and HMACs of the refusal, and of the parameters."""
    done: list[str] = []
    real = hmac.digest
    monkeypatch.setattr(hmac, "digest", lambda *a: done.append("hmac") or real(*a))
    count(practice.ports.keystore, ("unseal", "seal"), done, monkeypatch)
    store = practice.ports.store
    kind = type(store)
    for name in ("reading", "transaction"):
        monkeypatch.setattr(kind, name, counting(getattr(kind, name), name, done))
    with store.reading() as tx:
        rows = type(tx)
    for name in ("member", "member_by_email", "practice", "throttle", "set_throttle", "codes", "newest"):
        monkeypatch.setattr(rows, name, counting(getattr(rows, name), name, done))
    works = []
    for email in (practice.director.email, "nobody@praktijk.example"):
        done.clear()
        signing_in.parameters(practice.ports, email)
        done.append("then")
        assert sign_in(practice, email=email, login=b"x" * 32, token=token) == WRONG
        works.append(list(done))
    assert works[0] == works[1]
    assert works[0].count("unseal") == 1


def count(thing: object, names: tuple[str, ...], done: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in names:
        monkeypatch.setattr(thing, name, counting(getattr(thing, name), name, done))


def counting(real: Any, name: str, done: list[str]) -> Any:
    def counted(*given: Any, **named: Any) -> Any:
        done.append(name)
        return real(*given, **named)

    return counted
