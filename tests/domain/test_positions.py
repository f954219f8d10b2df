"""Whether four stores belong together, for every store that is empty, foreign or put back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.domain.positions import (
    Fault,
    Finding,
    KeyFilesPosition,
    KeystorePosition,
    ObjectsPosition,
    Positions,
    RecordsPosition,
    StoreName,
    compared,
)

OURS, THEIRS = "a" * 32, "b" * 32
WHOLE = Positions(
    RecordsPosition(OURS, set_up=True, ledger=3, roster=2, audit=40, generation=5),
    KeystorePosition(OURS, blank=False, ledger=3, generation=6, allotted=7, audit=40),
    KeyFilesPosition(OURS, frozenset({6, 7})),
    ObjectsPosition(OURS, ledger=3, roster=2),
)
NEW = Positions(
    RecordsPosition(None, set_up=False, ledger=0, roster=0, audit=0, generation=0),
    KeystorePosition(None, blank=True, ledger=0, generation=0, allotted=0, audit=0),
    KeyFilesPosition(None, frozenset()),
    ObjectsPosition(None, ledger=0, roster=0),
)
PART = {
    StoreName.RECORDS: "records",
    StoreName.KEYSTORE: "keystore",
    StoreName.KEY_FILES: "key_files",
    StoreName.OBJECTS: "objects",
}


def changed(positions: Positions, store: StoreName, **values: Any) -> Positions:
    part = PART[store]
    return replace(positions, **{part: replace(getattr(positions, part), **values)})


def test_four_stores_of_one_installation_of_which_none_was_put_back():
    assert compared(WHOLE) == ()


@pytest.mark.parametrize("store", StoreName)
def test_one_store_of_another_installation_is_found(store):
    assert compared(changed(WHOLE, store, installation=THEIRS)) == (Finding(store, Fault.FOREIGN),)


@pytest.mark.parametrize("store", StoreName)
def test_one_store_that_lost_everything_is_found(store):
    assert compared(replace(WHOLE, **{PART[store]: getattr(NEW, PART[store])})) == (Finding(store, Fault.EMPTY),)


def test_of_two_and_two_the_records_side_is_believed():
    two = changed(changed(WHOLE, StoreName.KEYSTORE, installation=THEIRS), StoreName.KEY_FILES, installation=THEIRS)
    assert [each.store for each in compared(two)] == [StoreName.KEYSTORE, StoreName.KEY_FILES]
    lost = changed(two, StoreName.RECORDS, installation=None)
    assert Finding(StoreName.RECORDS, Fault.EMPTY) in compared(lost)


def test_a_new_installation_and_one_whose_making_was_killed_anywhere():
    assert compared(NEW) == ()
    told = NEW
    for store in (StoreName.KEY_FILES, StoreName.KEYSTORE, StoreName.RECORDS, StoreName.OBJECTS):
        told = changed(told, store, installation=OURS)
        assert compared(told) == ()
        assert told.new_identity == OURS


def test_a_new_installation_takes_no_store_that_has_an_owner():
    alone = changed(NEW, StoreName.OBJECTS, installation=THEIRS)
    assert {each.store for each in compared(alone)} == {StoreName.RECORDS, StoreName.KEYSTORE, StoreName.KEY_FILES}
    used = changed(changed(NEW, StoreName.KEY_FILES, installation=OURS), StoreName.KEYSTORE, blank=False)
    assert compared(used), "keys are there, and the records are not"


@pytest.mark.parametrize(
    ("store", "values", "found"),
    [
        (StoreName.RECORDS, {"ledger": 2}, (StoreName.RECORDS, Fault.BEHIND)),
        (StoreName.RECORDS, {"roster": 1}, (StoreName.RECORDS, Fault.BEHIND)),
        (StoreName.RECORDS, {"audit": 39}, (StoreName.RECORDS, Fault.BEHIND)),
        (StoreName.KEYSTORE, {"forgot": True}, (StoreName.KEYSTORE, Fault.BEHIND)),
        (StoreName.KEYSTORE, {"allotted": 6}, (StoreName.KEYSTORE, Fault.BEHIND)),
        (StoreName.KEYSTORE, {"blank": True, "ledger": 0}, (StoreName.KEYSTORE, Fault.EMPTY)),
        (StoreName.KEY_FILES, {"generations": frozenset({5})}, (StoreName.KEY_FILES, Fault.MISSING)),
        (StoreName.OBJECTS, {"ledger": 2}, (StoreName.OBJECTS, Fault.BEHIND)),
    ],
)
def test_one_store_that_was_put_back_is_found(store, values, found):
    assert compared(changed(WHOLE, store, **values)) == (Finding(*found),)


@pytest.mark.parametrize(
    ("store", "values"),
    [
        (StoreName.RECORDS, {"ledger": 4}),  # signed, not in the ledger yet
        (StoreName.RECORDS, {"roster": 3, "audit": 50}),
        (StoreName.RECORDS, {"generation": 0}),
        (StoreName.KEYSTORE, {"audit": 0}),
        (StoreName.KEYSTORE, {"ledger": 2}),  # killed between the objects' ledger and its own
        (StoreName.KEY_FILES, {"generations": frozenset({5, 6})}),  # a turn under way
        (StoreName.OBJECTS, {"roster": 0}),
    ],
)
def test_what_a_step_that_was_killed_leaves_keeps_nothing_shut(store, values):
    assert compared(changed(WHOLE, store, **values)) == ()


def test_files_that_a_killed_start_left_before_the_first_key():
    left = changed(
        changed(NEW, StoreName.KEY_FILES, installation=OURS), StoreName.KEY_FILES, generations=frozenset({1, 2})
    )
    assert compared(left) == ()


def test_a_keystore_behind_the_ledger_may_open_what_is_erased():
    assert not WHOLE.behind_ledger
    assert changed(WHOLE, StoreName.KEYSTORE, ledger=2).behind_ledger


@given(st.data())
def test_whatever_store_is_put_back_further_is_found_too(data):
    """A fault does not hide behind a greater one: going back further never opens the house again."""
    back = data.draw(st.sampled_from(["ledger", "roster", "audit"]))
    values = {back: data.draw(st.integers(0, getattr(WHOLE.records, back) - 1))}
    others = {each: data.draw(st.integers(0, getattr(WHOLE.records, each))) for each in ("ledger", "roster", "audit")}
    assert compared(changed(WHOLE, StoreName.RECORDS, **{**others, **values}))
