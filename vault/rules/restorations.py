"""Which restoration counts: one that a director signed, who is still one, of the very positions that are found."""

from __future__ import annotations

from collections.abc import Iterable

from vault.records.envelope import Envelope
from vault.records.types.restoration import PutBack, Restoration
from vault.rules.rights import check_signer
from vault.rules.rosters import Rosters
from vault.rules.verdict import ALLOWED, Refused, Verdict


def read_restoration(envelope: Envelope, rosters: Rosters) -> Restoration | Refused:
    """The verified restoration, or that its signer has left since; raises SignatureError, RosterError, RecordError."""
    check_signer(envelope, rosters)
    restoration = Restoration.read(envelope)
    return restoration if restoration.signer in rosters.newest.directors else Refused("quarantined")


def accepts(restoration: Restoration, found: Iterable[PutBack]) -> Verdict:
    """Whether it speaks of all that is found, at these positions; a part of it may be done already."""
    stores = set(found)
    return ALLOWED if stores and stores <= set(restoration.stores) else Refused("state")
