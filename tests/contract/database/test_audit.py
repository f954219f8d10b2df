from __future__ import annotations

import pytest

from tests.contract.samples import audit, dossier, hash_, id_
from vault.ports.errors import ConflictError
from vault.ports.store import Store


def test_a_chain_is_kept_in_its_order(store: Store) -> None:
    with store.transaction() as rows:
        for sequence in (2, 1, 3):
            rows.add_audit(audit(sequence))
        rows.add_audit(audit(1, dossier=id_(2)))
        assert rows.audit(id_(1)) == [audit(1), audit(2), audit(3)]
        assert rows.audit(id_(1), after=1, limit=1) == [audit(2)]
        assert rows.audit(id_(3)) == []


def test_an_entry_of_a_chain_is_written_once(store: Store) -> None:
    with store.transaction() as rows:
        rows.add_audit(audit(1))
        with pytest.raises(ConflictError):
            rows.add_audit(audit(1, hash=hash_(5)))
        assert rows.audit(id_(1)) == [audit(1)]


def test_the_head_is_the_newest_entry(store: Store) -> None:
    with store.transaction() as rows:
        assert rows.audit_head(id_(1)) is None
        for sequence in (9, 10):
            rows.add_audit(audit(sequence))
        rows.add_audit(audit(11, dossier=id_(2)))
        assert rows.audit_head(id_(1)) == audit(10)


def test_every_chain_has_one_head_and_they_come_in_pages(store: Store) -> None:
    with store.transaction() as rows:
        for number in (3, 1, 2):
            for sequence in range(1, number + 1):
                rows.add_audit(audit(sequence, dossier=id_(number)))
        heads = [audit(number, dossier=id_(number)) for number in (1, 2, 3)]
        assert rows.audit_heads() == heads
        assert rows.audit_heads(after=id_(1), limit=1) == [heads[1]]
        assert rows.audit_heads(after=id_(3)) == []


def test_details_are_forgotten_and_the_chain_stays(store: Store) -> None:
    with store.transaction() as rows:
        for sequence in (1, 2):
            rows.add_audit(audit(sequence))
        rows.add_audit(audit(1, dossier=id_(2)))
        for _ in range(2):
            rows.clear_audit_details(id_(1))
        assert rows.audit(id_(1)) == [audit(1, details=None), audit(2, details=None)]
        assert rows.audit_head(id_(2)) == audit(1, dossier=id_(2))


def test_a_chain_outlives_its_dossier(store: Store) -> None:
    with store.transaction() as rows:
        rows.add_dossier(dossier())
        rows.add_audit(audit(1))
        rows.remove_dossier(id_(1))
        rows.add_audit(audit(2))
        assert rows.audit(id_(1)) == [audit(1), audit(2)]


def test_the_leaves_are_those_of_the_last_checkpoint(store: Store) -> None:
    with store.transaction() as rows:
        assert rows.leaves() is None
        for checkpoint in (1, 2):
            rows.keep_leaves(checkpoint, b"%d" % checkpoint * 32)
    with store.transaction() as rows:
        assert rows.leaves() == (2, b"2" * 32)
