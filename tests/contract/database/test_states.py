"""Every state against every state: the store moves a row where its table permits it, and nowhere else."""

from __future__ import annotations

from itertools import product

import pytest

from tests.contract.samples import document, dossier, erasure, hash_, id_, record
from vault.domain.dossiers import DocumentState as Document
from vault.domain.dossiers import RecordState as Record
from vault.domain.erasures import ErasureState as Erasure
from vault.ports.store import Store

# Said here once more, so that a pair too many or too few in the domain's tables is noticed.
RECORDS = {(Record.PENDING, Record.CURRENT), (Record.CURRENT, Record.RETIRED)}
DOCUMENTS = {
    (Document.DEPOSITING, Document.PENDING),
    (Document.PENDING, Document.STORED),
    *((before, Document.REMOVED) for before in Document if before is not Document.REMOVED),
}
WAY = [Erasure.REQUESTED, Erasure.BEGUN, Erasure.FENCED, Erasure.SHREDDED, Erasure.REMOVED, Erasure.VERIFIED]
ERASURES = {*zip(WAY, [*WAY[1:], Erasure.CERTIFIED], strict=True), (Erasure.REQUESTED, Erasure.WITHDRAWN)}


@pytest.mark.parametrize(("before", "after"), list(product(Record, Record)))
def test_a_record_only_goes_where_its_table_says(store: Store, before: Record, after: Record) -> None:
    moves = (before, after) in RECORDS
    with store.transaction() as rows:
        rows.add_dossier(dossier())
        rows.add_record(record(1, state=before))
        assert rows.set_record_states(id_(1), [hash_(1)], after) == moves
        assert rows.record(hash_(1)) == record(1, state=after if moves else before)


@pytest.mark.parametrize(("before", "after"), list(product(Document, Document)))
def test_a_document_only_goes_where_its_table_says(store: Store, before: Document, after: Document) -> None:
    moves = (before, after) in DOCUMENTS
    with store.transaction() as rows:
        rows.add_dossier(dossier())
        rows.add_document(document(state=before))
        assert rows.set_document_state([id_(1)], after) == [id_(1)] * moves
        assert rows.document(id_(1)) == document(state=after if moves else before)


@pytest.mark.parametrize(("before", "after"), list(product(Erasure, Erasure)))
def test_an_erasure_only_goes_where_its_table_says(store: Store, before: Erasure, after: Erasure) -> None:
    moves = (before, after) in ERASURES
    there, moved = erasure(state=before), erasure(state=after, tombstones=(hash_(1),))
    with store.transaction() as rows:
        rows.add_erasure(there)
        assert rows.advance_erasure(moved) == moves
        assert rows.erasure(id_(1)) == (moved if moves else there)
