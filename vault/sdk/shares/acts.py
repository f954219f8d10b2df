"""What a dossier's audit must mention, by its records: documents stored, links made, pick-ups."""

from __future__ import annotations

from collections.abc import Iterable

from vault.sdk.device.pin_kinds import DOCUMENT_STORED, PICKED_UP, SHARE_MADE, Act
from vault.sdk.documents.listing import STORED, Listed
from vault.sdk.shares.listing import ListedShare


def acts_of_records(documents: Iterable[Listed], shares: Iterable[ListedShare]) -> list[Act]:
    """Each act as often as it happened: a link that was picked up twice must be mentioned so twice."""
    stored = [Act(DOCUMENT_STORED, one.id) for one in documents if one.state == STORED]
    given = list(shares)
    made = [Act(SHARE_MADE, share.id) for share in given]
    return [*stored, *made, *(Act(PICKED_UP, share.id) for share in given for _ in share.pickups)]
