"""A director gives back what a change replaced, with her own factors, within a week."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.actors import NOW, Person, Practice
from vault.flows.answers import Throttled
from vault.flows.erasures import retention
from vault.flows.people import giving_back, keyrings, members, signing_in
from vault.flows.people.proving import Proof
from vault.flows.people.rosters import add_roster
from vault.rules.verdict import Refused

AT = NOW + timedelta(hours=1)
LATER = AT + timedelta(minutes=5)
NEW = keyrings.NewKeyring(lock=b"lock", parameters=signing_in.parameters_text(b"n" * 16), login=b"n" * 32)
CODES = tuple(letter * 23 + "a" for letter in "234567abcd")


@pytest.fixture
def changed(practice: Practice, coach: Person) -> Person:
    """A coach who has signed in, made recovery codes, and then changed her password."""
    sealed = members.seal_member(practice.ports, coach.details(), coach.credentials(), NOW)
    with practice.ports.store.transaction() as tx:
        tx.update_member(sealed)
    sheet = Proof(recovery_login=practice.director.recovery_login)
    for new, at in ((keyrings.NewKeyring(codes=CODES), AT - timedelta(seconds=1)), (NEW, AT)):
        assert keyrings.replace_keyring(practice.ports, coach.caller, new, sheet, at) is None
    return coach


def give_back(practice: Practice, member: str, at: datetime = AT, now: datetime = LATER, **changes: Any) -> Any:
    director = practice.director
    proof = replace(director.proof(now), **changes)
    return giving_back.give_back(practice.ports, director.caller, member, at, proof, now)


def sign_in(practice: Practice, person: Person, now: datetime) -> Any:
    request = signing_in.SignIn(person.email, person.login, person.code(now), {}, "here")
    return signing_in.sign_in(practice.ports, request, now)


def test_what_was_before_counts_again_and_sessions_and_codes_end(practice: Practice, changed: Person) -> None:
    assert sign_in(practice, changed, AT) == Refused("credentials_wrong")
    mistyped = replace(changed, login=b"n" * 32)
    session = sign_in(practice, mistyped, LATER)
    rows = giving_back.formers(practice.ports, practice.director.caller, changed.id, LATER)
    assert isinstance(rows, list)
    assert [each.at for each in rows] == [AT - timedelta(seconds=1), AT]
    assert give_back(practice, changed.id) is None
    assert signing_in.authenticate(practice.ports, session.token, LATER) is None
    later = LATER + timedelta(minutes=1)
    assert sign_in(practice, mistyped, later) == Refused("credentials_wrong")
    assert isinstance(sign_in(practice, changed, later), signing_in.SignedIn)
    with practice.ports.store.reading() as tx:
        assert tx.codes(changed.id) == []
        told = [(entry.event, entry.actor) for entry in tx.audit(changed.id)]
        kept = tx.formers(changed.id)
    assert told[-1] == ("credentials_given_back", practice.director.id)
    assert kept[-1].at == LATER, "what was in force is kept in turn"


def test_a_repetition_gives_the_same_answer(practice: Practice, changed: Person) -> None:
    assert give_back(practice, changed.id) is None
    assert give_back(practice, changed.id) is None
    with practice.ports.store.reading() as tx:
        assert [entry.event for entry in tx.audit(changed.id)].count("credentials_given_back") == 1


def test_a_directors_session_alone_gives_nothing_back(practice: Practice, changed: Person) -> None:
    assert give_back(practice, changed.id, code="") == Refused("code_wrong")
    assert give_back(practice, changed.id, login=b"x" * 32) == Refused("credentials_wrong")
    for _ in range(4):
        give_back(practice, changed.id, login=b"x" * 32)
    assert give_back(practice, changed.id) == Throttled(60)


def test_a_coach_gives_nothing_back_and_sees_nothing(practice: Practice, changed: Person) -> None:
    proof = Proof(b"n" * 32, changed.code(LATER))
    given = giving_back.give_back(practice.ports, changed.caller, changed.id, AT, proof, LATER)
    assert given == Refused("not_allowed")
    assert giving_back.formers(practice.ports, changed.caller, changed.id, LATER) == Refused("not_allowed")


@pytest.mark.parametrize("what", ["member", "time", "late", "dismissed"])
def test_what_is_not_there_is_not_given_back(practice: Practice, changed: Person, what: str) -> None:
    later = AT + giving_back.GIVEN_BACK_WITHIN + timedelta(seconds=1) if what == "late" else LATER
    if what == "dismissed":
        left = [replace(m, until=NOW) if m.id == changed.id else m for m in practice.chain.newest.members]
        add_roster(practice.ports, practice.director.caller, practice.next_roster(left), [], NOW)
    member, at = ("f" * 32 if what == "member" else changed.id), (LATER if what == "time" else AT)
    assert give_back(practice, member, at, later) == Refused("not_found")
    assert giving_back.formers(practice.ports, practice.director.caller, changed.id, later) == [] or what != "late"


def test_a_director_who_is_none_any_more_when_it_is_written_gives_nothing_back(
    practice: Practice, changed: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, answers = giving_back._chosen, []

    def late(*given: Any) -> Any:
        answers.append(real(*given))
        return answers[-1] if len(answers) == 1 else Refused("not_allowed")

    monkeypatch.setattr(giving_back, "_chosen", late)
    assert give_back(practice, changed.id) == Refused("not_allowed")
    with practice.ports.store.reading() as tx:
        assert tx.member(practice.director.id).totp_step < LATER.timestamp() // 30, "her code is not spent"


def test_a_change_meanwhile_stops_it(practice: Practice, changed: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    real = giving_back.prove

    def late(*given: Any) -> Any:
        proven, sheet = real(*given), Proof(recovery_login=practice.director.recovery_login)
        keyrings.replace_keyring(practice.ports, practice.director.caller, NEW, sheet, LATER)
        return proven

    monkeypatch.setattr(giving_back, "prove", late)
    assert give_back(practice, changed.id) == Refused("credentials_wrong")


def test_a_director_who_gives_herself_back_stays_signed_in(practice: Practice) -> None:
    director = practice.director
    session = sign_in(practice, director, AT - timedelta(minutes=1))
    caller = signing_in.authenticate(practice.ports, session.token, AT)
    assert caller is not None
    sheet = Proof(recovery_login=director.recovery_login)
    assert keyrings.replace_keyring(practice.ports, caller, NEW, sheet, AT) is None
    proof = Proof(b"n" * 32, director.code(LATER))
    former = Proof(director.login, director.code(LATER))
    assert giving_back.give_back(practice.ports, caller, director.id, AT, former, LATER) == Refused("credentials_wrong")
    assert giving_back.give_back(practice.ports, caller, director.id, AT, proof, LATER) is None
    assert signing_in.authenticate(practice.ports, session.token, LATER) == caller
    again = giving_back.give_back(practice.ports, caller, director.id, AT, proof, LATER)
    assert again == Refused("credentials_wrong"), "the password of that moment is the former one now"


def test_after_a_week_the_sweep_takes_it_away(practice: Practice, changed: Person) -> None:
    for days, left in ((6, 2), (8, 0)):
        retention.reconcile(practice.ports, AT + timedelta(days=days))
        with practice.ports.store.reading() as tx:
            assert len(tx.formers(changed.id)) == left
