"""Both factors again for whatever changes how a member signs in; what was before is kept, and every other session ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.actors import NOW, Person, Practice
from vault import totp
from vault.errors import InvalidInputError
from vault.flows.answers import Throttled
from vault.flows.context import Caller
from vault.flows.people import giving_back, keyrings, members, signing_in
from vault.flows.people.proving import OPENED_WITHIN, Proof
from vault.rules.verdict import Refused

AT = NOW + timedelta(minutes=5)
LATER = AT + timedelta(minutes=10)
SECRET = b"s" * 20
CODES = tuple(letter * 23 + "a" for letter in "234567abcd")
PASSWORD = keyrings.NewKeyring(lock=b"lock", parameters=signing_in.parameters_text(b"n" * 16), login=b"n" * 32)


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Runs an act of somebody else once, right before the next call of a method."""

    def arrange(thing: object, name: str, act: Callable[[], object]) -> None:
        real, waiting = getattr(thing, name), [act]

        def late(*given: Any, **named: Any) -> Any:
            if waiting:
                waiting.pop()()
            return real(*given, **named)

        monkeypatch.setattr(thing, name, late)

    return arrange


def confirm(now: datetime, secret: bytes = SECRET) -> str:
    return totp.code(secret, totp.step_of(now))


def factor(now: datetime = LATER) -> keyrings.NewKeyring:
    return keyrings.NewKeyring(totp=SECRET, confirm=confirm(now), codes=CODES)


def sign_in(practice: Practice, now: datetime = AT, **changes: Any) -> Any:
    director = practice.director
    request = signing_in.SignIn(director.email, director.login, director.code(now), {}, "192.0.2.1")
    return signing_in.sign_in(practice.ports, replace(request, **changes), now)


def begin(practice: Practice, now: datetime = AT) -> Caller:
    session = sign_in(practice, now)
    caller = signing_in.authenticate(practice.ports, session.token, now)
    assert caller is not None
    return caller


def change(practice: Practice, caller: Caller, new: keyrings.NewKeyring, proof: Proof, now: datetime = LATER) -> Any:
    return keyrings.replace_keyring(practice.ports, caller, new, proof, now)


def events(practice: Practice) -> list[str]:
    with practice.ports.store.reading() as tx:
        return [entry.event for entry in tx.audit(practice.director.id)]


def sessions(practice: Practice) -> set[bytes]:
    with practice.ports.store.reading() as tx:
        return {each.token for each in tx.sessions(practice.director.id)}


def test_a_new_password_ends_the_other_sessions_and_is_in_the_audit(practice: Practice) -> None:
    other, caller = begin(practice), begin(practice, AT + timedelta(minutes=1))
    assert change(practice, caller, PASSWORD, practice.director.proof(LATER)) is None
    assert sessions(practice) == {caller.token}
    assert other.token not in sessions(practice)
    kept = keyrings.keyring(practice.ports, caller)
    assert isinstance(kept, keyrings.Keyring)
    assert (kept.lock, kept.parameters) == (b"lock", PASSWORD.parameters)
    assert events(practice) == ["password_changed"]
    with practice.ports.store.reading() as tx:
        member = tx.member(practice.director.id)
    assert member is not None
    assert (member.password_at, member.factor_at) == (LATER, NOW)


def test_a_stolen_session_changes_nothing(practice: Practice) -> None:
    """Neither with guesses of the password, nor with the password and a guess of the code or one that was used."""
    thief, director = begin(practice), practice.director
    spent = Proof(director.login, director.code(AT))
    assert change(practice, thief, PASSWORD, spent, AT) == Refused("code_spent")
    for new in (
        PASSWORD,
        factor(),
        keyrings.NewKeyring(codes=CODES),
        keyrings.NewKeyring(b"x"),
        keyrings.NewKeyring(recovery=b"x"),
    ):
        assert change(practice, thief, new, Proof()) == Refused("credentials_wrong")
        with practice.ports.store.transaction() as tx:
            tx.clear_throttle(throttle_of(practice, thief))
    assert change(practice, thief, PASSWORD, Proof(director.login)) == Refused("code_wrong")
    assert change(practice, thief, PASSWORD, Proof(director.login, "e" * 24)) == Refused("code_wrong")
    assert change(practice, thief, PASSWORD, Proof(recovery_login=b"x" * 32)) == Refused("credentials_wrong")
    both = Proof(director.login, "e" * 24, b"x" * 32)
    assert change(practice, thief, PASSWORD, both) == Refused("code_wrong"), "a wrong sheet is no code"
    assert events(practice) == []
    assert isinstance(sign_in(practice, LATER), signing_in.SignedIn)


def throttle_of(practice: Practice, caller: Caller) -> bytes:
    from vault.flows.people.throttling import session_key  # noqa: PLC0415

    return session_key(members.email_key(practice.ports, practice.director.email), caller.token)


