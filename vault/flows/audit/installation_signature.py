"""The installation's own signature: tombstones, certificates, checkpoints."""

from __future__ import annotations

from typing import Any

from vault.flows.context import Ports, rosters
from vault.ports.store import Transaction
from vault.records.envelope import Envelope, write_with
from vault.records.types.tombstone import installation_signer


def sign_as_installation(ports: Ports, tx: Transaction, kind: str, content: dict[str, Any]) -> Envelope:
    """A record of the practice, signed by the installation key."""
    signer, practice = installation_signer(ports.installation.public), rosters(tx).newest.practice
    return write_with(kind, content, practice=practice, signer=signer, sign=ports.installation.sign)
