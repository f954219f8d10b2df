"""Every link of an index is kept and shown, with all that the newest lists; what leaves it leaves for a reason."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from tests.actors import NOW
from tests.flows.erasures.test_erasing import ask
from vault.flows.dossiers import adding, indexing, showing
from vault.flows.erasures import erasing
from vault.records.types.index import ERASED, REVOKED, Removal
from vault.rules import merkle
from vault.rules.verdict import Refused


def links(practice, dossier, after=0, limit=500):
    return showing.indexes(practice.ports, practice.director.caller, dossier, after, limit)


def test_every_link_is_kept(practice, dossier):
    made = [practice.index[dossier]]
    for _ in range(3):
        practice.deposit(dossier)
        made.append(practice.index[dossier])
    assert links(practice, dossier) == showing.Links(tuple(made), None)
    assert links(practice, dossier, after=2) == showing.Links(tuple(made[2:]), None)
    assert links(practice, dossier, limit=2) == showing.Links(tuple(made[:2]), 2)
    assert links(practice, dossier, after=4) == showing.Links((), None)


def test_large_links_come_few_at_a_time(practice, dossier, monkeypatch):
    practice.deposit(dossier)
    monkeypatch.setattr(showing, "PAGE_BYTES", 10)
    first = links(practice, dossier)
    assert (len(first.items), first.next) == (1, 1)
    assert links(practice, dossier, after=1).next is None


def test_what_the_newest_lists_comes_with_it(practice, dossier):
    practice.deposit(dossier)
    shown = showing.leaves(practice.ports, practice.director.caller, dossier)
    assert shown.index == practice.index[dossier]
    assert shown.leaves.hex() == "".join(practice.listed(dossier))
    assert merkle.root(practice.listed(dossier)) == shown.index.fields["root"]


def test_whoever_does_not_hold_the_dossier_sees_neither(practice, dossier, coach):
    assert showing.indexes(practice.ports, coach.caller, dossier, 0, 10) == Refused("not_found")
    assert showing.leaves(practice.ports, coach.caller, dossier) == Refused("not_found")


@pytest.mark.parametrize("changes", [{"root": "00" * 32}, {"count": 7}])
def test_an_index_that_states_what_its_records_do_not_give_is_refused(practice, dossier, changes):
    index = practice.next_index(dossier, practice.listed(dossier), **changes)
    answer = adding.advance_index(practice.ports, practice.director.caller, dossier, index, NOW)
    assert answer == Refused("root_differs")


def test_a_document_leaves_by_no_tombstone_of_another(practice, dossier, document):
    other = practice.deposit(dossier)
    elsewhere = practice.open_dossier()
    far = practice.deposit(elsewhere)
    ask(practice, elsewhere, [far.id])
    ask(practice, dossier, [other.id])
    erasing.sweep(practice.ports, NOW)
    with practice.ports.store.reading() as tx:
        stones = [row.hash for row in tx.chain("tombstone")]
    for stone in stones:
        gone = Removal(document.envelope.hash, ERASED, stone)
        kept = [hash_ for hash_ in practice.listed(dossier) if hash_ != gone.hash]
        index = practice.next_index(dossier, kept, removed=(gone,))
        answer = adding.advance_index(practice.ports, practice.director.caller, dossier, index, NOW)
        assert answer == Refused("record_left_out")
    assert isinstance(practice.advance(dossier, drop=[other.envelope.hash]), indexing.Advanced)


def test_a_document_leaves_by_a_tombstone_whose_row_is_damaged(practice, dossier, document):
    other = practice.deposit(dossier)
    ask(practice, dossier, [other.id])
    erasing.sweep(practice.ports, NOW)
    stone = practice.ports.store._tables.chain["tombstone", 1]

    def without(hash_):
        kept = [each for each in practice.listed(dossier) if each != hash_]
        return practice.next_index(dossier, kept, removed=(Removal(hash_, ERASED, stone.hash),))

    def send(index):
        return adding.advance_index(practice.ports, practice.director.caller, dossier, index, NOW)

    anothers, its = without(document.envelope.hash), without(other.envelope.hash)
    practice.ports.store._tables.chain["tombstone", 1] = replace(stone, record=b"{")
    assert send(anothers) == Refused("record_left_out")
    assert isinstance(send(its), indexing.Advanced)


def test_a_damaged_or_lost_link_is_left_out_of_the_others(practice, dossier, monkeypatch):
    for _ in range(4):
        practice.deposit(dossier)
    whole = links(practice, dossier).items
    table = practice.ports.store._tables.index_link
    table[dossier, 2] = replace(table[dossier, 2], record=b"{")
    del table[dossier, 3]
    assert links(practice, dossier) == showing.Links((whole[0], *whole[3:]), None)
    assert links(practice, dossier, after=1, limit=1) == showing.Links((whole[3],), 4), "no page without an item"
    del table[dossier, 5]
    assert links(practice, dossier, after=3) == showing.Links((whole[3],), 4)
    assert links(practice, dossier, after=4) == showing.Links((), None)


def test_a_share_that_is_used_up_stays_until_it_ends(practice, dossier, document):
    link = practice.share(dossier, [document])
    gone = Removal(link.envelope.hash, REVOKED, "2026-11-23T09:00:00Z")
    kept = [hash_ for hash_ in practice.listed(dossier) if hash_ != gone.hash]
    index = practice.next_index(dossier, kept, removed=(gone,))
    answer = adding.advance_index(practice.ports, practice.director.caller, dossier, index, NOW)
    assert answer == Refused("record_left_out")


def test_an_index_that_lists_what_is_not_whole_turns_nothing_current():
    row = SimpleNamespace(subject="d", kind="document")
    tx = SimpleNamespace(records_named=lambda *_: [row], set_document_state=lambda *_: [])
    content = SimpleNamespace(added=("a",))
    answer = indexing._turn_current(tx, None, SimpleNamespace(id="x"), content, NOW)
    assert answer == Refused("record_unknown")
