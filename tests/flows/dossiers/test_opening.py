"""A dossier is open to its coach and the directors, and to nobody else (R3)."""

from __future__ import annotations

import dataclasses

import pytest

from tests.actors import NOW, TOKEN, Person, Practice
from vault.domain.dossiers import RecordState
from vault.flows.answers import Stale
from vault.flows.dossiers import adding, indexing, opening, sealing, showing
from vault.ports.errors import ConflictError, TombstonedError
from vault.records.encoding import RecordError
from vault.records.envelope import SignatureError
from vault.rules.verdict import Refused


def test_a_dossier_is_wrapped_for_every_grantee_and_comes_back_whole(practice, coach):
    dossier = practice.open_dossier(coach)
    for person in (practice.director, coach):
        listed = showing.listing(practice.ports, person.caller, "", 10)
        assert [entry.dossier.id for entry in listed] == [dossier]
        assert listed[0].wrap == b"age wrap for " + person.id.encode()
        assert listed[0].symmetric is None
        assert listed[0].profile.text == b"encrypted profile"
        whole = showing.one(practice.ports, person.caller, dossier)
        assert [head.fields["version"] for head in whole.heads] == [1]
        assert whole.index.hash == practice.index[dossier].hash


def test_another_coach_sees_nothing(practice, coach):
    dossier = practice.open_dossier(coach)
    other = practice.appoint("Otto")
    assert showing.listing(practice.ports, other.caller, "", 10) == []
    assert showing.one(practice.ports, other.caller, dossier) == Refused("not_found")
    assert showing.records(practice.ports, other.caller, dossier, "", 10) == Refused("not_found")
    assert adding.add_records(practice.ports, other.caller, dossier, [], practice.index[dossier], NOW) == Refused(
        "not_found"
    )
    assert adding.advance_index(practice.ports, other.caller, dossier, practice.index[dossier], NOW) == Refused(
        "not_found"
    )


def test_opening_again_after_a_lost_answer_gives_the_first_answer(practice):
    new = practice.new_dossier()
    caller = practice.director.caller
    first = opening.open_dossier(practice.ports, caller, new, NOW)
    assert first == opening.Opened(first.dossier, repeated=False)
    assert opening.open_dossier(practice.ports, caller, new, NOW) == opening.Opened(first.dossier, repeated=True)


def test_an_id_that_is_taken_or_destroyed_cannot_be_opened(practice, dossier):
    taken = practice.new_dossier(id=dossier, recipient="age1pq1other")
    index = practice.sign("index", {**taken.index.fields, "sequence": 1, "previous": None})
    taken = dataclasses.replace(taken, index=index)
    assert opening.open_dossier(practice.ports, practice.director.caller, taken, NOW) == Refused("conflict")
    gone = practice.new_dossier()
    id_ = gone.head.fields["dossier"]
    practice.ports.keystore.create([sealing.subject_of(id_)])
    practice.ports.keystore.shred([sealing.subject_of(id_)])
    with pytest.raises(TombstonedError):
        opening.open_dossier(practice.ports, practice.director.caller, gone, NOW)


def broken(practice, name):
    new = practice.new_dossier()
    id_, (profile, trajectory) = new.head.fields["dossier"], new.records
    changes = {
        "wrap missing": {"wraps": ()},
        "records missing": {"records": (profile,)},
        "text missing": {"records": (sealing.NewRecord(profile.envelope), trajectory)},
        "text too much": {"records": (profile, sealing.NewRecord(trajectory.envelope, b"text"))},
        "text too large": {"records": (sealing.NewRecord(profile.envelope, b"x" * 20_000), trajectory)},
        "second profile": {"records": (sealing.NewRecord(practice.profile(id_, version=2), b"t"), trajectory)},
        "second trajectory": {"records": (profile, sealing.NewRecord(practice.trajectory(id_, version=2)))},
        "other policy": {"records": (profile, sealing.NewRecord(practice.trajectory(id_, policy="00" * 32)))},
        "second index": {"index": practice.sign("index", {**new.index.fields, "sequence": 2})},
        "index empty": {"index": practice.sign("index", {**new.index.fields, "added": []})},
    }
    made = dataclasses.replace(new, **changes[name])
    if "index" in changes[name]:
        return made
    # The index is right: what is refused is the record alone.
    listed = [record.envelope.hash for record in made.records]
    return dataclasses.replace(made, index=practice.next_index(id_, listed))


