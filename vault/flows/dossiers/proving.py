"""Proves one record of a dossier to be listed, for a reader who does not fetch all the others (RFC 9162)."""

from __future__ import annotations

from vault.ports.store import Transaction
from vault.rules.merkle import Proof, prove


def proof_of(tx: Transaction, dossier: str, record: str) -> Proof | None:
    """The record's inclusion proof in what the newest index lists; None where that does not list it."""
    try:
        return prove(tx.listed(dossier), record)
    except KeyError:
        return None
