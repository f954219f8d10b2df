"""The keys of shares that are over are shredded: what a link released opens no more, from no copy either after a turn.

A share that is over stays over: no pick-up of it can begin, and none that was counted is under way. So nothing is
locked between looking and shredding. It is marked after its key is gone: a killed run is repeated.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby

from vault.domain.shares import ShareRow
from vault.flows.audit.auditing import WORKER, note
from vault.flows.context import Ports
from vault.flows.shares.sharing import subject_of


def shred_over(ports: Ports, now: datetime, limit: int = 500) -> int:
    """Shred the key of every share that is over and has one, so many at a time; how many. Repeatable."""
    with ports.store.reading() as tx:
        found = tx.over_shares(now, limit)
    ports.keystore.shred([subject_of(share.id) for share in found])
    found.sort(key=lambda share: share.dossier)
    return sum(_marked(ports, dossier, shares, now) for dossier, shares in groupby(found, lambda share: share.dossier))


def _marked(ports: Ports, dossier: str, shares: Iterable[ShareRow], now: datetime) -> int:
    """Mark them, each with its line in the audit; an erasure may have removed them meanwhile."""
    with ports.store.transaction(dossier) as tx:
        marked = [share for share in shares if tx.mark_shredded(share.id, now)]
        for share in marked:
            note(tx, dossier, "share_shredded", WORKER, now, share=share.id)
    return len(marked)
