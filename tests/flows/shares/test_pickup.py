"""A pick-up: counted once, resumed for an hour, ended at the next segment; every refusal is the same (R10)."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from tests.actors import NOW
from vault.domain.dossiers import DocumentState
from vault.flows.documents import deposit
from vault.flows.shares import pickup, sharing
from vault.flows.shares.pickup import UNAVAILABLE, Proofs
from vault.records.types.document import SEGMENT_SIZE

NAME, OTHER = b"n" * 16, b"o" * 16


@pytest.fixture
def link(practice, dossier, document):
    return practice.share(dossier, [document], max=1)


def proofs(link):
    return Proofs(link.possess, link.open)


def cover(practice, link, now=NOW, name=None, given=None):
    return pickup.cover(practice.ports, link.id, given or proofs(link), now, name)


def pick_up(practice, link, name=NAME, now=NOW, given=None):
    return pickup.pick_up(practice.ports, link.id, name, given or proofs(link), now)


def body(practice, link, document, *, now=NOW, name=NAME, given=None, clock=None, start=0, length=None):
    tick = clock or (lambda: now)
    return pickup.body(practice.ports, link.id, name, document.id, given or proofs(link), tick, start, length)


def test_looking_spends_nothing(practice, link, document):
    for _ in range(5):
        assert cover(practice, link, given=Proofs(link.possess, None)) == pickup.CoverView("plain")
        view = cover(practice, link)
    assert view.cover == b"encrypted cover"
    assert view.entries == ((document.id, b"entry of " + document.id.encode()),)
    assert view.left == 1


def test_a_pickup_releases_the_capsules_and_the_bodies(practice, link, document):
    released = pick_up(practice, link)
    assert released.capsules == ((document.id, b"capsule of " + document.id.encode()),)
    assert b"".join(body(practice, link, document).pieces) == document.body
    assert b"".join(body(practice, link, document, start=5, length=3).pieces) == document.body[5:8]
    view = sharing.one(practice.ports, practice.director.caller, link.id, NOW)
    assert view.share.used == 1
    assert view.pickups[0].finished_at == NOW


def test_every_release_is_written_down(practice, link, document):
    pick_up(practice, link)
    pick_up(practice, link)
    with practice.ports.store.transaction() as tx:
        lines = tx.disclosures(link.id)
    assert [(line.document, line.at, line.consent) for line in lines] == [(document.id, NOW, None)]


def test_a_lost_answer_is_asked_again_and_counts_once(practice, link):
    first = pick_up(practice, link)
    assert pick_up(practice, link, now=NOW + timedelta(minutes=59)).capsules == first.capsules
    assert pick_up(practice, link, OTHER) == UNAVAILABLE
    assert pick_up(practice, link, now=NOW + timedelta(minutes=61)) == UNAVAILABLE


def test_two_pickups_of_the_last_copy_release_one(practice, link):
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: pick_up(practice, link, bytes([n]) * 16), range(40)))
    assert sum(isinstance(answer, pickup.Released) for answer in answers) == 1
    assert answers.count(UNAVAILABLE) == 39


def test_two_answers_to_one_name_count_once(practice, dossier, document):
    link = practice.share(dossier, [document], max=3)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: pick_up(practice, link), range(20)))
    assert all(isinstance(answer, pickup.Released) for answer in answers)
    assert sharing.one(practice.ports, practice.director.caller, link.id, NOW).share.used == 1


@pytest.mark.parametrize(
    "how", ["unknown", "no possession", "expired", "revoked", "used up", "wrong open of a plain link", "no open"]
)
def test_every_refusal_is_the_same(practice, link, how):
    given, now = proofs(link), NOW
    match how:
        case "unknown":
            link.id = "ff" * 16
        case "no possession":
            given = Proofs(b"x" * 32, link.open)
        case "expired":
            now = NOW + timedelta(days=14)
        case "revoked":
            sharing.revoke(practice.ports, practice.director.caller, link.id, NOW)
        case "used up":
            pick_up(practice, link, OTHER)
        case "wrong open of a plain link":
            given = Proofs(link.possess, b"x" * 32)
        case _:
            given = Proofs(link.possess, None)
    if how != "no open":
        assert cover(practice, link, now, given=given) == UNAVAILABLE
    assert pick_up(practice, link, now=now, given=given) == UNAVAILABLE


class TestResuming:
    @pytest.fixture
    def document(self, practice, dossier):
        return practice.deposit(dossier, b"x" * SEGMENT_SIZE + b"yz")

    def test_expiry_lets_a_pickup_finish(self, practice, dossier, document):
        link = practice.share(dossier, [document], expires_at=NOW + timedelta(minutes=1), max=1)
        pick_up(practice, link)
        later = NOW + timedelta(minutes=30)
        assert b"".join(body(practice, link, document, now=later).pieces) == document.body
        assert cover(practice, link, later) == UNAVAILABLE
        assert cover(practice, link, later, NAME).cover == b"encrypted cover"
        assert cover(practice, link, later, OTHER) == UNAVAILABLE

    def test_the_hour_runs_from_the_last_segment_and_a_day_at_most(self, practice, link, document):
        pick_up(practice, link)
        for minutes in range(50, 24 * 60, 50):
            pieces = body(practice, link, document, now=NOW + timedelta(minutes=minutes), start=0, length=1).pieces
            assert b"".join(pieces) == b"x"
        assert body(practice, link, document, now=NOW + timedelta(hours=24, seconds=1)) == UNAVAILABLE

    def test_after_an_idle_hour_it_is_over(self, practice, link, document):
        pick_up(practice, link)
        assert body(practice, link, document, now=NOW + timedelta(minutes=61)) == UNAVAILABLE
        assert body(practice, link, document, name=OTHER) == UNAVAILABLE

    @pytest.mark.parametrize("how", ["revoked", "erased", "removed"])
    def test_revocation_and_erasure_end_it_at_the_next_segment(self, practice, link, document, how):
        pick_up(practice, link)
        pieces = body(practice, link, document).pieces
        got = len(next(pieces))
        if how == "revoked":
            sharing.revoke(practice.ports, practice.director.caller, link.id, NOW)
        else:
            with practice.ports.store.transaction() as tx:
                tx.set_document_state([document.id], DocumentState.REMOVED)
                if how == "erased":
                    tx.remove_documents([document.id])
        assert got + sum(map(len, pieces)) == SEGMENT_SIZE
        assert body(practice, link, document) == UNAVAILABLE
        if how == "revoked":
            assert pick_up(practice, link) == UNAVAILABLE
            assert cover(practice, link, name=NAME) == UNAVAILABLE


class TestShredding:
    def test_erasing_one_document_leaves_the_others_of_the_share(self, practice, dossier, document):
        kept = practice.deposit(dossier)
        link = practice.share(dossier, [document, kept])
        practice.ports.keystore.shred([deposit.subject_of(document.id)])
        assert [id_ for id_, _ in cover(practice, link).entries] == [kept.id]
        assert [id_ for id_, _ in pick_up(practice, link).capsules] == [kept.id]
        assert body(practice, link, document) == UNAVAILABLE
        assert b"".join(body(practice, link, kept).pieces) == kept.body

    def test_shredding_the_share_closes_it(self, practice, link, document):
        pick_up(practice, link)
        practice.ports.keystore.shred([sharing.subject_of(link.id)])
        assert cover(practice, link, name=NAME) == UNAVAILABLE
        assert pick_up(practice, link) == UNAVAILABLE
        assert body(practice, link, document) == UNAVAILABLE


def test_a_document_outside_the_share_is_not_given(practice, dossier, link):
    other = practice.deposit(dossier)
    pick_up(practice, link)
    assert body(practice, link, other) == UNAVAILABLE


def test_a_revocation_between_looking_and_claiming_wins(practice, link, monkeypatch):
    keystore = type(practice.ports.keystore)
    unseal = keystore.unseal_each

    def revoked_meanwhile(self, sealed):
        sharing.revoke(practice.ports, practice.director.caller, link.id, NOW)
        return unseal(self, sealed)

    monkeypatch.setattr(keystore, "unseal_each", revoked_meanwhile)
    assert pick_up(practice, link) == UNAVAILABLE
    with practice.ports.store.transaction() as tx:
        assert tx.disclosures(link.id) == []


def test_a_pickup_that_ran_out_between_looking_and_claiming_is_refused(practice, dossier, document, monkeypatch):
    link = practice.share(dossier, [document], max=3)
    pick_up(practice, link)
    later = NOW + timedelta(minutes=90)
    assert pick_up(practice, link, now=later) == UNAVAILABLE
    assert isinstance(pick_up(practice, link, OTHER, now=later), pickup.Released)


def test_a_last_copy_taken_between_looking_and_claiming_is_gone(practice, link, monkeypatch):
    keystore = type(practice.ports.keystore)
    unseal, done = keystore.unseal_each, []

    def taken_meanwhile(self, sealed):
        if not done:
            done.append(1)
            assert isinstance(pick_up(practice, link, OTHER), pickup.Released)
        return unseal(self, sealed)

    monkeypatch.setattr(keystore, "unseal_each", taken_meanwhile)
    assert pick_up(practice, link) == UNAVAILABLE
    with practice.ports.store.transaction() as tx:
        assert len(tx.disclosures(link.id)) == 1


def test_a_damaged_entry_is_a_link_that_is_not_available(practice, dossier, document):
    link = practice.share(dossier, [document])
    with practice.ports.store.transaction(dossier) as tx:
        [entry] = tx.entries(link.id)
        tx._tables.entry[link.id, document.id] = dataclasses.replace(entry, entry=entry.capsule)
    assert cover(practice, link) == UNAVAILABLE
    assert isinstance(pick_up(practice, link), pickup.Released), "its capsule is whole"
    assert body(practice, link, document) == UNAVAILABLE
