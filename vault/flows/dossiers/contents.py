"""A dossier with its contents, which a client reads before it changes or opens the dossier."""

from __future__ import annotations

from dataclasses import dataclass

from vault.flows.context import Caller, Ports
from vault.flows.documents import reading
from vault.flows.documents.reading import DocumentView
from vault.flows.dossiers import showing
from vault.flows.dossiers.showing import Leaves, RecordView, Whole
from vault.rules.verdict import Refused


@dataclass(frozen=True, slots=True)
class Contents:
    """The dossier, with the first documents and records, up to the requested number."""

    whole: Whole
    leaves: Leaves
    documents: list[DocumentView]
    records: list[RecordView]


def contents(ports: Ports, caller: Caller, dossier: str, limit: int) -> Contents | Refused:
    """Read in this order, like four requests: an entry of the index without its document was erased meanwhile."""
    whole = showing.one(ports, caller, dossier)
    if isinstance(whole, Refused):
        return whole
    leaves = showing.leaves(ports, caller, dossier)
    if isinstance(leaves, Refused):
        return leaves
    documents = reading.documents(ports, caller, dossier, "", limit)
    if isinstance(documents, Refused):
        return documents
    records = showing.records(ports, caller, dossier, "", limit)
    return records if isinstance(records, Refused) else Contents(whole, leaves, documents, records)
