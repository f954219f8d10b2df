"""Set-up once, two factors always, no lock-out of others (R3)."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from tests.actors import NOW, TOKEN, Practice
from tests.installation import keys
from vault import totp
from vault.errors import InvalidInputError, UnavailableError
from vault.flows.answers import Throttled
from vault.flows.context import rosters
from vault.flows.people import founding, keyrings, members, proving, signing_in, throttling
from vault.flows.people.rosters import add_roster
from vault.records.envelope import SignatureError
from vault.rules.rosters import RosterError
from vault.rules.verdict import Refused


def sign_in(practice, *, login=None, code=None, now=NOW + timedelta(minutes=5), seen=None, source="here", email=None):
    director = practice.director
    request = signing_in.SignIn(
        email or director.email, login or director.login, code or director.code(now), seen or {}, source
    )
    return signing_in.sign_in(practice.ports, request, now)


def test_set_up_makes_the_practice_once_and_spends_the_token():
    practice = Practice()
    assert founding.setup_state(practice.ports).open
    request = practice.setup_request()
    created = founding.set_up(practice.ports, request, NOW)
    assert created == founding.Created(practice.id, practice.director.id, repeated=False)
    assert not founding.setup_state(practice.ports).open
    assert practice.ports.setup_token() is None


def test_set_up_after_a_lost_answer_gives_the_first_answer_again():
    practice = Practice()
    request = practice.setup_request()
    founding.set_up(practice.ports, request, NOW)
    assert founding.set_up(practice.ports, request, NOW) == founding.Created(
        practice.id, practice.director.id, repeated=True
    )


def test_a_second_practice_cannot_be_set_up(practice):
    other = Practice(practice.ports)
    assert founding.set_up(practice.ports, other.setup_request(), NOW) == Refused("setup_done")


def test_two_set_ups_at_once_make_one_practice():
    practice = Practice()
    request, other = practice.setup_request(), Practice(practice.ports)
    race = other.setup_request()
    with practice.ports.store.transaction() as tx:
        assert tx.practice() is None
    first = founding._add_practice
    done = []

    def late(tx, *rest):
        if not done:
            done.append(first(tx, *rest))
        return first(tx, *rest)

    founding._add_practice, keep = late, founding._add_practice
    try:
        assert founding.set_up(practice.ports, request, NOW) == Refused("setup_done")
    finally:
        founding._add_practice = keep
    assert isinstance(founding.set_up(practice.ports, race, NOW), founding.Created)


@pytest.mark.parametrize("token", [b"", b"wrong"])
def test_a_wrong_token_sets_nothing_up(token):
    practice = Practice()
    assert founding.set_up(practice.ports, practice.setup_request(token), NOW) == Refused("token_wrong")
    assert founding.setup_state(practice.ports).open


def test_without_a_token_file_nothing_is_set_up():
    practice = Practice()
    practice.ports.spend_setup_token()
    assert founding.set_up(practice.ports, practice.setup_request(TOKEN), NOW) == Refused("token_wrong")


def test_set_up_proves_the_second_factor():
    practice = Practice()
    request = dataclasses.replace(practice.setup_request(), code="000000")
    assert founding.set_up(practice.ports, request, NOW) == Refused("code_wrong")


@pytest.mark.parametrize("change", ["installation", "second policy", "name", "recipient", "stranger", "short secret"])
def test_a_set_up_that_contradicts_itself_is_refused(change):
    practice = Practice()
    request = practice.setup_request()
    details = request.details
    match change:
        case "installation":
            practice.ports = dataclasses.replace(practice.ports, installation=keys("J"))
        case "second policy":
            policy = practice.sign("policy", {**request.policy.fields, "version": 2})
            request = dataclasses.replace(request, policy=policy)
        case "name":
            request = dataclasses.replace(request, details=dataclasses.replace(details, name="Somebody"))
        case "recipient":
            request = dataclasses.replace(request, details=dataclasses.replace(details, recipient="age1other"))
        case "stranger":
            request = dataclasses.replace(request, details=dataclasses.replace(details, id="ff" * 16))
        case _:
            request = dataclasses.replace(request, credentials=dataclasses.replace(request.credentials, totp=b"short"))
    with pytest.raises(InvalidInputError):
        founding.set_up(practice.ports, request, NOW)


def test_a_roster_signed_by_nobody_sets_nothing_up():
    practice = Practice()
    request = practice.setup_request()
    stranger = Practice(practice.ports)
    stranger.director = practice.director
    forged = dataclasses.replace(request.roster, signatures=stranger.first_roster().signatures)
    with pytest.raises((RosterError, SignatureError)):
        founding.set_up(practice.ports, dataclasses.replace(request, roster=forged), NOW)


def test_nothing_can_be_asked_before_the_set_up():
    with pytest.raises(UnavailableError), Practice().ports.store.transaction() as tx:
        rosters(tx)


def test_both_factors_open_a_session_and_release_the_keyring(practice):
    session = sign_in(practice)
    assert isinstance(session, signing_in.SignedIn)
    assert session.token not in repr(session)
    caller = signing_in.authenticate(practice.ports, session.token, NOW)
    assert caller.member == practice.director.id
    assert keyrings.keyring(practice.ports, caller).keyring == practice.director.credentials().keyring


def test_a_wrong_password_and_an_unknown_address_are_answered_alike(practice):
    assert (
        sign_in(practice, login=b"x" * 32)
        == sign_in(practice, email="nobody@praktijk.example")
        == Refused("credentials_wrong")
    )


@pytest.mark.parametrize("act", ["login", "sheet"])
def test_a_stranger_costs_the_same_work_as_a_member(practice, coach, monkeypatch, act):
    """Also one who has not enrolled; the count is what a clock would measure."""
    done = []
    keystore, store = practice.ports.keystore, practice.ports.store
    for thing, names in ((keystore, ["unseal"]), (store, ["reading", "transaction"])):
        for name in names:
            real = getattr(thing, name)
            monkeypatch.setattr(thing, name, lambda *a, r=real, n=name, **k: done.append(n) or r(*a, **k))
    works = []
    for email in (practice.director.email, coach.email, "nobody@praktijk.example"):
        done.clear()
        if act == "login":
            assert sign_in(practice, email=email, login=b"x" * 32) == Refused("credentials_wrong")
        else:
            refused = signing_in.recover(practice.ports, email, b"x" * 32, "here", NOW)
            assert refused == Refused("credentials_wrong")
        works.append(list(done))
    assert works[0].count("unseal") == (act == "login")
    assert works[0] == works[1] == works[2]


def test_the_first_directors_secrets_open_nothing_for_a_stranger(practice):
    """Hers are unsealed instead of a stranger's."""
    wrong = Refused("credentials_wrong")
    assert sign_in(practice, email="nobody@praktijk.example") == wrong
    assert (
        signing_in.recover(practice.ports, "nobody@praktijk.example", practice.director.recovery_login, "there", NOW)
        == wrong
    )


