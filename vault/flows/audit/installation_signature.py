"""The installation's own signatures, each by the key of its use: tombstones, certificates, checkpoints.

A worker signs nothing under a roster that does not list its key: a gateway that named keys of its own at the set-up
would otherwise go unnoticed, and what is signed would be believed by nobody.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from vault.errors import UnavailableError
from vault.flows.context import Ports, rosters
from vault.flows.health import LISTED, UNLISTED
from vault.flows.installation_keys import unlisted
from vault.ports.store import Named, Transaction
from vault.records import read
from vault.records.envelope import Envelope, write_with
from vault.records.table import type_of
from vault.records.types.tombstone import installation_signer
from vault.rules.rights import may_sign


class UnlistedKeyError(UnavailableError):
    """The newest roster does not let this installation's key sign; nothing was signed."""


def sign_as_installation(ports: Ports, tx: Transaction, kind: str, content: dict[str, Any]) -> Envelope:
    """A record of the practice, signed by the key for its type; raises UnlistedKeyError."""
    use, chain = type_of(kind).use, rosters(tx)
    assert use is not None, "only the installation's types have a use"
    key = ports.installation.public[use]
    if not may_sign(key, use, chain, read.instant(content, "at")):
        raise UnlistedKeyError(
            f"the roster does not list this installation's key for {use}: {key.hex()}",
            advice="Nothing was signed. Put the key's own file back, or let a director list the key: dossier keys.",
        )

    def sign(message: bytes) -> bytes:
        return ports.installation.sign(use, message)

    return write_with(kind, content, practice=chain.newest.practice, signer=installation_signer(key), sign=sign)


def look_at_keys(ports: Ports, now: datetime) -> tuple[str, ...]:
    """As `unlisted`, and what health says of it: red from the first sweep that may not sign to the first that may."""
    with ports.store.reading() as tx:
        found = unlisted(ports, tx, now)
    with ports.store.transaction(Named(LISTED)) as tx:
        tx.beat(LISTED, now)
        if found:
            tx.beat(UNLISTED, now)
    return found
