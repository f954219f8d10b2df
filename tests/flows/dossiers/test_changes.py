"""A member's list by what changed: bucket by bucket, remembered by nobody but herself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.actors import NOW
from tests.flows.dossiers.test_heading import next_head, take_over
from vault.flows.dossiers import adding, changes
from vault.flows.dossiers.changes import PREFIX, Changes
from vault.flows.dossiers.indexing import Advanced
from vault.flows.dossiers.sealing import NewRecord, OwnWrap, put_own
from vault.records.types.dossier import Dossier

LABEL = b"sealed for her alone"


def look(practice, person=None, known=None) -> Changes:
    return changes.changes(practice.ports, (person or practice.director).caller, known or {})


def label(practice, dossier, person=None, **fields) -> int:
    with practice.ports.store.reading() as tx:
        row = tx.dossier(dossier)
    own = OwnWrap(dossier, row.epoch, None, LABEL, row.index)
    return put_own(practice.ports, (person or practice.director).caller, [replace(own, **fields)])


def rename(practice, dossier) -> None:
    """The next version of its profile, with the index that lists it instead of the first."""
    with practice.ports.store.reading() as tx:
        [before] = tx.records(dossier, kinds=("profile",))
    profile = practice.profile(dossier, version=2, previous=before.hash)
    index = practice.next_index(dossier, sorted({*practice.listed(dossier), profile.hash} - {before.hash}))
    new = [NewRecord(profile, b"encrypted profile")]
    answer = adding.add_records(practice.ports, practice.director.caller, dossier, new, index, NOW)
    assert isinstance(answer, Advanced)
    practice.index[dossier] = index


def ids(found: Changes) -> list[str]:
    return sorted([each.dossier.id for each in found.whole] + [each.row.id for each in found.labelled])


@pytest.fixture
def dossiers(practice) -> list[str]:
    return sorted(practice.open_dossier() for _ in range(5))


def test_who_knows_nothing_is_told_all_and_who_knows_all_nothing(practice, dossiers):
    first = look(practice)
    assert (ids(first), first.more) == (dossiers, False)
    assert set(first.marks) == {dossier[:PREFIX] for dossier in dossiers}
    again = look(practice, known=first.marks)
    assert (ids(again), again.marks, again.more) == ([], {}, False)


def test_only_the_bucket_that_changed_is_told(practice, dossiers):
    known = look(practice).marks
    practice.deposit(dossiers[0])
    changed = look(practice, known=known)
    assert set(changed.marks) == {dossiers[0][:PREFIX]}
    assert dossiers[0] in ids(changed)


def test_what_is_gone_or_not_hers_any_more_empties_its_bucket(practice, coach):
    dossier = practice.open_dossier(coach)
    known = look(practice, coach).marks
    assert look(practice).marks.keys() == known.keys(), "the director has it too"
    with practice.ports.store.transaction() as tx:
        tx.fence_dossier(dossier)
    assert look(practice, coach, known).marks == {dossier[:PREFIX]: None}
    assert look(practice, practice.appoint("Piet")).marks == {}


def test_a_mark_that_nobody_gave_is_as_good_as_none(practice, dossiers):
    known = dict.fromkeys(look(practice).marks, bytes(16)) | {"zz": bytes(16)}
    found = look(practice, known=known)
    assert ids(found) == dossiers
    assert found.marks["zz"] is None


def test_a_long_list_comes_in_pages_that_end_with_a_bucket(practice, dossiers, monkeypatch):
    monkeypatch.setattr(changes, "ROWS", 2)
    known: dict[str, bytes] = {}
    told: list[str] = []
    for _ in range(6):
        page = look(practice, known=known)
        told += ids(page)
        known |= page.marks
        if not page.more:
            break
    assert sorted(told) == dossiers


def test_a_label_stands_instead_of_all_else_for_her_alone(practice, coach):
    dossier = practice.open_dossier(coach)
    known = look(practice).marks
    assert label(practice, dossier) == 1
    [row] = look(practice).labelled
    assert (row.row.id, row.label) == (dossier, LABEL)
    assert look(practice, known=known).marks == {}, "her own label tells her nothing new"
    assert look(practice, coach).labelled == []


def test_a_label_of_what_was_is_not_kept(practice, coach):
    dossier = practice.open_dossier(coach)
    assert label(practice, dossier, index="00" * 32) == label(practice, dossier, index=None) == 0
    assert label(practice, dossier, practice.appoint("Piet")) == 0
    assert label(practice, dossier, epoch=2) == 0
    assert look(practice).labelled == []
    assert label(practice, dossier, symmetric=b"quick", index=None) == 1
    [whole] = look(practice).whole
    assert whole.symmetric == b"quick"


def test_a_label_goes_with_the_profile_and_the_head_that_it_tells_of(practice):
    dossier = practice.open_dossier()
    label(practice, dossier)
    rename(practice, dossier)
    assert look(practice).labelled == []
    label(practice, dossier)
    take_over(practice, dossier, next_head(practice, dossier))
    found = look(practice)
    assert found.labelled == []
    assert [Dossier.read(each.head).version for each in found.whole] == [2]


def test_a_label_that_does_not_open_is_as_good_as_none(practice):
    dossier = practice.open_dossier()
    label(practice, dossier)
    rows = practice.ports.store._tables
    [key] = [key for key in rows.wrap if key[0] == dossier]
    rows.wrap[key] = replace(rows.wrap[key], label=b"flipped")
    found = look(practice)
    assert (found.labelled, [each.damaged for each in found.whole]) == ([], [()])
