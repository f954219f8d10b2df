"""Who may sign what: a record without the right is refused, whoever else signed it (R3)."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from tests.records import samples
from tests.records.practice import (
    COACH,
    DIRECTOR,
    DOSSIER,
    INSTALLATION,
    KEYS,
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
from tests.rules import installation_vectors
from vault.records import envelope as envelopes
from vault.records.encoding import RecordError
from vault.records.envelope import Signature, SignatureError, TooOldError, verify
from vault.records.standing import Standing
from vault.records.types.dossier import Dossier, Grantee, holders_of
from vault.records.types.index import Index
from vault.records.types.policy import Policy
from vault.records.types.roster import SUITE
from vault.records.types.tombstone import Tombstone, installation_signer
from vault.rules.indexes import holds
from vault.rules.rights import (
    check_director,
    check_grantee,
    check_installation,
    check_member,
    check_new,
    check_signer,
    first_head,
    in_force,
    may_sign,
    next_grantees,
)
from vault.rules.rosters import RosterError, first
from vault.rules.verdict import Refused

OWN = ("v", "type", "practice", "signer")


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


def test_a_record_carries_a_signature_of_every_suite_that_its_roster_requires(chain):
    """As software of a later day would judge it, which knows the second suite and its keys."""
    with pytest.raises(TooOldError):
        chain.append(next_roster(chain, signature_suites=("ed25519", "ml-dsa-65")))
    signed = trajectory(chain)
    with pytest.raises(TooOldError):
        verify(signed, {COACH: bytes(KEYS[COACH].verify_key)}, ("ed25519", "ml-dsa-65"))
    both = dataclasses.replace(signed, signatures=(*signed.signatures, Signature("ml-dsa-65", COACH, b"x")))
    with pytest.raises(TooOldError):
        verify(both, {COACH: bytes(KEYS[COACH].verify_key)}, ("ed25519", "ml-dsa-65"))
    forged = dataclasses.replace(signed, signatures=(Signature("ml-dsa-65", COACH, b"x"),))
    with pytest.raises(SignatureError):
        check_member(forged, chain)


def test_a_member_whose_role_is_unknown_signs_nothing(chain, heads):
    helped = (member(DIRECTOR, "director"), member(COACH, "assistant"), member(OTHER))
    later = chain.append(next_roster(chain, members=helped))
    check_signer(trajectory(chain), later, heads)  # what she signed as a coach holds
    with pytest.raises(SignatureError):
        check_signer(trajectory(later), later, heads)
    assert isinstance(in_force(COACH, later, pinned=False), Refused)


def test_a_grantee_whose_role_is_unknown_signs_nothing(chain):
    read_only = (Grantee(COACH, "assistant"), *holders_of((DIRECTOR,)))
    heads = first_head(head(chain, DIRECTOR, grantees=read_only), chain)
    assert heads.newest.members == {COACH, DIRECTOR}
    assert heads.newest.holders == heads.holders == {DIRECTOR}
    with pytest.raises(SignatureError):
        check_signer(trajectory(chain), chain, heads)
    with pytest.raises(SignatureError):
        heads.append(head(chain, version=2, previous=heads.newest.hash), chain)
    assert isinstance(holds(Index.read(samples.index(head=heads.newest.hash)), heads), Refused)


def test_who_takes_a_dossier_over_leaves_the_roles_that_are_unknown_as_they_are(chain):
    given = (*holders_of((COACH,)), *holders_of((DIRECTOR,)), Grantee("0d" * 16, "assistant"))
    before = Dossier.read(head(chain, DIRECTOR, grantees=tuple(sorted(given, key=lambda each: each.id))))
    helper = dataclasses.replace(member(OTHER, "assistant"), id="0d" * 16)
    later = chain.append(
        next_roster(chain, members=(*chain.newest.members[:1], member(COACH, until=NOW), member(OTHER), helper))
    )
    assert next_grantees(before, later.newest) == (Grantee("0d" * 16, "assistant"), *holders_of((DIRECTOR,)))
    promoted = dataclasses.replace(before, grantees=(Grantee(DIRECTOR, "assistant"),))
    assert next_grantees(promoted, chain.newest) == holders_of((DIRECTOR,))


def test_a_new_record_says_nothing_that_is_unknown(chain, heads):
    for later in (samples.share(kind="another"), samples.document(kind="another"), samples.erasure(basis="another")):
        check_signer(later, chain, heads)
        with pytest.raises(TooOldError):
            check_new(later, chain, heads)


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
    new = {"version": 2, "epoch": 2, "recipient": "age1pq1new", "previous": heads.newest.hash}
    after = heads.append(head(chain, DIRECTOR, **new, grantees=(DIRECTOR,)), chain)
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
    new = {"version": 2, "epoch": 2, "previous": heads.newest.hash, "recipient": "age1pq1b"}
    after = heads.append(head(chain, DIRECTOR, **new), chain)
    assert after.newest.epoch == 2
    assert after.holders == {COACH, DIRECTOR}


def test_who_could_keep_a_key_is_known_until_there_is_another(chain, heads):
    wider = heads.append(
        head(chain, DIRECTOR, version=2, previous=heads.newest.hash, grantees=(OTHER, COACH, DIRECTOR)), chain
    )
    assert heads.could_keep == {COACH, DIRECTOR}
    assert wider.could_keep == {OTHER, COACH, DIRECTOR}
    left = next_roster(chain, members=(member(DIRECTOR, "director"), member(COACH, until=NOW), member(OTHER)))
    then = chain.append(left)
    gone = wider.append(head(then, OTHER, version=3, previous=wider.newest.hash, grantees=(OTHER, DIRECTOR)), then)
    assert COACH not in gone.newest.members
    assert COACH in gone.could_keep, "the identity is the one that she had"
    new = {"version": 4, "epoch": 2, "previous": gone.newest.hash, "recipient": "age1pq1b"}
    assert gone.append(head(then, DIRECTOR, **new, grantees=(DIRECTOR,)), then).could_keep == {DIRECTOR}


CHANGED = {
    "somebody else comes by a coach": (COACH, {"grantees": (OTHER, COACH, DIRECTOR)}),
    "a coach gives a new identity": (COACH, {"epoch": 2, "recipient": "age1pq1b"}),
    "a coach takes herself out": (COACH, {"grantees": (DIRECTOR,)}),
    "a director takes one out who keeps the key": (DIRECTOR, {"grantees": (DIRECTOR,)}),
    "a director gives it to a stranger": (DIRECTOR, {"grantees": (COACH, DIRECTOR, "ff" * 16)}),
}


@pytest.mark.parametrize("what", CHANGED)
def test_who_holds_a_dossier_is_a_directors_to_say(chain, heads, what):
    signer, changes = CHANGED[what]
    with pytest.raises(SignatureError):
        heads.append(head(chain, signer, version=2, previous=heads.newest.hash, **changes), chain)


def test_a_coach_opens_a_dossier_for_herself_and_the_directors(chain):
    everybody = (OTHER, COACH, DIRECTOR)
    assert first_head(head(chain, DIRECTOR, grantees=everybody), chain).newest.holders == set(everybody)
    with pytest.raises(SignatureError):
        first_head(head(chain, grantees=everybody), chain)


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
        for basis in ("staff", "another"):
            with pytest.raises(SignatureError):
                check_signer(samples.erasure(documents=(), basis=basis), chain, heads)


class TestTheInstallation:
    def test_a_listed_key_signs_tombstones_and_certificates(self, chain):
        assert check_installation(samples.tombstone(), chain) == bytes(INSTALLATION["ledger"].verify_key)
        assert check_installation(samples.certificate(), chain)

    def test_another_key_or_a_member_does_not(self, chain):
        signer = installation_signer(bytes(NEW_ROOT.verify_key))
        content = Tombstone.read(samples.tombstone()).content()
        forged = envelopes.write("tombstone", content, practice=PRACTICE, signer=signer, key=NEW_ROOT)
        with pytest.raises(SignatureError):
            check_installation(forged, chain)
        with pytest.raises(SignatureError):
            check_installation(write("tombstone", content, DIRECTOR), chain)

    def test_a_key_that_was_replaced_stays_valid_for_what_it_signed_in_its_time(self, chain):
        later = chain.append(next_roster(chain, installations=installation_vectors.ENDED))
        assert check_installation(samples.tombstone(), later)
        with pytest.raises(SignatureError):
            check_installation(samples.tombstone(at=NOW + timedelta(minutes=5, seconds=1)), later)

    @pytest.mark.parametrize("name", ["ledger", "checkpoint", "attest"])
    def test_a_key_may_sign_for_its_use_alone_and_in_its_time(self, chain, name):
        key = bytes(INSTALLATION[name].verify_key)
        uses = [use for use in ("ledger", "checkpoint", "attest", "seal") if may_sign(key, use, chain, NOW)]
        assert uses == [name]
        assert not may_sign(key, name, chain, NOW - timedelta(minutes=6))
        assert not may_sign(bytes(NEW_ROOT.verify_key), name, chain, NOW)

    def test_a_key_of_the_installation_signs_nothing_of_a_member(self, chain):
        content = {name: value for name, value in policy(chain).fields.items() if name not in OWN}
        forged = samples.by_installation("policy", content, INSTALLATION["ledger"])
        with pytest.raises(SignatureError):
            check_installation(forged, chain)

    def test_a_tombstone_without_a_request_was_due(self):
        with pytest.raises(RecordError):
            Tombstone.read(samples.tombstone(request=None))
        assert Tombstone.read(samples.tombstone(reason="retention", request=None)).request is None


def test_a_dossier_has_a_suite_that_its_roster_allows():
    with pytest.raises(TooOldError):
        first(first_roster(dossier_suites=("another",)))
    chain = first(first_roster(dossier_suites=("another", SUITE)))
    assert first_head(head(chain), chain)
    with pytest.raises(TooOldError):
        first_head(head(chain, suite="another"), chain)
    with pytest.raises(SignatureError):
        first_head(head(chain, suite="a third"), chain)
