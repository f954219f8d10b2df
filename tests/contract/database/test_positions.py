"""Where the records stand: identity, newest numbers, what they have seen of the keystore."""

from __future__ import annotations

import pytest

from tests.contract.samples import audit, chain, id_, practice
from vault.domain.positions import RecordsPosition, ToldRow
from vault.ports.errors import ConflictError
from vault.ports.store import Named, Store


def test_new_records_have_no_identity_and_stand_at_the_beginning(store: Store) -> None:
    with store.reading() as rows:
        assert rows.position() == RecordsPosition(None, set_up=False, ledger=0, roster=0, audit=0, generation=0)
        assert rows.seen_mark() == ""


def test_an_identity_is_adopted_once(store: Store) -> None:
    for _ in range(2):
        with store.transaction() as rows:
            rows.adopt(id_(1))
    with store.transaction() as rows, pytest.raises(ConflictError):
        rows.adopt(id_(2))
    with store.reading() as rows:
        assert rows.position().installation == id_(1)


def test_the_newest_numbers_are_those_of_the_chains_and_of_the_whole_audit(store: Store) -> None:
    with store.transaction() as rows:
        rows.add_practice(practice())
        for version in (1, 2):
            rows.add_chain(chain("roster", version))
        rows.add_chain(chain("policy", 7))
        rows.add_chain(chain("tombstone", 1))
        before = rows.position().audit
        rows.add_audit(audit(1))
        first = rows.position().audit
        rows.add_audit(audit(1, dossier=id_(2)))
        found = rows.position()
    assert (found.set_up, found.ledger, found.roster) == (True, 1, 2)
    assert before < first < found.audit


def test_the_generation_that_was_seen_is_noted_once_there_is_an_identity(store: Store) -> None:
    with store.transaction() as rows:
        rows.note_generation(3, "a" * 32)
        assert rows.seen_mark() == ""
        rows.adopt(id_(1))
        rows.note_generation(3, "a" * 32)
        rows.note_generation(2, "b" * 32)
        assert (rows.position().generation, rows.seen_mark()) == (2, "b" * 32)


def test_what_devices_told_is_kept_once_and_taken_once(store: Store) -> None:
    row = ToldRow("a" * 64, "tombstone", 2, b"{}")
    first = ToldRow("b" * 64, "checkpoint", 9, b"[]")
    for _ in range(2):
        with store.transaction(Named("told")) as rows:
            rows.tell([row, first])
            rows.tell([])
            assert (rows.told(), rows.told(1), rows.position().told) == ([first, row], [first], True)
    with store.transaction() as rows:
        rows.take_told()
        rows.tell([row])
        assert (rows.told(), rows.position().told) == ([], False)