def test_strangers_fill_no_table(practice, monkeypatch):
    monkeypatch.setattr(throttling, "MOST_THROTTLES", 3)
    waited = NOW + timedelta(hours=1)
    for _ in range(5):
        sign_in(practice, login=b"x" * 32, now=waited)
    usual = signing_in.attempts_key
    monkeypatch.setattr(signing_in, "attempts_key", lambda *given: usual(*given)[:-1] + b"\0")
    for number in range(50):
        sign_in(practice, email=f"{number}@stranger.example", now=waited, source=str(number))
    monkeypatch.undo()
    assert len(practice.ports.store._tables.throttle) <= 3
    assert sign_in(practice, now=waited) == Throttled(60), "those who make wait stay"


def test_a_wrong_code_is_refused(practice):
    wrong = "000000" if practice.director.code(NOW + timedelta(minutes=5)) != "000000" else "111111"
    assert sign_in(practice, code=wrong) == Refused("code_wrong")


def test_a_one_time_code_works_once(practice):
    assert isinstance(sign_in(practice), signing_in.SignedIn)
    assert sign_in(practice) == Refused("code_spent")
    assert sign_in(practice, now=NOW) == Refused("code_spent"), "the code of the set-up is spent too"


def test_five_failures_make_one_source_wait_and_no_other(practice):
    now = NOW + timedelta(hours=1)
    for _ in range(5):
        assert sign_in(practice, login=b"x" * 32, now=now) == Refused("credentials_wrong")
    assert sign_in(practice, now=now) == Throttled(60)
    assert isinstance(sign_in(practice, now=now, source="elsewhere"), signing_in.SignedIn)
    later = now + timedelta(seconds=61)
    assert sign_in(practice, login=b"x" * 32, now=later) == Refused("credentials_wrong")
    assert sign_in(practice, now=later) == Throttled(120)
    assert isinstance(sign_in(practice, now=later + timedelta(seconds=121)), signing_in.SignedIn)
    assert sign_in(practice, login=b"x" * 32, now=later + timedelta(minutes=9)) == Refused("credentials_wrong")
    assert isinstance(sign_in(practice, now=later + timedelta(minutes=10)), signing_in.SignedIn), "a success forgets"