def test_guesses_within_a_session_make_that_session_wait_and_nobody_else(practice: Practice) -> None:
    thief, own = begin(practice), begin(practice, AT + timedelta(minutes=1))
    for number in range(5):
        assert change(practice, thief, PASSWORD, Proof(bytes([number]) * 32)) == Refused("credentials_wrong")
    assert change(practice, thief, PASSWORD, practice.director.proof(LATER)) == Throttled(60)
    assert isinstance(sign_in(practice, LATER), signing_in.SignedIn)
    later = LATER + timedelta(minutes=1)
    assert change(practice, own, PASSWORD, practice.director.proof(later), later) is None


def test_codes_are_not_guessed_within_a_session_either(practice: Practice) -> None:
    caller, login = begin(practice), practice.director.login
    wrong = f"{(int(practice.director.code(LATER)) + 1) % 1_000_000:06}"
    for _ in range(5):
        assert change(practice, caller, PASSWORD, Proof(login, wrong)) == Refused("code_wrong")
    assert change(practice, caller, PASSWORD, practice.director.proof(LATER)) == Throttled(60)


def test_whoever_guessed_meanwhile_makes_the_change_wait(practice: Practice, meanwhile: Callable[..., None]) -> None:
    caller, login = begin(practice), practice.director.login

    def guess() -> None:
        for number in range(5):
            change(practice, caller, PASSWORD, Proof(bytes([number]) * 32))

    meanwhile(practice.ports.keystore, "seal", guess)
    assert change(practice, caller, PASSWORD, Proof(login, practice.director.code(LATER))) == Throttled(60)


def test_a_new_factor_counts_from_the_code_that_confirmed_it(practice: Practice) -> None:
    caller = begin(practice)
    wrong = replace(factor(), confirm=confirm(LATER, b"o" * 20))
    assert change(practice, caller, wrong, practice.director.proof(LATER)) == Refused("confirm_wrong")
    assert change(practice, caller, factor(), practice.director.proof(LATER)) is None
    practice.director.totp = SECRET
    assert sign_in(practice, LATER) == Refused("code_spent"), "the code that confirmed it is spent"
    assert isinstance(sign_in(practice, LATER + timedelta(seconds=30)), signing_in.SignedIn)
    assert events(practice) == ["factor_changed", "codes_changed"]


def test_a_new_factor_begins_anew_after_a_clock_that_ran_ahead(practice: Practice) -> None:
    caller = begin(practice)
    with practice.ports.store.transaction() as tx:
        tx.begin_totp(practice.director.id, totp.step_of(LATER) + 5)
    proof = Proof(recovery_login=practice.director.recovery_login)
    assert change(practice, caller, factor(), proof) is None
    practice.director.totp = SECRET
    assert isinstance(sign_in(practice, LATER + timedelta(seconds=30)), signing_in.SignedIn)


def test_a_recovery_code_signs_in_once_and_is_in_the_audit(practice: Practice) -> None:
    caller = begin(practice)
    assert change(practice, caller, keyrings.NewKeyring(codes=CODES), practice.director.proof(LATER)) is None
    session = sign_in(practice, LATER, code=CODES[3])
    assert isinstance(session, signing_in.SignedIn)
    assert session.codes_left == 9
    assert sign_in(practice, LATER, code=CODES[3]) == Refused("code_wrong")
    assert isinstance(sign_in(practice, LATER, code=CODES[4]), signing_in.SignedIn)
    assert events(practice) == ["codes_changed", "recovery_code_used", "recovery_code_used"]


def test_of_two_sign_ins_with_one_recovery_code_one_wins(practice: Practice, meanwhile: Callable[..., None]) -> None:
    caller = begin(practice)
    change(practice, caller, keyrings.NewKeyring(codes=CODES), practice.director.proof(LATER))
    answers = []
    meanwhile(practice.ports.keystore, "seal", lambda: answers.append(sign_in(practice, LATER, code=CODES[0])))
    assert sign_in(practice, LATER, code=CODES[0]) == Refused("code_spent")
    assert isinstance(answers[0], signing_in.SignedIn)


def test_a_sheet_opens_nothing_that_changed_meanwhile(practice: Practice, meanwhile: Callable[..., None]) -> None:
    caller, proof, her = begin(practice), practice.director.proof(LATER), practice.director
    meanwhile(practice.ports.keystore, "seal", lambda: change(practice, caller, PASSWORD, proof))
    assert signing_in.recover(practice.ports, her.email, her.recovery_login, "", LATER) == Refused("credentials_wrong")


def test_a_recovery_code_proves_a_change_too_and_new_ones_end_the_old(practice: Practice) -> None:
    caller, login = begin(practice), practice.director.login
    change(practice, caller, keyrings.NewKeyring(codes=CODES), practice.director.proof(LATER))
    anew = tuple(code[::-1].replace("a", "z") for code in CODES)
    assert change(practice, caller, keyrings.NewKeyring(codes=anew), Proof(login, CODES[0])) is None
    assert sign_in(practice, LATER, code=CODES[1]) == Refused("code_wrong")
    assert isinstance(sign_in(practice, LATER, code=anew[1]), signing_in.SignedIn)