@pytest.mark.parametrize(
    "name",
    [
        "wrap missing",
        "records missing",
        "text missing",
        "text too much",
        "text too large",
        "second profile",
        "second trajectory",
        "other policy",
        "second index",
        "index empty",
    ],
)
def test_half_a_dossier_is_refused_whole(practice, name):
    new = broken(practice, name)
    with pytest.raises(RecordError):
        opening.open_dossier(practice.ports, practice.director.caller, new, NOW)
    assert showing.listing(practice.ports, practice.director.caller, "", 10) == []


def test_nobody_opens_a_dossier_in_somebody_elses_name(practice, coach):
    new = practice.new_dossier(coach)
    assert opening.open_dossier(practice.ports, practice.director.caller, new, NOW) == Refused("not_allowed")
    stranger = Practice(practice.ports)
    stranger.setup_request(TOKEN)
    with pytest.raises(SignatureError):
        opening.open_dossier(practice.ports, practice.director.caller, stranger.new_dossier(), NOW)


def test_the_quick_wrap_is_kept_for_its_owner_alone(practice, coach):
    dossier = practice.open_dossier(coach)
    places = [(dossier, 1), (dossier, 2), ("ff" * 16, 1)]
    items = [sealing.OwnWrap(of, epoch, b"quick", None, None) for of, epoch in places]
    assert sealing.put_own(practice.ports, coach.caller, items) == 1
    assert showing.one(practice.ports, coach.caller, dossier).listed.symmetric == b"quick"
    assert showing.one(practice.ports, practice.director.caller, dossier).listed.symmetric is None
    new = practice.new_dossier(coach)
    own = tuple(dataclasses.replace(wrap, symmetric=b"at once") for wrap in new.wraps)
    opened = opening.open_dossier(practice.ports, coach.caller, dataclasses.replace(new, wraps=own), NOW)
    assert showing.one(practice.ports, coach.caller, opened.dossier).listed.symmetric == b"at once"


def test_a_new_profile_retires_the_old_one(practice, dossier):
    before = next(
        e
        for e in showing.records(practice.ports, practice.director.caller, dossier, "", 10)
        if e.envelope.kind == "profile"
    )
    profile = practice.profile(dossier, version=2, previous=before.hash)
    listed = [hash_ for hash_ in practice.listed(dossier) if hash_ != before.hash]
    index = practice.next_index(dossier, [*listed, profile.hash])
    new = [sealing.NewRecord(profile, b"corrected")]
    add = lambda: adding.add_records(practice.ports, practice.director.caller, dossier, new, index, NOW)  # noqa: E731
    assert add() == indexing.Advanced(2, index.hash)
    assert add() == indexing.Advanced(2, index.hash), "a lost answer is asked again"
    views = {e.hash: e for e in showing.records(practice.ports, practice.director.caller, dossier, "", 10)}
    assert views[profile.hash].text == b"corrected"
    assert views[before.hash].state is RecordState.RETIRED
    assert showing.one(practice.ports, practice.director.caller, dossier).listed.profile.hash == profile.hash


def test_a_version_that_does_not_follow_is_refused_with_everything_beside_it(practice, dossier):
    profile = practice.profile(dossier, version=3)
    trajectory = practice.trajectory(dossier)
    new = [sealing.NewRecord(trajectory), sealing.NewRecord(profile, b"x")]
    index = practice.next_index(dossier, [*practice.listed(dossier), profile.hash, trajectory.hash])
    answer = adding.add_records(practice.ports, practice.director.caller, dossier, new, index, NOW)
    assert answer == Refused("conflict")
    hashes = [e.hash for e in showing.records(practice.ports, practice.director.caller, dossier, "", 10)]
    assert trajectory.hash not in hashes


