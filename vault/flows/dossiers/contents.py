"""A dossier with what is in it: what a member reads before she adds to it or takes from it."""

from __future__ import annotations

from dataclasses import dataclass

from vault.flows.context import Caller, Ports
from vault.flows.documents import reading
from vault.flows.documents.reading import DocumentView
from vault.flows.dossiers import showing
from vault.flows.dossiers.showing import RecordView, Whole
from vault.rules.verdict import Refused


@dataclass(frozen=True, slots=True)
class Contents:
    """The dossier, and of its documents and records as many as were asked for: the first ones."""

    whole: Whole
    documents: list[DocumentView]
    records: list[RecordView]


def contents(ports: Ports, caller: Caller, dossier: str, limit: int) -> Contents | Refused:
    """Looked at in this order, as by three requests: what the index lists and is not shown was erased meanwhile."""
    whole = showing.one(ports, caller, dossier)
    if isinstance(whole, Refused):
        return whole
    documents = reading.documents(ports, caller, dossier, "", limit)
    if isinstance(documents, Refused):
        return documents
    records = showing.records(ports, caller, dossier, "", limit)
    return records if isinstance(records, Refused) else Contents(whole, documents, records)
