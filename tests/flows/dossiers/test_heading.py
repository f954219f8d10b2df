"""Taking over what somebody left behind: the next head comes with the first index under it, both or neither."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.actors import NOW
from vault.errors import IntegrityError
from vault.flows.answers import Stale
from vault.flows.dossiers import heading, indexing, opening, sealing, showing
from vault.flows.people import rosters
from vault.records.encoding import RecordError
from vault.records.envelope import TooOldError
from vault.records.types.dossier import Dossier, Grantee, holders_of
from vault.records.types.roster import Roster
from vault.rules.verdict import Refused


@pytest.fixture
def held(practice, coach):
    """A dossier of a coach who was dismissed since."""
    dossier = practice.open_dossier(coach)
    dismiss(practice, coach)
    return dossier


def dismiss(practice, person):
    entries = practice.chain.newest.members
    members = [replace(entry, until=NOW) if entry.id == person.id else entry for entry in entries]
    envelope = practice.next_roster(members)
    assert isinstance(rosters.add_roster(practice.ports, practice.director.caller, envelope, [], NOW), Roster)
    practice.chain = practice.chain.append(envelope)


def next_head(practice, dossier, person=None, **changes):
    before = Dossier.read(practice.heads[dossier])
    base = {
        "standing": practice.chain.standing,
        "version": before.version + 1,
        "previous": before.hash,
        "grantees": holders_of(practice.chain.newest.directors),
        "index": practice.index[dossier].hash,
    }
    return practice.sign("dossier", replace(before, **{**base, **changes}).content(), person)


def take_over(practice, dossier, head, *wrapped, person=None, under=None):
    kept = practice.heads[dossier]
    practice.heads[dossier] = head
    changes = {} if under is None else {"head": under}
    index = practice.next_index(dossier, practice.listed(dossier), person, **changes)
    wraps = [sealing.NewWrap(member, b"age wrap for " + member.encode()) for member in wrapped]
    caller = (person or practice.director).caller
    answer = heading.take_next(practice.ports, caller, dossier, heading.NewHead(head, tuple(wraps), index), NOW)
    if isinstance(answer, indexing.Advanced):
        practice.index[dossier] = index
    else:
        practice.heads[dossier] = kept
    return answer


def test_the_leaver_goes_and_the_index_stands_under_the_new_head(practice, held):
    head = next_head(practice, held)
    assert isinstance(take_over(practice, held, head), indexing.Advanced)
    whole = showing.one(practice.ports, practice.director.caller, held)
    assert [each.hash for each in whole.heads][-1] == head.hash
    assert whole.index.fields["head"] == head.hash
    assert whole.listed.dossier.version == 2
    document = practice.deposit(held)
    assert document.envelope.hash in practice.listed(held)


def test_a_repetition_gives_the_same_answer(practice, held):
    head = next_head(practice, held)
    practice.heads[held] = head
    index = practice.next_index(held, practice.listed(held))
    new = heading.NewHead(head, (), index)
    ask = lambda: heading.take_next(practice.ports, practice.director.caller, held, new, NOW)  # noqa: E731
    assert ask() == ask() == indexing.Advanced(2, index.hash)


def test_a_director_who_came_later_is_brought_with_a_wrap(practice, coach, dossier):
    second = practice.appoint("Mede", "director")
    head = next_head(practice, dossier)
    with pytest.raises(RecordError):
        take_over(practice, dossier, head)
    assert isinstance(take_over(practice, dossier, head, second.id), indexing.Advanced)
    assert showing.one(practice.ports, second.caller, dossier).listed.wrap == b"age wrap for " + second.id.encode()


def test_a_director_gives_a_coach_a_dossier_with_a_wrap(practice, coach, dossier):
    head = next_head(practice, dossier, grantees=holders_of({*practice.chain.newest.directors, coach.id}))
    with pytest.raises(RecordError):
        take_over(practice, dossier, head)
    assert showing.listing(practice.ports, coach.caller, "", 10) == []
    assert isinstance(take_over(practice, dossier, head, coach.id), indexing.Advanced)
    assert showing.one(practice.ports, coach.caller, dossier).listed.wrap == b"age wrap for " + coach.id.encode()


def test_a_coach_gives_nobody_what_she_holds(practice, coach):
    dossier, other = practice.open_dossier(coach), practice.appoint("Derde")
    everybody = holders_of({*practice.chain.newest.directors, coach.id, other.id})
    with pytest.raises(IntegrityError):
        take_over(practice, dossier, next_head(practice, dossier, coach, grantees=everybody), other.id, person=coach)
    assert showing.listing(practice.ports, other.caller, "", 10) == []


def test_somebody_was_first_with_a_head(practice, coach, held):
    mine = next_head(practice, held)
    assert isinstance(take_over(practice, held, next_head(practice, held)), indexing.Advanced)
    late = next_head(practice, held, version=2, previous=mine.fields["previous"])
    assert take_over(practice, held, late) == Stale(practice.index[held])


def test_a_role_that_is_not_known_is_not_taken(practice, coach, dossier):
    for role in ("assistant", "director"):
        grantees = tuple(sorted((Grantee(coach.id, role), *holders_of({practice.director.id})), key=lambda one: one.id))
        with pytest.raises(TooOldError):
            take_over(practice, dossier, next_head(practice, dossier, grantees=grantees), coach.id)
        with pytest.raises(TooOldError):
            practice.open_dossier(grantees=grantees)


def test_who_holds_a_wrap_and_no_known_role_sees_nothing(practice, coach, monkeypatch):
    """A head that a later software accepted, and this one finds."""
    monkeypatch.setattr("vault.rules.rights.check_words", lambda _: None)
    grantees = tuple(
        sorted((Grantee(coach.id, "assistant"), *holders_of({practice.director.id})), key=lambda one: one.id)
    )
    dossier = practice.open_dossier(grantees=grantees)
    assert (dossier, 1, coach.id) in practice.ports.store._tables.wrap
    assert showing.one(practice.ports, coach.caller, dossier) == Refused("not_found")
    assert showing.listing(practice.ports, coach.caller, "", 10) == []
    assert [each.dossier.id for each in showing.listing(practice.ports, practice.director.caller, "", 10)] == [dossier]


def test_another_signers_head_is_not_brought(practice, held):
    second = practice.appoint("Mede", "director")
    head = next_head(practice, held)
    third = take_over(practice, held, head, second.id, person=second)
    assert third == Refused("not_found"), "she holds no wrap of it yet"
    head = next_head(practice, held, second, grantees=holders_of(practice.chain.newest.directors))
    assert take_over(practice, held, head, second.id) == Refused("not_allowed")


def test_a_head_that_accepts_an_older_index_is_told_the_newest(practice, held):
    older = practice.index[held].hash
    practice.advance(held)
    assert take_over(practice, held, next_head(practice, held, index=older)) == Stale(practice.index[held])


def test_the_leaver_cannot_and_neither_is_an_old_roster_taken(practice, coach, held):
    with pytest.raises(IntegrityError):
        take_over(practice, held, next_head(practice, held, coach))
    before = practice.chain.chain[-2]
    standing = type(practice.chain.standing)(before.version, before.hash)
    with pytest.raises(IntegrityError):
        take_over(practice, held, next_head(practice, held, standing=standing))


def test_an_index_under_the_old_head_is_refused_with_it_and_after_it(practice, held):
    old = practice.heads[held].hash
    head = next_head(practice, held)
    assert take_over(practice, held, head, under=old) == Refused("head_differs")
    assert isinstance(take_over(practice, held, head), indexing.Advanced)
    practice.heads[held] = next_head(practice, held)
    assert practice.advance(held) == Refused("head_differs")


def test_a_dossier_of_nobody_is_not_there(practice, coach):
    new = practice.new_dossier()
    assert isinstance(new, opening.NewDossier)
    id_ = new.head.fields["dossier"]
    practice.ports.keystore.create([sealing.subject_of(id_)])
    practice.index[id_], practice.heads[id_] = new.index, new.head
    head = next_head(practice, id_)
    assert take_over(practice, id_, head) == Refused("not_found")
