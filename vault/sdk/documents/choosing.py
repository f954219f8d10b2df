"""Choosing documents by typed references; a server cannot hide a document from the choice unnoticed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from vault.errors import IntegrityError
from vault.sdk.documents.listing import Listed, NoSuchDocumentError, Quarantined, choose, list_documents

if TYPE_CHECKING:
    from vault.sdk.dossiers.open_dossier import OpenDossier


class QuarantinedError(IntegrityError):
    """Documents of the dossier do not verify, and a chosen one may be among them."""

    code: ClassVar[str] = "quarantined"

    def __init__(self, apart: Sequence[Quarantined]) -> None:
        super().__init__(
            f"documents of this dossier do not verify: {'; '.join(f'{one.id} ({one.reason})' for one in apart)}",
            advice="Nothing was done with them. Tell the director; to go on with the others, name them one by one.",
        )


def chosen(dossier: OpenDossier, references: Sequence[str]) -> list[Listed]:
    """The stored documents named by the references; without references all of them.

    Raises NoSuchDocumentError, AmbiguousError; QuarantinedError when documents that do not verify may belong to the
    choice.
    """
    apart: list[Quarantined] = []
    listed = list_documents(dossier, quarantine=apart)
    try:
        found = choose(listed, references)
    except NoSuchDocumentError as error:
        if apart:
            raise QuarantinedError(apart) from error
        raise
    if apart and not references:
        raise QuarantinedError(apart)
    return found
