"""Who may sign what: a record without the right is refused, whoever else signed it (R3)."""

from __future__ import annotations

import dataclasses

import pytest

from tests.records import samples
from tests.records.practice import (
    COACH,
    DIRECTOR,
    DOSSIER,
    INSTALLATION,
    NEW_ROOT,
    NOW,
    OTHER,
    PRACTICE,
    first_roster,
    head,
    member,
    next_roster,
    policy,
    rosters,
    trajectory,
    write,
)
from vault.records import envelope as envelopes
from vault.records.encoding import RecordError
from vault.records.envelope import SignatureError
from vault.records.standing import Standing
from vault.records.types.policy import Policy
from vault.records.types.tombstone import Tombstone, installation_signer
from vault.rules.rights import (
    check_director,
    check_grantee,
    check_installation,
    check_member,
    check_new,
    check_signer,
    first_head,
)
from vault.rules.rosters import RosterError, first


@pytest.fixture
def chain():
    return rosters()


@pytest.fixture
def heads(chain):
    return first_head(head(chain), chain)


def test_a_director_signs_the_policy_and_a_coach_does_not(chain):
    assert Policy.read(policy(chain)).name == "Loopbaan & Co"
    assert check_director(policy(chain), chain).id == DIRECTOR
    with pytest.raises(SignatureError):
        check_director(policy(chain, COACH), chain)


def test_a_grantee_signs_what_belongs_to_a_dossier(chain, heads):
    assert check_grantee(trajectory(chain), chain, heads).id == COACH
    check_new(trajectory(chain, DIRECTOR), chain, heads)
    with pytest.raises(SignatureError):
        check_grantee(trajectory(chain, OTHER), chain, heads)


def test_a_record_of_another_dossier_or_practice_is_refused(chain, heads):
    with pytest.raises(SignatureError):
        check_grantee(trajectory(chain, dossier="ff" * 16), chain, heads)
    key = __import__("tests.records.practice", fromlist=["KEYS"]).KEYS[COACH]
    foreign = envelopes.write("trajectory", trajectory(chain).fields, practice="ff" * 16, signer=COACH, key=key)
    other = {**foreign.fields, "practice": "ff" * 16}
    stranger = envelopes.Envelope("trajectory", foreign.record, foreign.signatures, other)
    with pytest.raises(SignatureError):
        check_member(stranger, chain)
    assert PRACTICE != "ff" * 16


def test_a_record_by_a_stranger_is_refused(chain):
    stranger = envelopes.write(
        "trajectory", trajectory(chain).fields, practice=PRACTICE, signer="ff" * 16, key=NEW_ROOT
    )
    changed = envelopes.Envelope(
        "trajectory", stranger.record, stranger.signatures, {**stranger.fields, "signer": "ff" * 16}
    )
    with pytest.raises(SignatureError):
        check_member(changed, chain)


def test_a_record_on_a_roster_outside_the_chain_is_refused(chain):
    with pytest.raises(RosterError):
        check_member(trajectory(chain, standing=Standing(1, "00" * 32)), chain)


def test_a_roster_that_names_other_algorithms_lets_nobody_in_unverified(chain):
    """Signatures of an unknown algorithm are skipped: without one that is known, nothing would be verified at all."""
    later = chain.append(next_roster(chain, signature_suites=("ml-dsa-65",)))
    signed = trajectory(later)
    assert check_member(signed, later).id == COACH
    forged = dataclasses.replace(signed, signatures=(envelopes.Signature("ml-dsa-65", COACH, b"x"),))
    with pytest.raises(SignatureError):
        check_member(forged, later)


def test_a_new_record_stands_on_the_newest_roster(chain, heads):
    later = chain.append(next_roster(chain))
    old = trajectory(chain)
    assert check_grantee(old, later, heads).id == COACH
    with pytest.raises(SignatureError):
        check_new(old, later, heads)


def test_a_leaver_adds_nothing(chain, heads):
    later = chain.append(
        next_roster(chain, members=(member(DIRECTOR, "director"), member(COACH, until=NOW), member(OTHER)))
    )
    with pytest.raises(SignatureError):
        check_new(trajectory(later), later, heads)


