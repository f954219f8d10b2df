"""All four stores put back together: they agree, and a member's device proves by their own signatures that they lie."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.actors import NOW, Practice
from tests.flows.positions.test_comparing import destroy
from tests.flows.positions.test_restoring import RECORDS_BEHIND, accept, worker
from vault.domain.erasures import ErasureState
from vault.errors import InvalidInputError
from vault.flows.audit import auditing
from vault.flows.context import chain_envelope
from vault.flows.erasures import ledger
from vault.flows.positions import told
from vault.flows.positions.adopting import adopt
from vault.flows.positions.comparing import standing
from vault.flows.positions.keeping import shut
from vault.records.envelope import SignatureError

LATER = NOW + timedelta(hours=2)
LONG_AFTER = NOW + timedelta(days=400)


@pytest.fixture
def kept(practice: Practice) -> Practice:
    adopt(practice.ports)
    worker(practice)
    auditing.checkpoint(practice.ports, NOW)
    return practice


class Whole:
    """All stores of a practice, to be put back together."""

    def __init__(self, practice: Practice) -> None:
        ports = self.ports = practice.ports
        self.rows, self.keys, self.objects = (
            ports.store._tables.copy(),
            ports.keystore.image(),
            dict(ports.objects._objects),
        )

    def put_back(self) -> None:
        self.ports.store._tables = self.rows.copy()
        self.ports.keystore.put_back(self.keys)
        self.ports.objects._objects = dict(self.objects)


def seen(practice: Practice):
    """What a device keeps of it."""
    with practice.ports.store.reading() as tx:
        checkpoint = chain_envelope(tx.newest("checkpoint"))
    return checkpoint, ledger.entries(practice.ports, 0, 500).items


def tell(practice: Practice, checkpoint=None, entries=()) -> bool:
    return told.tell(practice.ports, practice.director.caller, checkpoint, entries)


@pytest.fixture
def back(kept: Practice, dossier: str) -> Practice:
    """As of before an erasure and a checkpoint; `saw` is what a device saw of them."""
    kept.gone, kept.stays = kept.open_dossier(), dossier
    worker(kept)
    whole = Whole(kept)
    destroy(kept, kept.gone)
    auditing.checkpoint(kept.ports, LATER)
    worker(kept)
    kept.saw, kept.keystore = seen(kept), kept.ports.keystore
    whole.put_back()
    return kept


def erasure_of(practice: Practice):
    with practice.ports.store.reading() as tx:
        [erasure] = tx.erasures_of(practice.gone)
    return erasure


def test_stores_that_were_put_back_together_agree(back):
    assert standing(back.ports) == ()


@pytest.mark.parametrize("what", ["checkpoint", "ledger"])
def test_what_a_device_shows_freezes_the_vault(back, what):
    checkpoint, entries = back.saw
    assert tell(back, checkpoint if what == "checkpoint" else None, entries if what == "ledger" else ())
    assert standing(back.ports) == RECORDS_BEHIND
    assert worker(back) == worker(back) == RECORDS_BEHIND, "until a director decides"


def test_what_had_been_erased_is_erased_again_under_the_same_tombstone(back):
    checkpoint, entries = back.saw
    tell(back, checkpoint, entries)
    worker(back)
    assert erasure_of(back).state is ErasureState.BEGUN
    accept(back)
    for _ in range(8):
        assert worker(back) == ()
    assert erasure_of(back).state is ErasureState.CERTIFIED
    assert [each.tombstone.hash for each in ledger.entries(back.ports, 0, 9).items] == [entries[0].tombstone.hash]
    with back.ports.store.reading() as tx:
        assert tx.dossier(back.gone) is None
        assert tx.dossier(back.stays) is not None


def test_where_the_ledger_went_on_it_is_erased_again_under_a_new_tombstone(back):
    other = back.open_dossier()
    destroy(back, other)
    checkpoint, entries = back.saw
    assert tell(back, checkpoint, entries)
    worker(back)
    accept(back)
    for _ in range(8):
        assert worker(back) == ()
    assert erasure_of(back).state is ErasureState.CERTIFIED
    subjects = [each.tombstone.fields["subject"]["id"] for each in ledger.entries(back.ports, 0, 9).items]
    assert subjects == [other, back.gone]


def test_another_checkpoint_under_the_same_number_is_a_proof_too(back):
    auditing.checkpoint(back.ports, LATER + timedelta(hours=1))
    assert tell(back, back.saw[0])


def test_once_a_director_has_decided_the_same_is_no_news(back):
    tell(back, *back.saw)
    worker(back)
    accept(back)
    worker(back)
    assert not tell(back, *back.saw)
    assert worker(back) == ()


def test_what_the_vault_still_has_is_no_news(kept):
    destroy(kept, kept.open_dossier())
    auditing.checkpoint(kept.ports, LATER)
    assert not tell(kept, *seen(kept))
    assert not tell(kept)
    assert standing(kept.ports) == ()


def test_an_older_checkpoint_of_which_the_row_was_lost_is_no_news(kept):
    checkpoint, _ = seen(kept)
    auditing.checkpoint(kept.ports, LATER)
    with kept.ports.store.transaction() as tx:
        del tx._tables.chain["checkpoint", 1]
    assert not tell(kept, checkpoint)


def test_only_the_installations_own_signatures_count(back):
    checkpoint, entries = back.saw
    forged = back.sign("checkpoint", {**checkpoint.fields, "sequence": 9}, back.director)
    with pytest.raises(SignatureError):
        tell(back, forged)
    stone = back.sign("tombstone", dict(entries[0].tombstone.fields), back.director)
    with pytest.raises(SignatureError):
        tell(back, None, [replace(entries[0], tombstone=stone)])
    with pytest.raises(InvalidInputError):
        tell(back, None, [replace(entries[0], evidence=None)])
    assert standing(back.ports) == ()


def test_an_erasure_that_was_withdrawn_since_stays_withdrawn_and_one_that_expired_is_logged(back, caplog):
    destroy(back, back.open_dossier())  # the ledger went on: a new tombstone would be needed
    tell(back, *back.saw)
    back_later = worker(back, LONG_AFTER)
    assert back_later == RECORDS_BEHIND
    assert "cannot begin again" in caplog.text
    with back.ports.store.reading() as tx:
        assert all(each.state is ErasureState.REQUESTED for each in tx.erasures_of(back.gone))
        assert not tx.dossier(back.gone).fenced


def test_by_a_clock_in_doubt_nothing_is_begun_or_gone_on_from(back):
    tell(back, *back.saw)
    assert shut(back.ports, NOW, believed=False) == RECORDS_BEHIND
    with back.ports.store.reading() as tx:
        assert tx.erasures_of(back.gone) == []
    accept(back)
    assert shut(back.ports, NOW, believed=False) == RECORDS_BEHIND
    assert shut(back.ports, NOW) == (), "her word still counts once it is believed"
    assert erasure_of(back).state is ErasureState.BEGUN


@pytest.mark.parametrize("went_on", [False, True])
def test_of_a_dossier_that_the_copy_never_knew_there_is_nothing_to_erase(kept, went_on):
    whole = Whole(kept)
    destroy(kept, kept.open_dossier())
    saw = seen(kept)
    whole.put_back()
    if went_on:
        destroy(kept, kept.open_dossier())
    assert tell(kept, *saw)
    worker(kept)
    accept(kept)
    assert worker(kept) == ()
    assert len(ledger.entries(kept.ports, 0, 9).items) == 1
