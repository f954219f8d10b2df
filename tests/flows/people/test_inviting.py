"""Invitations: a director makes one, the link's holder uses it once, and nobody is anybody before she is confirmed."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from tests.actors import NOW, Person, Practice
from vault.domain.invitations import MOST_INVITATIONS
from vault.errors import InvalidInputError
from vault.flows.erasures import retention
from vault.flows.erasures.rowless import note_rowless, shred_rowless
from vault.flows.people import inviting, rosters, signing_in
from vault.flows.people.members import digest, subject_of
from vault.ports.errors import ConflictError
from vault.records.encoding import new_id
from vault.records.types.roster import Roster
from vault.rules.verdict import Refused

PROOF, WEEK = b"p" * 32, timedelta(days=7)
GONE = Refused("link_unavailable")


def invitation(**changes: object) -> inviting.NewInvitation:
    return dataclasses.replace(inviting.NewInvitation("1f" * 16, digest(PROOF), b"sealed", NOW + WEEK), **changes)


def request_of(person: Person, **changes: object) -> inviting.Join:
    credentials = dataclasses.replace(person.credentials(), recovery=None)
    whole = inviting.Join(
        PROOF, person.details(), bytes(person.key.verify_key), b"m" * 32, credentials, person.code(NOW)
    )
    return dataclasses.replace(whole, **changes)


@pytest.fixture
def invited(practice: Practice) -> str:
    made = inviting.invite(practice.ports, practice.director.caller, invitation(), NOW)
    assert not isinstance(made, Refused)
    return made.id


def confirm(practice: Practice, person: Person, **changes: object) -> Roster | Refused:
    envelope = practice.next_roster((*practice.chain.newest.members, person.card()))
    details = dataclasses.replace(person.details(), **changes)
    answer = rosters.add_roster(
        practice.ports, practice.director.caller, envelope, [details], NOW, invitation="1f" * 16
    )
    if isinstance(answer, Roster):
        practice.chain = practice.chain.append(envelope)
    return answer


def sign_in(practice: Practice, person: Person) -> object:
    later = NOW + timedelta(minutes=2)
    asked = signing_in.SignIn(person.email, person.login, person.code(later), {}, "here")
    return signing_in.sign_in(practice.ports, asked, later)


def test_only_a_director_invites_and_repeating_it_gives_the_same_answer(practice, coach, invited):
    again = inviting.invite(practice.ports, practice.director.caller, invitation(), NOW)
    assert not isinstance(again, Refused)
    assert again.id == invited
    assert inviting.invite(practice.ports, coach.caller, invitation(id=new_id()), NOW) == Refused("not_allowed")
    with pytest.raises(ConflictError):
        inviting.invite(practice.ports, practice.director.caller, invitation(sealed=b"another"), NOW)
    [waits] = inviting.invitations(practice.ports, practice.director.caller)
    assert (waits.row.id, waits.joined) == (invited, None)


@pytest.mark.parametrize("life", [timedelta(0), timedelta(days=8), timedelta(seconds=-1)])
def test_an_invitation_lives_a_week_at_most(practice, life):
    asked = invitation(expires_at=NOW + life)
    assert inviting.invite(practice.ports, practice.director.caller, asked, NOW) == Refused("limit")


def test_a_practice_has_a_hundred_invitations_at_most(practice):
    for _ in range(MOST_INVITATIONS):
        inviting.invite(practice.ports, practice.director.caller, invitation(id=new_id()), NOW)
    assert inviting.invite(practice.ports, practice.director.caller, invitation(), NOW) == Refused("limit")


def test_whoever_joined_is_nobody_until_a_roster_names_her(practice, invited):
    person = Person("Carla", "coach")
    assert inviting.join(practice.ports, invited, request_of(person), NOW) == person.id
    assert sign_in(practice, person) == Refused("credentials_wrong")
    assert rosters.details(practice.ports, person.caller, practice.director.id) == Refused("not_found")
    [waits] = inviting.invitations(practice.ports, practice.director.caller)
    assert waits.joined is not None
    assert (waits.joined.details, waits.joined.mac) == (person.details(), b"m" * 32)
    assert isinstance(confirm(practice, person), Roster)
    assert isinstance(sign_in(practice, person), signing_in.SignedIn)
    assert inviting.invitations(practice.ports, practice.director.caller) == []
    assert inviting.join(practice.ports, invited, request_of(person), NOW) == GONE


def test_the_code_she_joined_with_is_spent(practice, invited):
    person = Person("Carla", "coach")
    inviting.join(practice.ports, invited, request_of(person), NOW)
    confirm(practice, person)
    asked = signing_in.SignIn(person.email, person.login, person.code(NOW), {}, "here")
    assert signing_in.sign_in(practice.ports, asked, NOW) == Refused("code_spent")


def test_the_first_who_joins_is_the_only_one_and_may_repeat_it(practice, invited):
    first, second = Person("Carla", "coach"), Person("Sofie", "coach")
    for _ in range(2):
        assert inviting.join(practice.ports, invited, request_of(first), NOW) == first.id
    assert inviting.join(practice.ports, invited, request_of(second), NOW) == GONE
    assert inviting.join(practice.ports, invited, request_of(first, mac=b"n" * 32), NOW) == GONE
    assert inviting.join(practice.ports, invited, request_of(first), NOW + WEEK) == first.id, "a lost answer"


def test_a_member_does_not_join_again_under_her_id(practice, coach, invited):
    assert inviting.join(practice.ports, invited, request_of(coach), NOW) == GONE


def test_an_id_joins_by_one_invitation_alone(practice, invited):
    inviting.invite(practice.ports, practice.director.caller, invitation(id="2f" * 16), NOW)
    person = Person("Carla", "coach")
    inviting.join(practice.ports, invited, request_of(person), NOW)
    with pytest.raises(ConflictError):
        inviting.join(practice.ports, "2f" * 16, request_of(person), NOW)


@pytest.mark.parametrize("way", ["unknown", "proof", "expired", "revoked"])
def test_all_that_is_not_available_looks_the_same(practice, invited, way):
    request, id_, now = request_of(Person("Carla", "coach")), invited, NOW
    match way:
        case "unknown":
            id_ = "00" * 16
        case "proof":
            request = dataclasses.replace(request, possess=b"q" * 32)
        case "expired":
            now = NOW + WEEK
        case "revoked":
            for _ in range(2):
                assert inviting.revoke(practice.ports, practice.director.caller, invited) is None
    assert inviting.look(practice.ports, id_, request.possess, (0, 0), now) == GONE
    assert inviting.join(practice.ports, id_, request, now) == GONE


def test_looking_shows_both_chains_and_uses_nothing_up(practice, coach, invited):
    for _ in range(3):
        found = inviting.look(practice.ports, invited, PROOF, (1, 0), NOW)
        assert not isinstance(found, Refused)
        assert [each.fields["version"] for each in found.rosters.items] == [2]
        assert [each.hash for each in found.policies.items] == [practice.policy.hash]
        assert (found.rosters.next, found.expires_at) == (None, NOW + WEEK)


def test_a_wrong_code_or_a_short_secret_joins_nobody(practice, invited):
    person = Person("Carla", "coach")
    assert inviting.join(practice.ports, invited, request_of(person, code="000000"), NOW) == Refused("code_wrong")
    person.totp = b"short"
    with pytest.raises(InvalidInputError):
        inviting.join(practice.ports, invited, request_of(person), NOW)


def test_a_coach_sees_and_ends_no_invitation(practice, coach, invited):
    assert inviting.invitations(practice.ports, coach.caller) == Refused("not_allowed")
    assert inviting.revoke(practice.ports, coach.caller, invited) == Refused("not_allowed")


def test_nobody_is_confirmed_with_other_keys_than_she_joined_with(practice, invited):
    person = Person("Carla", "coach")
    inviting.join(practice.ports, invited, request_of(person, signing=b"k" * 32), NOW)
    with pytest.raises(InvalidInputError):
        confirm(practice, person)


def test_what_is_damaged_is_joined_by_nobody(practice, invited):
    person = Person("Carla", "coach")
    inviting.join(practice.ports, invited, request_of(person), NOW)
    tables = practice.ports.store._tables
    tables.invitation[invited] = dataclasses.replace(tables.invitation[invited], joined=b"damaged")
    [waits] = inviting.invitations(practice.ports, practice.director.caller)
    assert waits.joined is None
    assert inviting.join(practice.ports, invited, request_of(person), NOW) == GONE


def test_an_invitation_revoked_while_somebody_joins_takes_nobody(practice, invited, monkeypatch):
    person = Person("Carla", "coach")
    create = practice.ports.keystore.create

    def meanwhile(subjects):
        inviting.revoke(practice.ports, practice.director.caller, invited)
        return create(subjects)

    monkeypatch.setattr(practice.ports.keystore, "create", meanwhile)
    assert inviting.join(practice.ports, invited, request_of(person), NOW) == GONE


def test_two_who_join_at_once_are_one(practice, invited, monkeypatch):
    first, second = Person("Carla", "coach"), Person("Sofie", "coach")
    create = practice.ports.keystore.create

    def meanwhile(subjects):
        monkeypatch.undo()
        assert inviting.join(practice.ports, invited, request_of(first), NOW) == first.id
        return create(subjects)

    monkeypatch.setattr(practice.ports.keystore, "create", meanwhile)
    assert inviting.join(practice.ports, invited, request_of(second), NOW) == GONE


def test_what_nobody_confirms_is_forgotten_with_its_key(practice, invited):
    person = Person("Carla", "coach")
    inviting.join(practice.ports, invited, request_of(person), NOW)
    note_rowless(practice.ports, NOW)
    shred_rowless(practice.ports, NOW + timedelta(days=2))
    assert practice.ports.keystore.exists(subject_of(person.id)), "whoever waits keeps hers"
    later = NOW + timedelta(days=15)
    retention.reconcile(practice.ports, later)
    assert inviting.invitations(practice.ports, practice.director.caller) == []
    note_rowless(practice.ports, later)
    shred_rowless(practice.ports, later + timedelta(days=2))
    assert not practice.ports.keystore.exists(subject_of(person.id))


def test_who_was_revoked_meanwhile_is_not_made_a_member_without_a_way_in(practice, invited):
    person = Person("Carla", "coach")
    inviting.join(practice.ports, invited, request_of(person), NOW)
    inviting.revoke(practice.ports, practice.director.caller, invited)
    assert confirm(practice, person) == Refused("state")
    assert rosters.details(practice.ports, practice.director.caller, person.id) == Refused("not_found")
    assert len(rosters.roster(practice.ports, 0)) == 1
