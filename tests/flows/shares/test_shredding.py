"""The key of a share that is over is shredded within a day, and nothing that may still go on is stopped by it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.actors import NOW
from vault.flows.audit import auditing
from vault.flows.dossiers import showing
from vault.flows.erasures import retention
from vault.flows.shares import pickup, sharing, shredding
from vault.flows.shares.pickup import UNAVAILABLE, Proofs
from vault.records.types.document import SEGMENT_SIZE

NAME, OTHER = b"n" * 16, b"o" * 16
DAY, HOUR, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1)
EXPIRY = NOW + 14 * DAY


@pytest.fixture
def document(practice, dossier):
    return practice.deposit(dossier, b"x" * SEGMENT_SIZE + b"yz")


@pytest.fixture
def link(practice, dossier, document):
    return practice.share(dossier, [document], max=1)


def has_key(practice, link):
    return practice.ports.keystore.exists(sharing.subject_of(link.id))


def pick_up(practice, link, name=NAME, now=NOW):
    return pickup.pick_up(practice.ports, link.id, name, Proofs(link.possess, link.open), now)


def fetch(practice, link, document, now=NOW, start=0, length=None):
    proofs = Proofs(link.possess, link.open)
    found = pickup.body(practice.ports, link.id, NAME, document.id, proofs, lambda: now, start, length)
    return found if found == UNAVAILABLE else b"".join(found.pieces)


def lines(practice, dossier):
    found = auditing.entries(practice.ports, practice.director.caller, dossier, 0, 100)
    return [line.event for line in found]


def revoke(practice, link, now=NOW):
    assert sharing.revoke(practice.ports, practice.director.caller, link.id, now) is None


def test_an_open_share_keeps_its_key(practice, link):
    assert shredding.shred_over(practice.ports, NOW) == 0
    assert shredding.shred_over(practice.ports, EXPIRY - SECOND) == 0
    assert has_key(practice, link)


def test_a_revoked_share_loses_its_key_at_the_next_sweep(practice, link):
    revoke(practice, link)
    retention.sweep(practice.ports, NOW)
    assert not has_key(practice, link)


def test_an_expired_share_loses_its_key_after_a_day_and_not_before(practice, link):
    """A clock that jumped ahead makes every share look expired: within a day it can be mended."""
    assert shredding.shred_over(practice.ports, EXPIRY + DAY - SECOND) == 0
    assert has_key(practice, link)
    assert isinstance(pick_up(practice, link), pickup.Released), "the clock was mended"
    assert shredding.shred_over(practice.ports, EXPIRY + DAY) == 1
    assert not has_key(practice, link)


def test_a_share_of_several_that_is_not_used_up_stays(practice, dossier, document):
    link = practice.share(dossier, [document], max=2)
    pick_up(practice, link)
    assert shredding.shred_over(practice.ports, NOW + 2 * DAY) == 0
    assert has_key(practice, link)


class TestUsedUp:
    def test_a_pickup_that_was_counted_finishes(self, practice, link, document):
        pick_up(practice, link)
        later = NOW + timedelta(minutes=50)
        for now in (NOW, later):
            assert shredding.shred_over(practice.ports, now) == 0
            assert fetch(practice, link, document, now, length=5) == document.body[:5]
        assert fetch(practice, link, document, later + timedelta(minutes=50)) == document.body

    def test_it_goes_an_hour_after_it_was_fetched_whole(self, practice, link, document):
        pick_up(practice, link)
        fetch(practice, link, document, NOW + timedelta(minutes=30))
        assert shredding.shred_over(practice.ports, NOW + timedelta(minutes=90)) == 0
        assert fetch(practice, link, document, NOW + timedelta(minutes=90)) == document.body, "while it is live"
        assert shredding.shred_over(practice.ports, NOW + timedelta(minutes=150)) == 0
        assert shredding.shred_over(practice.ports, NOW + timedelta(minutes=151)) == 1
        assert not has_key(practice, link)

    def test_one_that_stands_still_is_waited_for_a_day_since_a_clock_may_have_jumped(self, practice, link, document):
        pick_up(practice, link)
        assert fetch(practice, link, document, NOW + 2 * HOUR) == UNAVAILABLE
        assert shredding.shred_over(practice.ports, NOW + DAY) == 0
        assert fetch(practice, link, document) == document.body, "the clock was mended"
        assert shredding.shred_over(practice.ports, NOW + DAY + SECOND) == 1

    def test_however_it_goes_on_it_ends_after_a_day(self, practice, link, document):
        pick_up(practice, link)
        for hour in range(1, 25):
            assert fetch(practice, link, document, NOW + hour * HOUR) == document.body
        assert fetch(practice, link, document, NOW + DAY + SECOND) == UNAVAILABLE
        assert shredding.shred_over(practice.ports, NOW + DAY + SECOND) == 1

    def test_one_that_is_revoked_waits_for_nobody(self, practice, link):
        pick_up(practice, link)
        revoke(practice, link)
        assert shredding.shred_over(practice.ports, NOW) == 1


def test_many_go_in_batches_and_none_twice(practice, dossier, document, coach):
    elsewhere = practice.open_dossier()
    far = practice.deposit(elsewhere)
    links = [practice.share(dossier, [document]) for _ in range(3)] + [practice.share(elsewhere, [far])]
    for link in links:
        revoke(practice, link)
    assert [shredding.shred_over(practice.ports, NOW, limit=3) for _ in range(3)] == [3, 1, 0]
    assert not any(has_key(practice, link) for link in links)
    assert lines(practice, dossier).count("share_shredded") == 3
    assert lines(practice, elsewhere).count("share_shredded") == 1


def test_a_run_that_was_killed_between_shred_and_mark_is_repeated(practice, dossier, link, monkeypatch):
    revoke(practice, link)
    keystore = type(practice.ports.keystore)
    shred = keystore.shred

    def killed(self, subjects):
        shred(self, subjects)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(keystore, "shred", killed)
        with pytest.raises(KeyboardInterrupt):
            shredding.shred_over(practice.ports, NOW)
    assert not has_key(practice, link)
    assert "share_shredded" not in lines(practice, dossier)
    assert shredding.shred_over(practice.ports, NOW) == 1
    assert lines(practice, dossier).count("share_shredded") == 1


def test_a_share_that_an_erasure_removed_meanwhile_leaves_no_line(practice, dossier, link, monkeypatch):
    revoke(practice, link)
    keystore = type(practice.ports.keystore)
    shred = keystore.shred

    def removed(self, subjects):
        shred(self, subjects)
        with practice.ports.store.transaction(dossier) as tx:
            tx.remove_shares(dossier)

    monkeypatch.setattr(keystore, "shred", removed)
    assert shredding.shred_over(practice.ports, NOW) == 0
    assert "share_shredded" not in lines(practice, dossier)


@pytest.mark.parametrize("how", ["revoked", "expired", "used_up"])
def test_lists_and_pages_say_the_same_before_and_after(practice, dossier, document, link, how):
    now = {"revoked": NOW, "expired": EXPIRY + DAY, "used_up": NOW + 2 * DAY}[how]
    if how != "expired":
        pick_up(practice, link)
        fetch(practice, link, document)
    if how == "revoked":
        revoke(practice, link)
    caller = practice.director.caller

    def said():
        [view] = sharing.shares(practice.ports, caller, dossier, "", 10, now)
        page = pickup.cover(practice.ports, link.id, Proofs(link.possess, None), now)
        shown = pickup.cover(practice.ports, link.id, Proofs(link.possess, link.open), now)
        answers = [page, shown, pick_up(practice, link, now=now), pick_up(practice, link, OTHER, now)]
        records = showing.records(practice.ports, caller, dossier, "", 10)
        return view.state, view.text, view.damaged, view.pickups, answers, records

    before = said()
    assert shredding.shred_over(practice.ports, now) == 1
    assert said() == before
    assert before[:3] == (how, b"encrypted recipient", ())
    assert before[4] == [UNAVAILABLE] * 4


def test_a_share_that_was_shredded_by_a_wrong_clock_is_over_and_not_damaged(practice, link):
    shredding.shred_over(practice.ports, EXPIRY + DAY)
    view = sharing.one(practice.ports, practice.director.caller, link.id, NOW)
    assert (view.state, view.damaged) == ("expired", ())
    assert pickup.cover(practice.ports, link.id, Proofs(link.possess, None), NOW) == UNAVAILABLE
    assert pick_up(practice, link) == UNAVAILABLE
    with practice.ports.store.transaction() as tx:
        assert not tx.claim_pickup(link.id, NOW)
        assert tx.end_links(NOW) == []
