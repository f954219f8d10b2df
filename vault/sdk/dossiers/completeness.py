"""Checks that every missing record of the index is explained by a tombstone (FORMAT.md, "The index"; promise R6).

A document's tombstone holds its id; the signed request behind it maps the id to an entry of the index.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from vault.errors import IntegrityError
from vault.records import read
from vault.records.encoding import RecordError
from vault.records.envelope import from_json
from vault.sdk.audit.ledger import explained, read_ledger
from vault.sdk.dossiers.dossier_records import dossier_records
from vault.sdk.errors import AnswerError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from vault.records.types.tombstone import Tombstone
    from vault.sdk.dossiers.open_dossier import OpenDossier


class UnexplainedError(IntegrityError):
    """The server omits a record of a signed index, and no tombstone explains it."""

    code: ClassVar[str] = "unexplained"

    def __init__(self, records: Collection[str]) -> None:
        super().__init__(
            f"the index lists {len(records)} record(s) that the server does not show, and no tombstone says why",
            advice="Nothing was changed. Tell the director: something was taken away or hidden.",
        )
        self.records = tuple(sorted(records))


def check_complete(dossier: OpenDossier, missing: Collection[str]) -> None:
    """Raise UnexplainedError unless every missing record is shown elsewhere or was rightfully erased.

    Erased records are left out of every later index.
    """
    unseen = set(missing) - {dossier.profile.hash}
    if not unseen:
        return
    damaged: dict[str, str] = {}
    shown = list(dossier_records(dossier, damaged=damaged))
    both = dossier.profile.hash in dossier.records
    if both and any(each.kind == "profile" and each.hash in unseen for each in shown):
        raise AnswerError("the index lists two profiles of one dossier")
    unseen -= {record.hash for record in shown} | damaged.keys()
    if not unseen:
        return
    erased = erased_records(dossier)
    dossier.signed_in.save_pins()
    dossier.drop_erased({hash_: tombstone.hash for hash_, tombstone in erased.items()})
    if unseen - set(erased):
        raise UnexplainedError(unseen - set(erased))


def shown_hash(item: dict[str, Any]) -> str:
    """The hash of a shown document's record, verified or not; empty for a malformed record."""
    try:
        return from_json(read.mapping(item, "record"), "document").hash
    except RecordError:
        return ""


def erased_records(dossier: OpenDossier) -> dict[str, Tombstone]:
    """By their record hashes, the documents that the ledger says are gone, each borne out by evidence."""
    return dict(_explained(dossier))


def _explained(dossier: OpenDossier) -> Iterator[tuple[str, Tombstone]]:
    for entry in read_ledger(dossier.signed_in):
        tombstone, warrant = entry.tombstone, entry.warrant
        if (tombstone.kind, tombstone.dossier) != ("document", dossier.id) or warrant is None:
            continue
        if explained(dossier.signed_in, entry):
            asked = zip(warrant.documents, warrant.records, strict=False)
            yield from ((record, tombstone) for document, record in asked if document == tombstone.subject)
