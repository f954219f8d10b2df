"""The steps of an erasure that destroy: deposits fenced, keys shredded, objects removed, and all of it looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from vault.domain.dossiers import DocumentRow, DocumentState
from vault.domain.erasures import ErasureRow, ErasureState
from vault.errors import UnavailableError
from vault.flows.audit.auditing import WORKER, note
from vault.flows.context import Ports
from vault.flows.documents import deposit
from vault.flows.erasures.extent import documents_of, folders_of, records_of, shares_of, subjects_to_shred
from vault.flows.erasures.inscribing import write_ledger
from vault.ports.errors import ShreddedError
from vault.ports.keystore import Subject
from vault.ports.store import Transaction
from vault.records.types.certificate import Counts
from vault.records.types.document import segment_count


def fence(ports: Ports, erasure: ErasureRow, now: datetime) -> None:
    """The ledger is written in keystore and objects, and no deposit can still be writing."""
    write_ledger(ports)
    with ports.store.transaction(erasure.dossier) as tx:
        if tx.live_deposits(erasure.dossier, now, erasure.documents):
            return
        tx.set_document_state([document.id for document in documents_of(tx, erasure)], DocumentState.REMOVED)
        advance(tx, erasure, ErasureState.FENCED, now)


def shred(ports: Ports, erasures: Sequence[ErasureRow], now: datetime) -> None:
    """Destroy the keys of all these erasures, then turn the generation once: only that makes it irreversible."""
    if not erasures:
        return
    shredded: list[ErasureRow] = []
    for erasure in erasures:
        with ports.store.reading() as tx:
            documents = documents_of(tx, erasure)
            shares = shares_of(tx, erasure.dossier) if erasure.whole else []
        subjects = subjects_to_shred(erasure, documents, shares)
        counts, records = _counts(erasure, documents, shares, subjects), records_of(erasure, documents)
        shredded.append(replace(erasure, shredded_at=now, counts=counts, destroyed=records))
        ports.keystore.shred(subjects)
    ports.keystore.turn()
    for erasure in shredded:
        with ports.store.transaction(erasure.dossier) as tx:
            advance(tx, erasure, ErasureState.SHREDDED, now)


def _counts(
    erasure: ErasureRow, documents: Sequence[DocumentRow], shares: Sequence[str], subjects: Sequence[Subject]
) -> Counts:
    return Counts(
        documents=len(erasure.documents) or len(documents),
        shares=len(shares),
        objects=sum(segment_count(document.size) for document in documents),
        bytes=sum(document.size for document in documents),
        keys=len(subjects),
    )


def remove(ports: Ports, erasure: ErasureRow, now: datetime) -> None:
    """Every object in the subject's folders, whether a row knows it or not."""
    for folder in folders_of(erasure):
        ports.objects.remove_below(folder)
    with ports.store.transaction(erasure.dossier) as tx:
        advance(tx, erasure, ErasureState.REMOVED, now)


def verify(ports: Ports, erasure: ErasureRow, now: datetime) -> None:
    """List again: nothing is there. Unseal: nothing opens. What turns up is removed and looked for again."""
    for folder in folders_of(erasure):
        if not ports.objects.empty_below(folder):
            ports.objects.remove_below(folder)
            return
    check_gone(ports, erasure)
    with ports.store.transaction(erasure.dossier) as tx:
        advance(tx, replace(erasure, verified_at=now), ErasureState.VERIFIED, now)


def check_gone(ports: Ports, erasure: ErasureRow) -> None:
    """Raise UnavailableError where a key is there, or something opens."""
    with ports.store.reading() as tx:
        documents = documents_of(tx, erasure)
        shares = shares_of(tx, erasure.dossier) if erasure.whole else []
    for document in documents:
        if document.head is not None:  # None: its body was still coming
            _must_fail(ports, deposit.subject_of(document.id), "document.head", document.id, document.head)
    for subject in subjects_to_shred(erasure, documents, shares):
        if ports.keystore.exists(subject):
            raise UnavailableError("a key that was shredded is there again", advice="Run `dossier doctor`.")


def _must_fail(ports: Ports, subject: Subject, field: str, row: str, sealed: bytes) -> None:
    try:
        ports.keystore.unseal(subject, field, row, sealed)
    except ShreddedError:
        return
    raise UnavailableError("something that was shredded still opens", advice="Run `dossier doctor`.")


def advance(tx: Transaction, erasure: ErasureRow, state: ErasureState, now: datetime) -> None:
    """Advance to the next state, unless another worker did it first."""
    if tx.advance_erasure(replace(erasure, state=state)):
        note(tx, erasure.dossier, f"erasure_{state}", WORKER, now, erasure=erasure.id)
