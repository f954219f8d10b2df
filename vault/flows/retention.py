"""What the worker does by itself: remove what was abandoned, end what is over. It never shreds a key here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from vault.domain.dossier import ABANDONED_AFTER, Document, DocumentState, object_name
from vault.domain.people import SESSION_IDLE, SESSION_LIFE
from vault.flows.context import Ports
from vault.records.document import segment_count

UNFINISHED = (DocumentState.DEPOSITING, DocumentState.PENDING)


@dataclass(frozen=True, slots=True)
class Reconciled:
    """How many abandoned documents were removed, and how many sessions were over."""

    documents: int
    sessions: int


def reconcile(ports: Ports, now: datetime, limit: int = 500) -> Reconciled:
    """Remove deposits that nobody finished for a day, and sessions that are over; repeatable at any point.

    Each document is fenced first (no index can list it, no segment can come), then its objects go, then its rows.
    """
    with ports.store.transaction() as tx:
        found = tx.abandoned_documents(now - ABANDONED_AFTER, limit)
    removed = sum(_remove(ports, document) for document in found)
    with ports.store.transaction() as tx:
        sessions = tx.sweep_sessions(now - SESSION_IDLE, now - SESSION_LIFE)
    return Reconciled(removed, sessions)


def _remove(ports: Ports, document: Document) -> bool:
    with ports.store.transaction() as tx:
        fenced = tx.set_document_state([document.id], UNFINISHED, DocumentState.REMOVED)
        there = tx.document(document.id)
    if not fenced and (there is None or there.state is not DocumentState.REMOVED):
        return False
    count = segment_count(document.size)
    ports.objects.remove(object_name(document.dossier, document.id, number) for number in range(count))
    with ports.store.transaction() as tx:
        tx.remove_documents([document.id])
    return True
