"""The hashes that make the entries of a dossier's audit one chain, for server and client (FORMAT 10)."""

from __future__ import annotations

import hashlib
from datetime import datetime

from vault.records.encoding import format_instant, lp

# What the first entry of a chain follows.
GENESIS = "0" * 64


def entry_hash(dossier: str, sequence: int, previous: str, at: datetime, event: str, actor: str, digest: str) -> str:
    """SHA-256(lp(`vault/v1/audit`, dossier, sequence, previous, instant, event, actor, digest of the details)), hex."""
    parts = (dossier, str(sequence), previous, format_instant(at), event, actor, digest)
    return hashlib.sha256(lp(b"vault/v1/audit", *(part.encode() for part in parts))).hexdigest()


def details_digest(details: bytes) -> str:
    """SHA-256(lp(`vault/v1/audit/details`, details)), hex; the details hold a salt."""
    return hashlib.sha256(lp(b"vault/v1/audit/details", details)).hexdigest()