def test_who_lost_the_dossier_adds_nothing_but_what_was_accepted_stays_readable(chain, heads):
    after = heads.append(head(chain, DIRECTOR, version=2, previous=heads.newest.hash, grantees=(DIRECTOR,)), chain)
    assert check_grantee(trajectory(chain), chain, after).id == COACH
    with pytest.raises(SignatureError):
        check_new(trajectory(chain), chain, after)


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 2},
        {"epoch": 2},
        {"previous": "00" * 32},
        {"grantees": (COACH,)},
        {"grantees": (DIRECTOR,)},
        {"grantees": (DIRECTOR, "ff" * 16)},
    ],
)
def test_a_first_head_that_does_not_hold_is_refused(chain, changes):
    with pytest.raises(SignatureError):
        first_head(head(chain, **changes), chain)


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 3},
        {"epoch": 2},
        {"epoch": 1, "recipient": "age1pq1other"},
        {"previous": None},
        {"id": "ff" * 16},
        {"kind": "commissioner"},
        {"grantees": (COACH,)},
    ],
)
def test_a_next_head_that_does_not_follow_is_refused(chain, heads, changes):
    fields = {"version": 2, "previous": heads.newest.hash} | changes
    with pytest.raises(SignatureError):
        heads.append(head(chain, **fields), chain)


def test_a_new_identity_begins_an_epoch(chain, heads):
    after = heads.append(head(chain, version=2, epoch=2, previous=heads.newest.hash, recipient="age1pq1b"), chain)
    assert after.newest.epoch == 2
    assert after.grantees == {COACH, DIRECTOR}


def test_a_stranger_to_the_dossier_cannot_take_it_over(chain, heads):
    taken = head(chain, OTHER, version=2, previous=heads.newest.hash, grantees=(DIRECTOR, OTHER))
    with pytest.raises(SignatureError):
        heads.append(taken, chain)
    assert heads.newest.id == DOSSIER


class TestErasure:
    def test_a_grantee_asks_for_the_client_and_for_single_documents(self, chain, heads):
        check_signer(samples.erasure(), chain, heads)
        check_signer(samples.erasure(documents=()), chain, heads)
        check_signer(samples.erasure(basis="staff"), chain, heads)

    def test_staff_has_a_whole_dossier_destroyed_only_by_a_director(self, chain, heads):
        check_signer(samples.erasure(DIRECTOR, documents=(), basis="staff"), chain, heads)
        with pytest.raises(SignatureError):
            check_signer(samples.erasure(documents=(), basis="staff"), chain, heads)


class TestTheInstallation:
    def test_a_listed_key_signs_tombstones_and_certificates(self, chain):
        assert check_installation(samples.tombstone(), chain) == bytes(INSTALLATION.verify_key)
        assert check_installation(samples.certificate(), chain)

    def test_another_key_or_a_member_does_not(self, chain):
        signer = installation_signer(bytes(NEW_ROOT.verify_key))
        content = Tombstone.read(samples.tombstone()).content()
        forged = envelopes.write("tombstone", content, practice=PRACTICE, signer=signer, key=NEW_ROOT)
        with pytest.raises(SignatureError):
            check_installation(forged, chain)
        with pytest.raises(SignatureError):
            check_installation(write("tombstone", content, DIRECTOR), chain)

    def test_a_key_that_was_replaced_stays_valid_for_what_it_signed(self, chain):
        later = chain.append(next_roster(chain, installations=(bytes(NEW_ROOT.verify_key),)))
        assert check_installation(samples.tombstone(), later)

    def test_a_tombstone_without_a_request_was_due(self):
        with pytest.raises(RecordError):
            Tombstone.read(samples.tombstone(request=None))
        assert Tombstone.read(samples.tombstone(reason="retention", request=None)).request is None


def test_a_dossier_has_a_suite_that_its_roster_allows():
    chain = first(first_roster(dossier_suites=("another",)))
    with pytest.raises(SignatureError):
        first_head(head(chain), chain)
