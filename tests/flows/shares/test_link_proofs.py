"""A wrong passphrase is told only to who has the link, is counted, and makes everybody wait, but never for good."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.actors import NOW
from tests.flows.shares.test_pickup import body, cover, pick_up
from vault.flows.answers import Throttled
from vault.flows.shares.pickup import PASSPHRASE_WRONG, UNAVAILABLE, Proofs


class TestPassphrases:
    @pytest.fixture
    def link(self, practice, dossier, document):
        return practice.share(dossier, [document], mode="passphrase")

    @pytest.fixture
    def wrong(self, link):
        return Proofs(link.possess, b"x" * 32)

    def test_a_wrong_one_is_told_only_to_who_has_the_link(self, practice, link, wrong):
        assert cover(practice, link, given=wrong) == PASSPHRASE_WRONG
        assert cover(practice, link, given=Proofs(b"x" * 32, b"x" * 32)) == UNAVAILABLE
        assert cover(practice, link, given=Proofs(link.possess, None)).mode == "passphrase"

    def test_wrong_six_times_makes_everybody_wait_but_never_for_good(self, practice, link, wrong):
        for _ in range(5):
            assert pick_up(practice, link, given=wrong) == PASSPHRASE_WRONG
        assert pick_up(practice, link, given=wrong) == Throttled(60)
        assert cover(practice, link) == Throttled(60), "a right one waits as well: else the answer would tell"
        later = NOW + timedelta(seconds=60)
        assert cover(practice, link, later, given=wrong) == PASSPHRASE_WRONG
        assert cover(practice, link, later) == Throttled(120)
        assert cover(practice, link, later + timedelta(seconds=120)).cover is not None
        assert cover(practice, link, later + timedelta(seconds=120), given=wrong) == PASSPHRASE_WRONG

    def test_strangers_spend_no_attempts(self, practice, link, wrong):
        for _ in range(20):
            cover(practice, link, given=Proofs(b"x" * 32, b"x" * 32))
        assert cover(practice, link).cover is not None

    def test_a_body_needs_the_passphrase_too(self, practice, link, wrong, document):
        pick_up(practice, link)
        assert body(practice, link, document, given=wrong) == PASSPHRASE_WRONG


def test_a_share_that_went_before_its_guess_is_judged_is_not_available(practice, dossier, document, monkeypatch):
    link = practice.share(dossier, [document], mode="passphrase")
    store = type(practice.ports.store)
    transaction = store.transaction

    def after_its_end(self, of=None):
        practice.ports.store._tables.share.pop(link.id, None)
        return transaction(self, of)

    monkeypatch.setattr(store, "transaction", after_its_end)
    assert cover(practice, link) == UNAVAILABLE