def test_codes_cannot_be_guessed_from_everywhere_by_who_knows_the_password(practice):
    now = NOW + timedelta(hours=1)
    wrong = "000000" if practice.director.code(now) != "000000" else "111111"
    for source in range(5):
        assert sign_in(practice, code=wrong, now=now, source=str(source)) == Refused("code_wrong")
    assert sign_in(practice, now=now, source="another") == Throttled(60)
    assert sign_in(practice, login=b"x" * 32, now=now, source="a stranger") == Refused("credentials_wrong")
    later = now + timedelta(seconds=61)
    assert isinstance(sign_in(practice, now=later, source="another"), signing_in.SignedIn)


def test_a_device_that_has_seen_more_than_the_server_stops_it(practice):
    assert sign_in(practice, seen={"roster": 2}) == Refused("restored")


def test_unknown_addresses_get_stable_parameters_of_their_own(practice):
    ports = practice.ports
    known = signing_in.parameters(ports, practice.director.email)
    assert known == practice.director.credentials().parameters
    unknown = signing_in.parameters(ports, "x@y.example")
    assert unknown == signing_in.parameters(ports, " X@Y.example ")
    assert unknown != signing_in.parameters(ports, "z@y.example")
    assert len(unknown) == len(known)


def test_a_member_who_has_not_enrolled_cannot_sign_in(practice, coach):
    request = signing_in.SignIn(coach.email, coach.login, coach.code(NOW), {}, "here")
    assert signing_in.sign_in(practice.ports, request, NOW) == Refused("credentials_wrong")
    assert b"argon2id" in signing_in.parameters(practice.ports, coach.email)
    assert keyrings.keyring(practice.ports, coach.caller) == Refused("not_found")


def test_a_session_ends_by_sign_out_idleness_age_and_dismissal(practice):
    now = NOW + timedelta(minutes=5)
    session = sign_in(practice)
    assert signing_in.authenticate(practice.ports, session.token, now + timedelta(hours=11)) is not None
    assert signing_in.authenticate(practice.ports, session.token, now + timedelta(hours=22)) is not None, "use keeps it"
    assert signing_in.authenticate(practice.ports, session.token, now + timedelta(hours=35)) is None
    assert signing_in.authenticate(practice.ports, "unknown", now) is None
    for hours in range(0, 24 * 7, 10):
        signing_in.authenticate(practice.ports, session.token, now + timedelta(hours=hours))
    assert signing_in.authenticate(practice.ports, session.token, now + timedelta(days=7, seconds=1)) is None
    other = sign_in(practice, now=now + timedelta(minutes=2))
    caller = signing_in.authenticate(practice.ports, other.token, now + timedelta(minutes=2))
    signing_in.sign_out(practice.ports, caller)
    assert signing_in.authenticate(practice.ports, other.token, now + timedelta(minutes=2)) is None


