"""Dossiers that the ledger says are destroyed and the server still has: somebody certifies what did not happen."""

from __future__ import annotations

from vault.sdk.dossiers.listing import Doubt, ListedDossier, listed, look_up
from vault.sdk.people.session import SignedIn


def living(signed_in: SignedIn) -> list[ListedDossier]:
    """Of what the ledger says since this device looked last: those that are in this member's list all the same.

    An honest server takes a dossier out of every list before it signs its tombstone.
    """
    if not signed_in.buried:
        return []
    doubts: list[Doubt] = []  # told by whoever lists
    rows = look_up(signed_in, doubts)
    return [listed(dossier, rows[dossier]) for dossier in sorted(signed_in.buried & rows.keys())]
