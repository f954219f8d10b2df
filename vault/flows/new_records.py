"""The check of every new record: the signer's right today, and that she has seen nothing that is not here.

Who has seen more of the ledger or of the checkpoints than the store holds, or another entry under a number, tells that
the store was put back to an older state, or stands beside the one she saw. Nothing is added to such a store unnoticed:
she, and whoever reads her record later, would find out anyway.
"""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from vault.errors import IntegrityError
from vault.flows.context import rosters
from vault.ports.store import Transaction
from vault.records.envelope import Envelope
from vault.records.seen import CHAINS, LEDGER, read_seen
from vault.rules.rights import Heads, check_new
from vault.rules.sightings import is_held
from vault.rules.verdict import Refused

_KIND_OF = {chain: "tombstone" if chain == LEDGER else chain for chain in CHAINS}


class SeenMoreError(IntegrityError):
    """The signer of a new record has seen what the store does not hold."""

    code: ClassVar[str] = "seen_more"


def check_record(tx: Transaction, envelope: Envelope, heads: Heads | None = None) -> None:
    """Raise SignatureError, RosterError, RecordError or SeenMoreError unless the record may be added today."""
    check_new(envelope, rosters(tx), heads)
    check_seen(tx, envelope)


def check_seen(tx: Transaction, envelope: Envelope) -> None:
    """Raise SeenMoreError unless the store holds all that the record's signer says she has seen."""
    seen = read_seen(envelope.fields)
    for chain in CHAINS:
        sighting, kind = seen.of(chain), _KIND_OF[chain]
        if isinstance(is_held(sighting, partial(_hash_at, tx, kind)), Refused):
            raise SeenMoreError(f"its signer has seen a {chain} entry that is not here: number {sighting.number}")


def _hash_at(tx: Transaction, kind: str, number: int) -> str | None:
    found = tx.chain(kind, after=number - 1, limit=1)
    return found[0].hash if found and found[0].version == number else None