def test_the_sheet_signs_in_and_gives_the_keyring_that_was_sealed_to_it(practice):
    director = practice.director
    recovered = signing_in.recover(practice.ports, director.email, director.recovery_login, "here", NOW)
    assert recovered.recovery == director.credentials().recovery
    caller = signing_in.authenticate(practice.ports, recovered.token, NOW)
    parameters, confirm = signing_in.parameters_text(b"n" * 16), totp.code(b"s" * 20, totp.step_of(NOW))
    new = keyrings.NewKeyring(b"new", b"lock", b"copy", parameters, b"n" * 32, b"s" * 20, confirm)
    sheet = proving.Proof(recovery_login=director.recovery_login)
    assert keyrings.replace_keyring(practice.ports, caller, new, sheet, NOW) is None
    assert sign_in(practice) == Refused("credentials_wrong")
    director.login, director.totp = b"n" * 32, b"s" * 20
    assert isinstance(sign_in(practice), signing_in.SignedIn)


def test_a_wrong_sheet_is_refused_and_counted(practice):
    for _ in range(5):
        answer = signing_in.recover(practice.ports, practice.director.email, b"x" * 32, "here", NOW)
        assert answer == Refused("credentials_wrong")
    assert signing_in.recover(practice.ports, practice.director.email, b"x" * 32, "here", NOW) == Throttled(60)


def test_a_dismissed_member_is_out_at_once(practice, coach):
    with practice.ports.store.transaction() as tx:
        row = tx.member(coach.id)
    sealed = members.seal_member(practice.ports, coach.details(), coach.credentials(), NOW)
    with practice.ports.store.transaction() as tx:
        tx.update_member(dataclasses.replace(sealed, created_at=row.created_at))
    session = signing_in.sign_in(
        practice.ports, signing_in.SignIn(coach.email, coach.login, coach.code(NOW), {}, "x"), NOW
    )
    assert signing_in.authenticate(practice.ports, session.token, NOW) is not None
    left = [dataclasses.replace(m, until=NOW) if m.id == coach.id else m for m in practice.chain.newest.members]
    add_roster(practice.ports, practice.director.caller, practice.next_roster(left), [], NOW)
    assert signing_in.authenticate(practice.ports, session.token, NOW) is None
    later = NOW + timedelta(minutes=2)
    again = signing_in.SignIn(coach.email, coach.login, coach.code(later), {}, "x")
    assert signing_in.sign_in(practice.ports, again, later) == Refused("credentials_wrong")
    assert signing_in.recover(practice.ports, coach.email, coach.recovery_login, "x", later) == Refused(
        "credentials_wrong"
    )


def test_where_nothing_was_set_up_nobody_signs_in():
    assert sign_in(Practice()) == Refused("credentials_wrong")


def test_after_a_clock_ran_ahead_everybody_signs_in_at_once_and_recovers_too(practice):
    ahead = NOW + timedelta(days=183)
    assert isinstance(sign_in(practice, now=ahead), signing_in.SignedIn)
    for minute in range(7):
        sign_in(practice, login=b"w" * 32, code="000000", now=ahead + timedelta(minutes=minute))
    for minute in range(7):
        sign_in(practice, code="000000", source="there", now=ahead + timedelta(days=1, minutes=minute))
    assert isinstance(sign_in(practice, now=ahead + timedelta(days=1, minutes=6)), Throttled)
    assert isinstance(sign_in(practice, now=NOW + timedelta(minutes=5)), signing_in.SignedIn)
    assert isinstance(sign_in(practice, source="there", now=NOW + timedelta(minutes=6)), signing_in.SignedIn)
    director = practice.director
    for _ in range(7):
        signing_in.recover(practice.ports, director.email, b"w" * 32, "here", ahead)
    recovered = signing_in.recover(practice.ports, director.email, director.recovery_login, "here", NOW)
    assert isinstance(recovered, signing_in.Recovered)


def test_a_session_from_ahead_of_the_clock_signs_nobody_in(practice):
    ahead = NOW + timedelta(days=183)
    session = sign_in(practice, now=ahead)
    assert signing_in.authenticate(practice.ports, session.token, ahead) is not None
    assert signing_in.authenticate(practice.ports, session.token, NOW) is None
