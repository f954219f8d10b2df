"""Checks the proofs of a link's holder, and counts wrong passphrases (design section 2, "Links").

Without a proof of possession every refusal is the same value, UNAVAILABLE.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from vault.domain.sessions import wait_after
from vault.domain.shares import PickupRow, ShareRow
from vault.flows.answers import Throttled
from vault.flows.audit.auditing import note
from vault.flows.context import Ports
from vault.ports.store import Transaction
from vault.records.types.share import PLAIN
from vault.rules.verdict import Refused

T = TypeVar("T")
LINK = "link"
UNAVAILABLE = Refused("link_unavailable")
PASSPHRASE_WRONG = Refused("passphrase_wrong")


@dataclass(frozen=True, slots=True)
class Proofs:
    """The proofs derived from a link: of possession, and of being able to open it (None: not given)."""

    possess: bytes = field(repr=False)
    open: bytes | None = field(repr=False)


def possessed(tx: Transaction, share_id: str, proofs: Proofs) -> ShareRow | None:
    """The share, if the proof of possession is right."""
    share = tx.share(share_id)
    digest = hashlib.sha256(proofs.possess).digest()
    if share is None or not hmac.compare_digest(share.possess, digest):
        return None
    return share


def may_look(tx: Transaction, share: ShareRow, name: bytes | None, now: datetime) -> bool:
    """True for an open share with a pick-up left, or for a receiver whose pick-up is under way."""
    if share.revoked_at is not None:
        return False
    if share.open_at(now) and not share.spent:
        return True
    return name is not None and goes_on(tx, share, hashlib.sha256(name).digest(), now) is not None


def goes_on(tx: Transaction, share: ShareRow, key: bytes, now: datetime) -> PickupRow | None:
    """The receiver's pick-up (by the SHA-256 of its name) if it is under way."""
    pickup = None if share.revoked_at is not None else tx.pickup(share.id, key)
    return pickup if pickup is not None and pickup.live(now) else None


def check_open(share: ShareRow, proofs: Proofs, now: datetime) -> Refused | Throttled | None:
    """Check the proof of opening; `attempt` counts PASSPHRASE_WRONG."""
    if throttled := Throttled.after(share.waits(now)):
        return throttled
    if proofs.open is None:
        return UNAVAILABLE
    if hmac.compare_digest(share.open, hashlib.sha256(proofs.open).digest()):
        return None
    return UNAVAILABLE if share.mode == PLAIN else PASSPHRASE_WRONG


def attempt(
    ports: Ports,
    share_id: str,
    proofs: Proofs,
    name: bytes | None,
    work: Callable[[Transaction, ShareRow], T],
    now: datetime,
) -> T | Refused:
    """Run `work`, which only reads, with the share; a passphrase is checked and counted in one unit of work.

    A wrong passphrase adds a failure, a right one clears them. Concurrent guesses are checked one after another, and
    each sees the failures before it. Only a holder of the link reaches this counter; it never closes a link
    permanently.
    """
    with ports.store.reading() as tx:
        share = possessed(tx, share_id, proofs)
        if share is None:
            return UNAVAILABLE
        if not _guessing(tx, share, proofs, name, now):
            return work(tx, share)
    with ports.store.transaction(share.dossier) as tx:
        share = possessed(tx, share_id, proofs)
        if share is None:
            return UNAVAILABLE
        answer = work(tx, share)
        if answer is PASSPHRASE_WRONG:
            failures = share.failures + 1
            wait = wait_after(failures)
            tx.set_attempts(share_id, failures, now + wait if wait else None)
            note(tx, share.dossier, "passphrase_wrong", LINK, now, share=share_id)
        elif share.failures and isinstance(answer, tuple):
            tx.set_attempts(share_id, 0, None)
        return answer


def _guessing(tx: Transaction, share: ShareRow, proofs: Proofs, name: bytes | None, now: datetime) -> bool:
    """Whether the answer would tell a guesser that the passphrase is right.

    A right passphrase with the secret name of a pick-up under way comes from its receiver, who gave it before.
    """
    if share.mode == PLAIN or proofs.open is None:
        return False
    known = name is not None and goes_on(tx, share, hashlib.sha256(name).digest(), now)
    return not known or share.failures > 0 or check_open(share, proofs, now) is not None
