"""Why records left the index of a dossier: every reason is checked against what it names (FORMAT.md "The index")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vault.records.table import subject_of, type_of
from vault.records.types.index import ERASED, Index
from vault.records.types.share import Share
from vault.rules.indexes import Known, known_version, may_leave
from vault.rules.rights import check_signer
from vault.rules.verdict import Refused
from vault.sdk.dossiers.completeness import UnexplainedError, erased_records
from vault.sdk.dossiers.dossier_records import DossierRecord, dossier_records

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vault.sdk.dossiers.open_dossier import OpenDossier


def check_removals(dossier: OpenDossier, links: Sequence[Index]) -> None:
    """Raise UnexplainedError, naming what is missing, unless everything that these links take out left for a reason.

    What says that a share was revoked is the index itself, signed by somebody who holds the dossier.
    """
    removed = [(removal, link) for link in links for removal in link.removed]
    if not removed:
        return
    shown = list(dossier_records(dossier))
    wanted = {removal.hash for removal, _ in removed} | {removal.by for removal, _ in removed}
    known = {record.hash: _known(dossier, record) for record in shown if record.hash in wanted}
    if any(removal.why == ERASED for removal, _ in removed):
        for hash_, gone in erased_records(dossier).items():
            known[hash_] = Known("document", gone.subject, tombstones=frozenset({gone.hash}))
    unexplained = [
        removal.hash for removal, link in removed if isinstance(may_leave(removal, link, known, link.at), Refused)
    ]
    if unexplained:
        raise UnexplainedError(unexplained)


def _known(dossier: OpenDossier, record: DossierRecord) -> Known:
    check_signer(record.envelope, dossier.signed_in.rosters, dossier.heads)
    expires = Share.read(record.envelope).expires_at if record.kind == "share" else None
    known = Known(record.kind, subject_of(record.envelope, record.kind), revoked=True, expires_at=expires)
    return known_version(known, record.envelope) if type_of(record.kind).versioned else known
