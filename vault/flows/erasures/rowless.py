"""Keys that no row came to: of a deposit, a share or a dossier that was refused, or whose gateway died in between.

A key is made before its row. So one without a row is noted every night, and shredded a day after it was first seen so.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from vault.domain.dossiers import ABANDONED_AFTER
from vault.flows.context import Ports
from vault.ports.errors import TombstonedError
from vault.ports.keystore import Subject, SubjectKind
from vault.ports.store import Named

ROWLESS = Named("rowless")
PAGE = 500


def note_rowless(ports: Ports, now: datetime) -> int:
    """Note the subjects that have a key and no row, a page at a time; how many. The first sighting of each counts."""
    return sum(_noted(ports, subjects, now) for subjects in _pages(ports))


def keep_rowless(ports: Ports, until: datetime) -> None:
    """Keep those that there are now for so long: after a restore of the records some belong to what came later.

    Not shares: every link that was open has ended.
    """
    for subjects in _pages(ports):
        with ports.store.transaction(ROWLESS) as tx:
            kept = [each for each in tx.without_row(subjects) if each.kind is not SubjectKind.SHARE]
            tx.keep_rowless(kept, until)


def shred_rowless(ports: Ports, now: datetime, limit: int = 200) -> int:
    """Shred the keys of those that were seen so a day ago and still have no row; how many. Repeatable.

    In a unit that excludes every other. Whoever adds a row for a key that was there before looks for the key in hers.
    """
    with ports.store.reading() as tx:
        if not tx.rowless(now - ABANDONED_AFTER, limit):
            return 0
    with ports.store.transaction() as tx:
        old = tx.rowless(now - ABANDONED_AFTER, limit)
        gone = tx.without_row(old)
        ports.keystore.shred(gone)
        tx.forget_rowless(old)
    return len(gone)


def check_kept(ports: Ports, subject: Subject, *, new: bool) -> None:
    """In the unit that adds the row of a key: raise TombstonedError where the key was there before and is gone."""
    if not new and not ports.keystore.exists(subject):
        raise TombstonedError("its key was shredded, since nothing came to it for a day")


def _noted(ports: Ports, subjects: list[Subject], now: datetime) -> int:
    with ports.store.transaction(ROWLESS) as tx:
        found = tx.without_row(subjects)
        tx.note_rowless(found, now)
    return len(found)


def _pages(ports: Ports) -> Iterator[list[Subject]]:
    after: Subject | None = None
    while page := ports.keystore.subjects(after=after, limit=PAGE):
        yield page
        after = page[-1]
