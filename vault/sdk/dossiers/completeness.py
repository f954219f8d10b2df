"""Checks that every missing record of the index is explained by a tombstone (FORMAT.md, "The index"; promise R6).

A document's tombstone holds its id; the signed request behind it maps the id to an entry of the index.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from vault.errors import IntegrityError
from vault.records import read
from vault.records.encoding import RecordError
from vault.records.envelope import from_json
from vault.records.types.erasure import ErasureRequest
from vault.rules.authority import check_signer
from vault.sdk.audit.ledger import in_time, read_ledger
from vault.sdk.dossiers.dossier_records import DossierRecord, dossier_records

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
    shown = list(dossier_records(dossier))
    unseen -= {record.hash for record in shown}
    if not unseen:
        return
    erased = set(_explained(dossier, shown))
    dossier.signed_in.save_pins()
    dossier.drop_erased(erased)
    if unseen - erased:
        raise UnexplainedError(unseen - erased)


def look_for_erased(dossier: OpenDossier) -> None:
    """Compare the index with the server's records; raises as `check_complete`."""
    check_complete(dossier, set(dossier.index.records) - {shown_hash(item) for item in dossier.pages("documents")})


def shown_hash(item: dict[str, Any]) -> str:
    """The hash of a shown document's record, verified or not; empty for a malformed record."""
    try:
        return from_json(read.mapping(item, "record"), "document").hash
    except RecordError:
        return ""


def _explained(dossier: OpenDossier, shown: list[DossierRecord]) -> Iterator[str]:
    """The record hashes of erased documents, by tombstones and their requests."""
    requests = {record.hash: _request(dossier, record) for record in shown if record.kind == "erasure"}
    now = dossier.signed_in.now()
    for tombstone in read_ledger(dossier.signed_in):
        request = requests.get(tombstone.request or "")
        if request is not None and in_time(tombstone, now) and _answers(tombstone, request):
            yield from (r for d, r in zip(request.documents, request.records, strict=False) if d == tombstone.subject)


def _request(dossier: OpenDossier, record: DossierRecord) -> ErasureRequest | None:
    """The request, if its signer had the right to it."""
    try:
        check_signer(record.envelope, dossier.signed_in.rosters, dossier.heads)
        return ErasureRequest.read(record.envelope)
    except (IntegrityError, RecordError):
        return None


def _answers(tombstone: Tombstone, request: ErasureRequest) -> bool:
    return (tombstone.kind, tombstone.dossier, tombstone.reason) == ("document", request.dossier, request.basis)
