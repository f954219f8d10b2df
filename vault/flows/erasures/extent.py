"""What an erasure destroys: rows, keys, folders of objects."""

from __future__ import annotations

from collections.abc import Sequence

from vault.domain.dossiers import DocumentRow
from vault.domain.erasures import ErasureRow
from vault.flows.documents import deposit
from vault.flows.dossiers import sealing
from vault.flows.erasures.evidence import kept
from vault.flows.shares import sharing
from vault.ports.keystore import Subject
from vault.ports.store import Transaction
from vault.rules.evidence import requested_records


def documents_of(tx: Transaction, erasure: ErasureRow) -> list[DocumentRow]:
    """The rows of its documents that are there."""
    if not erasure.whole:
        return [row for row in map(tx.document, erasure.documents) if row is not None]
    found: list[DocumentRow] = []
    while page := tx.documents(erasure.dossier, after=found[-1].id if found else ""):
        found.extend(page)
    return found


def shares_of(tx: Transaction, dossier: str) -> list[str]:
    """The ids of all shares of a dossier."""
    found: list[str] = []
    while page := tx.shares(dossier, after=found[-1] if found else ""):
        found.extend(share.id for share in page)
    return found


def subjects_to_shred(erasure: ErasureRow, documents: Sequence[DocumentRow], shares: Sequence[str]) -> list[Subject]:
    """The subjects to shred: all documents of the request, even without a row."""
    if not erasure.whole:
        return [deposit.subject_of(document) for document in erasure.documents]
    subjects = [sharing.subject_of(share) for share in shares]
    subjects += [deposit.subject_of(document.id) for document in documents]
    return [*subjects, sealing.subject_of(erasure.dossier)]


def records_of(erasure: ErasureRow, documents: Sequence[DocumentRow]) -> tuple[str, ...]:
    """The hashes of its documents' records, sorted: those that the request names, else those of the rows."""
    known = {row.id: row.record for row in documents} | requested_records(kept(erasure))
    return tuple(sorted(known[document] for document in erasure.documents or known if document in known))


def folders_of(erasure: ErasureRow) -> list[str]:
    """The folders of its objects."""
    return [f"{erasure.dossier}/{document}" for document in erasure.documents] or [erasure.dossier]