def test_the_database_holds_no_code(practice: Practice) -> None:
    caller = begin(practice)
    change(practice, caller, keyrings.NewKeyring(codes=CODES), practice.director.proof(LATER))
    with practice.ports.store.reading() as tx:
        kept = tx.codes(practice.director.id)
    assert len(kept) == 10
    assert not any(code.encode() in each for each in kept for code in CODES)


@pytest.mark.parametrize("what", ["password", "factor", "codes", "all"])
def test_a_change_whose_answer_was_lost_is_repeated(practice: Practice, what: str) -> None:
    caller, proof = begin(practice), practice.director.proof(LATER)
    change_ = {
        "password": PASSWORD,
        "factor": factor(),
        "codes": keyrings.NewKeyring(codes=CODES),
        "all": replace(
            factor(), lock=b"l", parameters=PASSWORD.parameters, login=b"n" * 32, keyring=b"k", recovery=b"r"
        ),
    }[what]
    assert change(practice, caller, change_, proof) is None
    said = events(practice)
    assert change(practice, caller, change_, proof) is None
    assert events(practice) == said
    for other in ({"codes": CODES[::-1][:9]}, {"totp": b"o" * 20}, {"keyring": b"other"}):
        if other != {"keyring": b"other"} or what == "all":
            assert isinstance(change(practice, caller, replace(change_, **other), proof), Refused)


def test_the_former_password_alone_changes_nothing_any_more(practice: Practice) -> None:
    caller, proof = begin(practice), practice.director.proof(LATER)
    assert change(practice, caller, PASSWORD, proof) is None
    later = LATER + timedelta(minutes=1)
    other = replace(PASSWORD, parameters=signing_in.parameters_text(b"o" * 16))
    assert change(practice, caller, other, practice.director.proof(later), later) == Refused("credentials_wrong")


def test_a_keyring_is_renewed_by_the_code_that_just_opened_the_session(practice: Practice) -> None:
    caller, proof = begin(practice), practice.director.proof(AT)
    other = begin(practice, AT + timedelta(minutes=1))
    for _ in range(2):
        assert change(practice, caller, keyrings.NewKeyring(b"same", recovery=b"renewed"), proof, AT) is None
    assert sessions(practice) == {caller.token, other.token}, "it ends nothing"
    director = practice.director
    recovered = signing_in.recover(practice.ports, director.email, director.recovery_login, "here", AT)
    assert isinstance(recovered, signing_in.Recovered)
    assert (recovered.recovery, recovered.keyring) == (b"renewed", b"same")
    assert change(practice, caller, PASSWORD, proof, AT) == Refused("code_spent"), "for the keyring alone"
    assert change(practice, other, keyrings.NewKeyring(b"x"), proof, AT) == Refused("code_spent"), "by that session"
    late = AT + OPENED_WITHIN + timedelta(seconds=1)
    assert change(practice, caller, keyrings.NewKeyring(b"x"), proof, late) == Refused("code_wrong")
    with practice.ports.store.reading() as tx:
        assert len(tx.formers(director.id)) == 1, "renewals keep the first alone"


def test_what_a_change_replaces_is_kept_up_to_a_number_and_none_is_pushed_out(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(giving_back, "MOST_FORMERS", 2)
    caller, sheet = begin(practice), Proof(recovery_login=practice.director.recovery_login)
    for number in range(3):
        new = replace(PASSWORD, login=bytes([number]) * 32)
        at = LATER + timedelta(seconds=number)
        assert change(practice, caller, new, sheet, at) == (Refused("changed_often") if number == 2 else None)
    with practice.ports.store.reading() as tx:
        assert [each.at for each in tx.formers(practice.director.id)] == [LATER, LATER + timedelta(seconds=1)]


def test_a_session_that_ended_meanwhile_is_not_brought_back(practice: Practice) -> None:
    caller = practice.director.caller
    assert change(practice, caller, PASSWORD, practice.director.proof(LATER)) is None
    with practice.ports.store.transaction() as tx:
        assert tx.session(caller.token) is None


def test_of_two_changes_at_once_one_counts(practice: Practice, meanwhile: Callable[..., None]) -> None:
    one, two = begin(practice), begin(practice, AT + timedelta(minutes=1))
    sheet, answers = Proof(recovery_login=practice.director.recovery_login), []
    first = replace(PASSWORD, login=b"1" * 32)
    meanwhile(practice.ports.keystore, "seal", lambda: answers.append(change(practice, one, first, sheet)))
    assert change(practice, two, PASSWORD, sheet) == Refused("credentials_wrong")
    assert answers == [None]


def test_half_a_change_of_password_is_refused(practice: Practice, coach: Person) -> None:
    caller = practice.director.caller
    with pytest.raises(InvalidInputError):
        change(practice, caller, keyrings.NewKeyring(b"x", login=b"n" * 32), Proof())
    for stranger in (Caller("ff" * 16, b"t"), coach.caller):
        assert change(practice, stranger, keyrings.NewKeyring(b"x"), Proof()) == Refused("not_found")
        assert keyrings.keyring(practice.ports, stranger) == Refused("not_found")
