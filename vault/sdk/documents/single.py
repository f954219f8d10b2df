"""One document of a dossier, fetched alone: with the proof that the newest index lists it (FORMAT.md, "The index").

What that index lists besides is neither fetched nor vouched for. Wherever the answer is not the whole document and a
proof that holds, only the whole list can tell what became of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vault.errors import IntegrityError
from vault.records.encoding import RecordError
from vault.sdk.documents.listing import Listed, read_listed
from vault.sdk.dossiers.completeness import shown_hash
from vault.sdk.errors import ApiError
from vault.sdk.server.answers import mapping

if TYPE_CHECKING:
    from vault.sdk.dossiers.open_dossier import OpenDossier


def read_single(dossier: OpenDossier, document: str) -> Listed | None:
    """The stored document of that id; None where the list must tell: it is not shown, not proven, or damaged.

    Raises what a newer index that does not hold raises, and IndexRefusedError for a proof against another root.
    """
    try:
        answer = dossier.signed_in.api.get(f"/dossiers/{dossier.id}/documents/{document}")
    except ApiError as error:
        if error.code == "not_found":
            return None
        raise
    item = mapping(answer, "document")
    record = shown_hash(item)
    if not record:
        return None
    listed = dossier.accept_proof(answer, record)
    dossier.signed_in.save_pins()
    return _verified(dossier, item, document) if listed else None


def _verified(dossier: OpenDossier, item: dict[str, Any], document: str) -> Listed | None:
    try:
        found = read_listed(dossier, item, proven=True)
    except (IntegrityError, RecordError):
        return None
    return found if found.id == document else None
