"""The chains of rosters and policies (R3), and details only for members."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from nacl.signing import SigningKey

from tests.actors import NOW, Person
from vault.domain.sessions import SessionRow
from vault.errors import InvalidInputError
from vault.flows.people import rosters, signing_in
from vault.records.envelope import SignatureError, TooOldError
from vault.records.standing import salted_digest
from vault.records.types.policy import Policy
from vault.records.types.roster import Roster
from vault.rules.rosters import RosterError, first
from vault.rules.verdict import Refused


def test_a_reader_gets_every_roster_and_policy_in_order(practice, coach):
    chain = rosters.roster(practice.ports, 0)
    assert [e.fields["version"] for e in chain] == [1, 2]
    assert first(chain[0]).append(chain[1]).newest.hash == practice.chain.newest.hash
    assert rosters.roster(practice.ports, 2) == []
    assert [e.hash for e in rosters.policy(practice.ports, 0)] == [practice.policy.hash]


def test_members_see_each_others_details_and_nobody_else_does(practice, coach):
    assert rosters.details(practice.ports, coach.caller, practice.director.id) == practice.director.details()
    assert rosters.details(practice.ports, Person("Nobody").caller, coach.id) == Refused("not_found")
    assert rosters.details(practice.ports, coach.caller, "ff" * 16) == Refused("not_found")


def test_a_roster_comes_with_the_details_of_exactly_whom_it_adds(practice):
    person = Person("Carla", "coach")
    envelope = practice.next_roster((*practice.chain.newest.members, person.card()))
    add = lambda newcomers: rosters.add_roster(practice.ports, practice.director.caller, envelope, newcomers, NOW)  # noqa: E731
    with pytest.raises(InvalidInputError):
        add([])
    with pytest.raises(InvalidInputError):
        add([dataclasses.replace(person.details(), name="Other")])
    assert isinstance(add([person.details()]), Roster)
    assert isinstance(add([person.details()]), Roster), "a lost answer is asked again"


def test_a_coach_adds_no_roster(practice, coach):
    envelope = practice.next_roster(practice.chain.newest.members)
    assert rosters.add_roster(practice.ports, coach.caller, envelope, [], NOW) == Refused("not_allowed")


def test_a_roster_says_nothing_that_the_server_does_not_know(practice, coach):
    add = lambda envelope: rosters.add_roster(practice.ports, practice.director.caller, envelope, [], NOW)  # noqa: E731
    members = [
        dataclasses.replace(one, role="assistant") if one.id == coach.id else one
        for one in practice.chain.newest.members
    ]
    for envelope in (
        practice.next_roster(members),
        practice.next_roster(practice.chain.newest.members, kind="another"),
        practice.next_roster(practice.chain.newest.members, signature_suites=("ed25519", "another")),
        practice.next_roster(practice.chain.newest.members, dossier_suites=("another",)),
    ):
        with pytest.raises(TooOldError):
            add(envelope)
    for suites in (("another",), ("another", "a_third")):
        with pytest.raises(RosterError):
            add(practice.next_roster(practice.chain.newest.members, signature_suites=suites))


def next_policy(practice, person=None, **changes):
    content = {**practice.policy.fields, "roster": practice.chain.standing.to_json(), "version": 2}
    fields = {**content, "previous": practice.policy.hash, **changes}
    fields["signer"] = (person or practice.director).id
    return practice.sign("policy", fields, person)


def test_a_director_changes_the_policy(practice):
    envelope = next_policy(practice, name="Nieuwe naam")
    assert rosters.add_policy(practice.ports, practice.director.caller, envelope).name == "Nieuwe naam"
    again = rosters.add_policy(practice.ports, practice.director.caller, envelope)
    assert again.hash == Policy.read(envelope).hash


def test_a_coach_or_a_wrong_successor_changes_nothing(practice, coach):
    with pytest.raises(SignatureError):
        rosters.add_policy(practice.ports, coach.caller, next_policy(practice, coach))
    envelope = next_policy(practice)
    assert rosters.add_policy(practice.ports, coach.caller, envelope) == Refused("not_allowed")
    wrong = next_policy(practice, version=3)
    assert rosters.add_policy(practice.ports, practice.director.caller, wrong) == Refused("conflict")


def dismissed(practice, person):
    until = [
        dataclasses.replace(one, until=NOW) if one.id == person.id else one for one in practice.chain.newest.members
    ]
    envelope = practice.next_roster(until)
    assert isinstance(rosters.add_roster(practice.ports, practice.director.caller, envelope, [], NOW), Roster)
    practice.chain = practice.chain.append(envelope)


def test_who_leaves_keeps_no_credentials_and_her_address_is_free(practice, coach):
    dismissed(practice, coach)
    with practice.ports.store.reading() as tx:
        row = tx.member(coach.id)
    assert (row.login, row.totp, row.keyring, row.lock, row.parameters) == (None,) * 5
    back = Person(coach.name, "coach")
    envelope = practice.next_roster((*practice.chain.newest.members, back.card()))
    add = rosters.add_roster(practice.ports, practice.director.caller, envelope, [back.details()], NOW)
    assert isinstance(add, Roster)


def test_whose_row_was_lost_leaves_all_the_same(practice, coach):
    del practice.ports.store._tables.member[coach.id]
    dismissed(practice, coach)


def rename(practice, person, **changes):
    details = dataclasses.replace(person.details(), **changes)
    card = salted_digest("card", details.salt, details.name.encode(), details.email.lower().encode())
    members = [
        dataclasses.replace(one, card=card) if one.id == person.id else one for one in practice.chain.newest.members
    ]
    envelope = practice.next_roster(members)
    return rosters.add_roster(practice.ports, practice.director.caller, envelope, [details], NOW)


def test_a_member_gets_another_name_with_her_details(practice, coach):
    assert isinstance(rename(practice, coach, name="Carla de Wit"), Roster)
    found = rosters.details(practice.ports, practice.director.caller, coach.id)
    assert found == dataclasses.replace(coach.details(), name="Carla de Wit")


def test_a_member_gets_no_other_address_from_a_director(practice, coach):
    with pytest.raises(InvalidInputError):
        rename(practice, coach, email="carla@elders.example")


def test_who_has_left_or_has_no_row_is_renamed_in_the_roster_alone(practice, coach):
    dismissed(practice, coach)
    before = practice.ports.store._tables.member[coach.id]
    assert isinstance(rename(practice, coach, name="Carla de Wit"), Roster)
    assert practice.ports.store._tables.member[coach.id] == before


def test_a_roster_with_another_sheet_ends_every_lock_of_the_old_one(practice, coach):
    before = practice.director.recovery_login
    root = SigningKey.generate()
    envelope = practice.next_roster(
        practice.chain.newest.members, root=bytes(root.verify_key), recovery="age1another", new_root=root
    )
    add = lambda sheet: rosters.add_roster(practice.ports, practice.director.caller, envelope, [], NOW, sheet)  # noqa: E731
    with pytest.raises(InvalidInputError):
        add(None)
    assert isinstance(add(rosters.NewSheet(b"n" * 32, b"lock of the new sheet")), Roster)
    recover = lambda login: signing_in.recover(practice.ports, practice.director.email, login, "here", NOW)  # noqa: E731
    assert recover(before) == Refused("credentials_wrong")
    found = recover(b"n" * 32)
    assert isinstance(found, signing_in.Recovered)
    assert found.recovery == b"lock of the new sheet"


def test_a_sheet_comes_with_no_other_roster(practice, coach):
    envelope = practice.next_roster(practice.chain.newest.members)
    with pytest.raises(InvalidInputError):
        rosters.add_roster(
            practice.ports, practice.director.caller, envelope, [], NOW, rosters.NewSheet(b"n" * 32, b"lock")
        )


def test_everybody_is_listed_and_devices_are_a_directors_to_see(practice, coach):
    with practice.ports.store.transaction() as tx:
        for token, at in ((b"a", NOW), (b"b", NOW - timedelta(days=30))):
            tx.add_session(SessionRow(token * 32, coach.id, at, at, details=b"d"))
    gone = practice.appoint("Dora")
    tables = practice.ports.store._tables
    tables.member[gone.id] = dataclasses.replace(tables.member[gone.id], details=b"damaged")
    mine = {each.id: each for each in rosters.everybody(practice.ports, practice.director.caller, NOW)}
    assert (mine[coach.id].details, mine[coach.id].devices, mine[coach.id].seen_at) == (coach.details(), 1, NOW)
    assert (mine[gone.id].details, mine[gone.id].devices, mine[gone.id].seen_at) == (None, 0, None)
    hers = {each.id: each for each in rosters.everybody(practice.ports, coach.caller, NOW)}
    assert {each.devices for each in hers.values()} == {None}
    assert hers[coach.id].details == coach.details()
    assert rosters.everybody(practice.ports, Person("Nobody").caller, NOW) == Refused("not_found")


def test_who_has_left_is_listed_with_name_and_address_for_directors_alone(practice, coach):
    other = practice.appoint("Dora")
    dismissed(practice, other)
    hers = {each.id: each for each in rosters.everybody(practice.ports, coach.caller, NOW)}
    mine = {each.id: each for each in rosters.everybody(practice.ports, practice.director.caller, NOW)}
    assert (hers[other.id].details, mine[other.id].details) == (None, other.details())