def test_only_profiles_and_trajectories_come_this_way(practice, dossier):
    document = practice.new_document(dossier)
    with pytest.raises(RecordError):
        adding.add_records(
            practice.ports,
            practice.director.caller,
            dossier,
            [sealing.NewRecord(document.envelope)],
            practice.index[dossier],
            NOW,
        )


class TestTheIndex:
    def test_an_old_index_is_answered_with_the_newest(self, practice, dossier, document):
        old = practice.sign("index", {**practice.index[dossier].fields, "sequence": 1, "previous": None})
        answer = adding.advance_index(practice.ports, practice.director.caller, dossier, old, NOW)
        assert answer == Stale(practice.index[dossier])

    def test_repeating_the_newest_gives_the_same_answer(self, practice, dossier, document):
        newest = practice.index[dossier]
        answer = adding.advance_index(practice.ports, practice.director.caller, dossier, newest, NOW)
        assert answer == indexing.Advanced(2, newest.hash)

    def test_what_nobody_deposited_cannot_be_listed(self, practice, dossier):
        assert practice.advance(dossier, ["00" * 32]) == Refused("record_unknown")

    def test_a_document_whose_body_is_missing_cannot_be_listed(self, practice, dossier):
        document = practice.new_document(dossier)
        practice.begin(dossier, document)
        assert practice.advance(dossier, [document.envelope.hash]) == Refused("record_unknown")

    def test_nothing_current_can_be_left_out(self, practice, dossier, document):
        assert practice.advance(dossier, drop=[document.envelope.hash]) == Refused("record_left_out")

    def test_nobody_signs_for_somebody_else(self, practice, coach):
        dossier = practice.open_dossier(coach)
        index = practice.next_index(dossier, practice.listed(dossier), coach)
        assert adding.advance_index(practice.ports, practice.director.caller, dossier, index, NOW) == Refused(
            "not_allowed"
        )

    def test_a_stranger_signs_nothing(self, practice, coach):
        dossier = practice.open_dossier()
        index = practice.next_index(dossier, practice.listed(dossier), coach)
        with pytest.raises(SignatureError):
            adding.advance_index(practice.ports, practice.director.caller, dossier, index, NOW)

    def test_a_lost_race_is_answered_with_the_newest(self, practice, dossier, monkeypatch):
        store = practice.ports.store
        with store.transaction() as tx:
            monkeypatch.setattr(type(tx), "advance_dossier", lambda *_, **__: False)
        assert practice.advance(dossier) == Stale(practice.index[dossier])


def test_two_openings_of_one_id_at_once_make_one_dossier(practice, monkeypatch):
    new = practice.new_dossier()
    store = practice.ports.store
    with store.transaction() as tx:
        adds = type(tx).add_dossier
    done = []

    def late(tx, row):
        if not done:
            done.append(row)
            adds(tx, row)
        adds(tx, row)

    monkeypatch.setattr(type(tx), "add_dossier", late)
    with pytest.raises(ConflictError):
        opening.open_dossier(practice.ports, practice.director.caller, new, NOW)
    assert Person("X").role == "director"


def test_records_on_an_old_index_are_answered_with_the_newest_and_not_kept(practice, dossier):
    trajectory = practice.trajectory(dossier)
    index = practice.next_index(dossier, [*practice.listed(dossier), trajectory.hash])
    practice.advance(dossier)
    new = [sealing.NewRecord(trajectory)]
    answer = adding.add_records(practice.ports, practice.director.caller, dossier, new, index, NOW)
    assert answer == Stale(practice.index[dossier])
    assert trajectory.hash not in [
        e.hash for e in showing.records(practice.ports, practice.director.caller, dossier, "", 10)
    ]


def test_a_text_whose_key_is_gone_is_damaged_among_the_records(practice, dossier, document):
    link = practice.share(dossier, [document])
    practice.ports.keystore.shred([sealing.subject_of(dossier)])
    views = {e.hash: e for e in showing.records(practice.ports, practice.director.caller, dossier, "", 10)}
    assert (views[link.envelope.hash].text, views[link.envelope.hash].damaged) == (None, ("key",))
