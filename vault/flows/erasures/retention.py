"""The worker's periodic work: begin due erasures, remove abandoned deposits, compare rows with objects.

Keys of shares that are over are shredded beside it (`vault.flows.shares.shredding`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from vault.domain.dossiers import ABANDONED_AFTER, DocumentRow, DocumentState, last_lease, object_name
from vault.domain.erasures import OVER
from vault.errors import VaultError
from vault.flows.audit import auditing
from vault.flows.audit.installation_signature import look_at_keys
from vault.flows.context import Ports
from vault.flows.documents import deposit
from vault.flows.dossiers.staging import forget_staged
from vault.flows.erasures import erasing
from vault.flows.erasures.erasing import Erased
from vault.flows.erasures.rowless import note_rowless, shred_rowless
from vault.flows.erasures.sweep_faults import collected
from vault.flows.health import COMPARED, COMPLETE, SWEEP
from vault.flows.leased import leased
from vault.flows.people.giving_back import GIVEN_BACK_WITHIN
from vault.flows.shares.shredding import shred_over
from vault.ports.store import Named, Transaction
from vault.records.types.document import segment_count
from vault.rules.terms import CLOCK_SLACK, INVITATION_WAITS

SESSIONS = Named("sessions")


@dataclass(frozen=True, slots=True)
class Reconciled:
    """The counts of removed abandoned documents and of expired sessions."""

    documents: int
    sessions: int


@dataclass(frozen=True, slots=True)
class Compared:
    """The counts of orphans (objects without a row) noted, of orphans removed after a day, and of missing objects."""

    orphans: int
    removed: int
    missing: int


def sweep(ports: Ports, now: datetime) -> Erased:
    """Do everything that is due now; record the heartbeat only if all of it succeeded.

    Under a lease, by one worker at a time: two would repeat each other's work, and would keep overtaking each other's
    turn of the keystore whenever it takes longer than a tick.
    """
    with leased(ports, SWEEP) as fenced:
        return Erased(begun=0, found=0, certified=0) if fenced is None else _swept(fenced, now)


def _swept(ports: Ports, now: datetime) -> Erased:
    faults: list[VaultError] = []
    with collected(faults):
        reconcile(ports, now)
    with collected(faults):
        shred_over(ports, now)
    with collected(faults):
        shred_rowless(ports, now)
    unlisted: tuple[str, ...] = ()
    with collected(faults):
        unlisted = look_at_keys(ports, now)
    erased = Erased(begun=0, found=0, certified=0)
    with collected(faults):
        erased = erasing.sweep(ports, now)
    with collected(faults):
        auditing.catch_up(ports, now)
    if faults:
        raise faults[0]
    with ports.store.transaction(Named(SWEEP)) as tx:
        tx.beat(SWEEP, now)
    return replace(erased, unlisted=unlisted)


def compare(ports: Ports, now: datetime) -> Compared | None:
    """Compare rows and objects both ways, sorted by name, and note the keys that no row came to; repeatable.

    None where another worker is at it. Raises UnavailableError when a store does not answer; the comparison is not
    recorded then.
    """
    with leased(ports, COMPARED) as fenced:
        return None if fenced is None else _compared_now(fenced, now)


def _compared_now(ports: Ports, now: datetime) -> Compared:
    note_rowless(ports, now)
    absent, unknown = _compared(ports)
    missing = [name for name in absent if _missing(ports, name)]
    with ports.store.reading() as tx:
        orphans = _orphans(tx, unknown)
        old = sorted(set(orphans).intersection(tx.orphans(now - ABANDONED_AFTER, 10_000)))
    with ports.store.transaction() as tx:
        tx.note_orphans(orphans, now)
    ports.objects.remove(old)
    with ports.store.transaction() as tx:
        tx.forget_orphans(sorted(set(tx.orphans(now, 100_000)) - (set(orphans) - set(old))))
        tx.beat(COMPARED, now)
        if not missing:
            tx.beat(COMPLETE, now)
    return Compared(len(orphans), len(old), len(missing))


def unknown_objects(ports: Ports) -> list[str]:
    """The objects that no row knows: after a restore of the records some are documents that came later."""
    _, unknown = _compared(ports)
    with ports.store.reading() as tx:
        return _orphans(tx, unknown)


def _compared(ports: Ports) -> tuple[list[str], list[str]]:
    objects = (name for name in ports.objects.names() if not name.startswith("ledger/"))
    return _differences(_stored(ports), objects)


def _orphans(tx: Transaction, unknown: list[str]) -> list[str]:
    return [name for name in unknown if tx.document(name.partition("/")[2][:32]) is None]


def _missing(ports: Ports, name: str) -> bool:
    """Check again: the document may have been erased between the two listings."""
    with ports.store.reading() as tx:
        document = tx.document(name.partition("/")[2][:32])
    return document is not None and document.state is DocumentState.STORED and ports.objects.size(name) is None


def _stored(ports: Ports) -> Iterator[str]:
    after = ""
    while True:
        with ports.store.reading() as tx:
            page = tx.stored_segments(after=after)
        yield from page
        if not page:
            return
        after = page[-1]


def _differences(rows: Iterator[str], objects: Iterator[str]) -> tuple[list[str], list[str]]:
    """The names only in rows, and the names only in the object store, by a merge of both sorted lists."""
    missing: list[str] = []
    unknown: list[str] = []
    row, name = next(rows, None), next(objects, None)
    while row is not None or name is not None:
        if name is None or (row is not None and row < name):
            assert row is not None
            missing.append(row)
            row = next(rows, None)
        elif row is None or name < row:
            unknown.append(name)
            name = next(objects, None)
        else:
            row, name = next(rows, None), next(objects, None)
    return missing, unknown


def reconcile(ports: Ports, now: datetime, limit: int = 500) -> Reconciled:
    """Remove what was unfinished for a day (deposits, new keys), expired sessions, credentials replaced a week ago.

    Repeatable at any point. Each document is fenced first (no index can list it, no segment is accepted), then its
    objects are removed and its key is shredded, then its rows go: until then the next run finds it again.
    """
    with ports.store.reading() as tx:
        found = tx.abandoned_documents(now - ABANDONED_AFTER, last_lease(now), limit)
    fenced = [document for document in found if _shut_off(ports, document)]
    ports.keystore.shred([deposit.subject_of(document.id) for document in fenced])
    removed = sum(_removed(ports, document) for document in fenced)
    forget_staged(ports, now, limit)
    with ports.store.transaction(SESSIONS) as tx:
        sessions = tx.sweep_sessions(now - ports.sessions.idle, now - ports.sessions.most, now + CLOCK_SLACK)
        tx.sweep_formers(now - GIVEN_BACK_WITHIN)
        tx.sweep_invitations(
            now, now - INVITATION_WAITS, now + CLOCK_SLACK
        )  # the key of who had joined has no row any more
    return Reconciled(removed, sessions)


def _shut_off(ports: Ports, document: DocumentRow) -> bool:
    """Fence it, and remove its objects; False where it is abandoned no more."""
    with ports.store.transaction(document.dossier) as tx:
        if not _fenced(tx, document):
            return False
    count = segment_count(document.size)
    ports.objects.remove(object_name(document.dossier, document.id, number) for number in range(count))
    return True


def _removed(ports: Ports, document: DocumentRow) -> bool:
    with ports.store.transaction(document.dossier) as tx:
        if _being_erased(tx, document):
            return False
        tx.remove_documents([document.id])
    return True


def _fenced(tx: Transaction, document: DocumentRow) -> bool:
    """Whether it is abandoned still, and shut off: now, or by an earlier run."""
    there = tx.document(document.id)
    if there is None or there.state is DocumentState.STORED or _being_erased(tx, document):
        return False
    return there.state is DocumentState.REMOVED or bool(tx.set_document_state([document.id], DocumentState.REMOVED))


def _being_erased(tx: Transaction, document: DocumentRow) -> bool:
    """Keep the row of a document under erasure: the erasure needs it to find the key and for its counts."""
    running = [each for each in tx.erasures_of(document.dossier) if each.state not in OVER]
    return any(each.whole or document.id in each.documents for each in running)
