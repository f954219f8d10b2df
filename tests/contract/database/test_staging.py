"""What is laid by for the next identity of a dossier: no part of it counts before all of it does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.contract.samples import NOW, document, dossier, hash_, id_, record, wrap
from vault.domain.dossiers import DocumentState, StagedKind, StagedRow
from vault.ports.store import Store

IDENTITY, OTHER = hash_(7), hash_(8)


def staged(kind: StagedKind, subject: str, value: bytes | None = b"new", identity: str = IDENTITY) -> StagedRow:
    head = value if kind is StagedKind.DOCUMENT else None
    return StagedRow(id_(1), identity, kind, subject, head, value, NOW)


@pytest.fixture
def filled(store: Store) -> Store:
    """Two dossiers, with a document in every state and records with and without a text."""
    with store.transaction() as rows:
        for number in (1, 2):
            rows.add_dossier(dossier(number))
        for number, state in enumerate(DocumentState, start=1):
            rows.add_record(record(number, text=None))
            rows.add_document(document(number, state=state))
        rows.add_record(record(20, text=b"old"))
        rows.add_record(record(21, dossier=id_(2), text=b"other"))
    return store


def shown(store: Store) -> list[bytes | None]:
    with store.reading() as rows:
        documents = [rows.document(id_(number)) for number in range(1, 5)]
        records = [rows.record(hash_(number)) for number in (20, 21)]
        return [*(each and each.head for each in documents), *(each and each.text for each in records)]


def test_what_is_shown_of_a_dossier_must_all_be_there(filled: Store) -> None:
    with filled.transaction() as rows:
        assert rows.unstaged(id_(1), IDENTITY) == [id_(2), hash_(20)]
        rows.stage([staged(StagedKind.DOCUMENT, id_(2)), staged(StagedKind.RECORD, hash_(20), identity=OTHER)])
        assert rows.unstaged(id_(1), IDENTITY) == [id_(3), hash_(20)]
        rows.stage([staged(StagedKind.DOCUMENT, id_(3), None), staged(StagedKind.RECORD, hash_(20))])
        assert rows.unstaged(id_(1), IDENTITY) == []
        assert rows.unstaged(id_(1), OTHER) == [id_(2)]


def test_it_takes_its_place_at_once_and_nothing_else_changes(filled: Store) -> None:
    before = shown(filled)
    with filled.transaction() as rows:
        rows.stage([staged(StagedKind.DOCUMENT, id_(2), b"older"), staged(StagedKind.RECORD, hash_(20), b"text")])
        rows.stage([staged(StagedKind.DOCUMENT, id_(2)), staged(StagedKind.DOCUMENT, id_(3), None)])
        rows.stage([staged(StagedKind.RECORD, hash_(21), b"not mine"), staged(StagedKind.DOCUMENT, id_(9))])
        rows.stage([staged(StagedKind.DOCUMENT, id_(3), b"of another", OTHER)])
    assert shown(filled) == before
    with filled.transaction() as rows:
        rows.take_staged(id_(1), IDENTITY)
        assert rows.document(id_(2)) == document(2, state=DocumentState.PENDING, head=b"new", metadata=b"new")
        assert rows.unstaged(id_(1), OTHER) == [id_(2), hash_(20)], "all that was staged is forgotten"
    assert shown(filled) == [before[0], b"new", *before[2:4], b"text", b"other"]


def test_what_was_laid_by_is_found_and_forgotten_by_age(filled: Store) -> None:
    with filled.transaction() as rows:
        rows.stage([staged(StagedKind.DOCUMENT, id_(2))])
        assert rows.staged_dossiers(NOW, 10) == []
        later = NOW + timedelta(seconds=1)
        assert rows.staged_dossiers(later, 10) == [id_(1)]
        rows.forget_staged(id_(2), later)
        rows.forget_staged(id_(1), NOW)
        assert rows.staged_dossiers(later, 10) == [id_(1)]
        rows.forget_staged(id_(1), later)
        assert rows.staged_dossiers(later, 10) == []


def test_it_goes_with_its_dossier(filled: Store) -> None:
    with filled.transaction() as rows:
        rows.stage([staged(StagedKind.DOCUMENT, id_(2))])
        rows.remove_dossier(id_(1))
        assert rows.staged_dossiers(NOW + timedelta(days=1), 10) == []


def test_wraps_of_earlier_identities_go(store: Store) -> None:
    with store.transaction() as rows:
        rows.add_dossier(dossier(epoch=2))
        rows.add_dossier(dossier(2))
        rows.put_wraps([wrap(epoch=1), wrap(epoch=2), wrap(2)])
        rows.drop_wraps(id_(1), before=2)
        assert rows.wrap(id_(1), 1, id_(1)) is None
        assert (rows.wrap(id_(1), 2, id_(1)), rows.wrap(id_(2), 1, id_(1))) == (wrap(epoch=2), wrap(2))
