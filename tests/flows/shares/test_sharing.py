"""Shares: only what the policy allows, together with the index or not at all (R2, R10)."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from tests.actors import NOW
from vault.flows.answers import Stale
from vault.flows.shares import sharing
from vault.records.encoding import RecordError
from vault.rules.verdict import Refused


def make(practice, dossier, link, person=None):
    return sharing.share(practice.ports, (person or practice.director).caller, dossier, link.new, NOW)


def test_a_share_is_made_with_the_index_that_lists_it(practice, dossier, document):
    link = practice.share(dossier, [document])
    view = sharing.one(practice.ports, practice.director.caller, link.id, NOW)
    assert (view.state, view.share.used, view.share.max, view.pickups) == ("open", 0, 3, ())
    assert view.text == b"encrypted recipient"
    assert [v.share.id for v in sharing.shares(practice.ports, practice.director.caller, dossier, "", 10, NOW)] == [
        link.id
    ]
    assert view.envelope.record == link.envelope.record


def test_making_it_again_after_a_lost_answer_gives_the_first_answer(practice, dossier, document):
    link = practice.share(dossier, [document])
    again = make(practice, dossier, link)
    assert again == sharing.Shared(link.id, NOW + timedelta(days=14), repeated=True)
    other = practice.new_share(dossier, [document], id=link.id)
    assert make(practice, dossier, other) == Refused("conflict")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"kind": "disclosure"}, "consent_required"),
        ({"kind": "review"}, "not_allowed"),
        ({"documents": []}, "not_allowed"),
        ({"expires_at": NOW}, "limit"),
        ({"expires_at": NOW + timedelta(days=91)}, "limit"),
        ({"max": 101}, "limit"),
    ],
)
def test_what_the_policy_does_not_allow_is_refused(practice, dossier, document, changes, reason):
    rest = {name: value for name, value in changes.items() if name != "documents"}
    link = practice.new_share(dossier, changes.get("documents", [document]), **rest)
    assert make(practice, dossier, link) == Refused(reason)
    assert sharing.one(practice.ports, practice.director.caller, link.id, NOW) == Refused("not_found")


def test_entries_are_those_of_the_shared_documents(practice, dossier, document):
    link = practice.new_share(dossier, [document])
    link.new = dataclasses.replace(link.new, entries=())
    assert make(practice, dossier, link) == Refused("conflict")


def test_only_stored_documents_of_the_dossier_are_shared(practice, dossier, document):
    pending = practice.new_document(dossier)
    practice.begin(dossier, pending)
    assert make(practice, dossier, practice.new_share(dossier, [pending])) == Refused("not_found"), "no record yet"
    practice.put(pending)
    assert practice.complete(pending) == "pending"
    assert make(practice, dossier, practice.new_share(dossier, [pending])) == Refused("state")
    elsewhere = practice.deposit(practice.open_dossier())
    assert make(practice, dossier, practice.new_share(dossier, [elsewhere])) == Refused("not_found")
    unknown = practice.new_document(dossier)
    assert make(practice, dossier, practice.new_share(dossier, [unknown])) == Refused("not_found")


def test_a_share_on_an_old_index_is_answered_with_the_newest_and_not_made(practice, dossier, document):
    link = practice.new_share(dossier, [document])
    practice.advance(dossier)
    assert make(practice, dossier, link) == Stale(practice.index[dossier])
    assert sharing.one(practice.ports, practice.director.caller, link.id, NOW) == Refused("not_found")


def test_a_share_that_its_index_does_not_list_is_not_made(practice, dossier, document):
    link = practice.new_share(dossier, [document])
    index = practice.next_index(dossier, practice.listed(dossier))
    link.new = dataclasses.replace(link.new, index=index)
    assert make(practice, dossier, link) == Refused("record_left_out")


def test_a_stranger_makes_and_sees_and_ends_nothing(practice, dossier, document, coach):
    link = practice.share(dossier, [document])
    assert make(practice, dossier, practice.new_share(dossier, [document], coach), coach) == Refused("not_found")
    assert sharing.one(practice.ports, coach.caller, link.id, NOW) == Refused("not_found")
    assert sharing.shares(practice.ports, coach.caller, dossier, "", 10, NOW) == Refused("not_found")
    assert sharing.revoke(practice.ports, coach.caller, link.id, NOW) == Refused("not_found")
    assert sharing.revoke(practice.ports, coach.caller, "ff" * 16, NOW) == Refused("not_found")


def test_nobody_shares_in_somebody_elses_name(practice, coach):
    dossier = practice.open_dossier(coach)
    document = practice.deposit(dossier, person=coach)
    link = practice.new_share(dossier, [document], coach)
    assert make(practice, dossier, link) == Refused("not_allowed")


@pytest.mark.parametrize("change", ["cover", "text", "entry", "capsule"])
def test_everything_has_a_limit(practice, dossier, document, change):
    link = practice.new_share(dossier, [document])
    big = b"x" * 200_000
    if change in {"cover", "text"}:
        link.new = dataclasses.replace(link.new, **{change: big})
    else:
        entry = dataclasses.replace(link.new.entries[0], **{change: big})
        link.new = dataclasses.replace(link.new, entries=(entry,))
    with pytest.raises(RecordError):
        make(practice, dossier, link)


def test_a_share_says_what_became_of_it(practice, dossier, document):
    link = practice.share(dossier, [document], max=1)
    caller = practice.director.caller
    state = lambda now: sharing.one(practice.ports, caller, link.id, now).state  # noqa: E731
    assert state(NOW) == "open"
    assert state(NOW + timedelta(days=14)) == "expired"
    with practice.ports.store.transaction() as tx:
        assert tx.claim_pickup(link.id, NOW)
    assert state(NOW) == "used_up"
    assert sharing.revoke(practice.ports, caller, link.id, NOW) is None
    assert sharing.revoke(practice.ports, caller, link.id, NOW) is None, "revoking is repeatable"
    assert state(NOW) == "revoked"


def test_a_share_may_leave_the_index_when_it_is_over_and_not_before(practice, dossier, document):
    link = practice.share(dossier, [document])
    assert practice.advance(dossier, drop=[link.envelope.hash]) == Refused("record_left_out")
    sharing.revoke(practice.ports, practice.director.caller, link.id, NOW)
    assert not isinstance(practice.advance(dossier, drop=[link.envelope.hash]), Refused)


def test_a_share_that_came_meanwhile_is_not_made_twice(practice, dossier, document, monkeypatch):
    link = practice.new_share(dossier, [document])
    keystore = type(practice.ports.keystore)
    create, done = keystore.create, []

    def twice(self, subjects):
        create(self, subjects)
        if not done:
            done.append(1)
            make(practice, dossier, link)

    monkeypatch.setattr(keystore, "create", twice)
    assert make(practice, dossier, link).repeated


def test_a_share_without_its_key_is_damaged_while_it_is_open_and_keeps_its_text(practice, dossier, document):
    """To whom something was given is the dossier's to tell; what it released is gone."""
    link = practice.share(dossier, [document])
    practice.ports.keystore.shred([sharing.subject_of(link.id)])
    view = sharing.one(practice.ports, practice.director.caller, link.id, NOW)
    assert (view.text, view.damaged) == (None, ("key",))
    view = sharing.one(practice.ports, practice.director.caller, link.id, NOW + timedelta(days=14))
    assert (view.text, view.damaged) == (b"encrypted recipient", ())


def test_a_share_of_another_dossier_is_not_shown_to_exist(practice, dossier, document, coach):
    link = practice.share(dossier, [document])
    elsewhere = practice.open_dossier(coach)
    assert make(practice, elsewhere, link, coach) == Refused("conflict")
