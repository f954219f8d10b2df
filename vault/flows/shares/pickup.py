"""The acts of a link's holder (design section 2, "Links"): look, pick up (counted once), fetch and resume.

Without a proof of possession every refusal is the same value, UNAVAILABLE.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from vault.domain.dossiers import DocumentRow, DocumentState
from vault.domain.shares import RESUME_WITHIN, DisclosureRow, EntryRow, PickupRow, ShareRow
from vault.errors import IntegrityError, VaultError
from vault.flows.answers import Throttled, decide
from vault.flows.audit.auditing import note
from vault.flows.context import Ports, restore
from vault.flows.documents import deposit
from vault.flows.documents.reading import Body, body_range
from vault.flows.shares.link_proofs import (
    LINK,
    PASSPHRASE_WRONG,
    UNAVAILABLE,
    Proofs,
    attempt,
    check_open,
    goes_on,
    may_look,
)
from vault.flows.shares.sharing import entry_row, subject_of
from vault.ports.keystore import Layer
from vault.ports.store import Transaction
from vault.records.types.document import Document, segment_length
from vault.rules.verdict import Refused

__all__ = ["PASSPHRASE_WRONG", "UNAVAILABLE", "CoverView", "Proofs", "Released", "body", "cover", "pick_up"]

TOUCHED_AGAIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class CoverView:
    """How the link opens; with both proofs also cover, entries, expiry and the pick-ups left."""

    mode: str
    cover: bytes | None = None
    entries: tuple[tuple[str, bytes], ...] = ()
    expires_at: datetime | None = None
    left: int = 0


@dataclass(frozen=True, slots=True)
class Released:
    """The capsules by document, and the end of this pick-up."""

    capsules: tuple[tuple[str, bytes], ...]
    resume_until: datetime


def cover(
    ports: Ports, share_id: str, proofs: Proofs, now: datetime, name: bytes | None = None
) -> CoverView | Refused | Throttled:
    """Look at a share: uses no pick-up. `name`: that of a pick-up under way, valid even when none is left."""

    def work(tx: Transaction, share: ShareRow) -> tuple[ShareRow, list[EntryRow]] | CoverView | Refused | Throttled:
        if not may_look(tx, share, name, now):
            return UNAVAILABLE
        if proofs.open is None:
            return CoverView(share.mode)
        refused = check_open(share, proofs, now)
        return refused or (share, tx.offered(share_id))

    answer = attempt(ports, share_id, proofs, name, work, now)
    if not isinstance(answer, tuple):
        return answer
    share, entries = answer
    opened = _unseal(ports, share, "entry.entry", [(entry.document, entry.entry) for entry in entries])
    if opened is None:
        return UNAVAILABLE
    return CoverView(share.mode, *opened, share.expires_at, share.left)


def pick_up(ports: Ports, share_id: str, name: bytes, proofs: Proofs, now: datetime) -> Released | Refused | Throttled:
    """Release all capsules, counted once for each name: unseal, commit, then return.

    The same name within its hour gets the same answer and is not counted. The commit decides: with the dossier's lock
    it checks the share, the pick-up and every document again.
    """
    key = hashlib.sha256(name).digest()

    def read(tx: Transaction, share: ShareRow) -> tuple[ShareRow, list[EntryRow]] | Refused | Throttled:
        if not may_look(tx, share, name, now):
            return UNAVAILABLE
        refused = check_open(share, proofs, now)
        return refused or (share, tx.offered(share_id))

    answer = attempt(ports, share_id, proofs, name, read, now)
    if not isinstance(answer, tuple):
        return answer
    looked, entries = answer
    opened = _unseal(ports, looked, "entry.capsule", [(entry.document, entry.capsule) for entry in entries])
    if opened is None:
        return UNAVAILABLE
    _, capsules = opened

    def claim(tx: Transaction) -> Released | Refused:
        share = tx.share(share_id)
        if share is None or share.revoked_at is not None:
            return UNAVAILABLE
        offered = {entry.document for entry in tx.offered(share_id)}
        released = tuple(capsule for capsule in capsules if capsule[0] in offered)
        there = tx.pickup(share_id, key)
        if there is None:
            if not (tx.claim_pickup(share_id, now) and tx.add_pickup(PickupRow(share_id, key, now, now))):
                return UNAVAILABLE
            tx.add_disclosures([DisclosureRow(share_id, key, document, now, None) for document, _ in released])
            note(tx, share.dossier, "picked_up", LINK, now, share=share_id, pickup=key.hex())
        elif not there.live(now):
            return UNAVAILABLE
        return Released(released, now + RESUME_WITHIN)

    return decide(ports.store, claim, looked.dossier)


def body(
    ports: Ports,
    share_id: str,
    name: bytes,
    document: str,
    proofs: Proofs,
    clock: Callable[[], datetime],
    start: int,
    length: int | None,
) -> Body | Refused | Throttled:
    """A range of a document's body for a pick-up under way, re-checked at every segment.

    It may finish after expiry; revocation and erasure end it at the next segment. The check waits for no lock. A fetch
    is recorded for the last segment of the body, and otherwise once a minute: ranges are many and short.
    """
    key, now = hashlib.sha256(name).digest(), clock()

    def read(tx: Transaction, share: ShareRow) -> tuple[ShareRow, EntryRow, str, DocumentRow] | Refused | Throttled:
        if not goes_on(tx, share, key, now):
            return UNAVAILABLE
        entry, row = tx.entry(share_id, document), tx.document(document)
        if refused := check_open(share, proofs, now):
            return refused
        if entry is None or row is None or row.state is not DocumentState.STORED:
            return UNAVAILABLE
        record = tx.record(row.record)
        assert record is not None
        signed = restore("document", record.record, record.signatures)
        return share, entry, Document.read(signed).digest, row

    answer = attempt(ports, share_id, proofs, name, read, now)
    if not isinstance(answer, tuple):
        return answer
    looked, entry, digest, row = answer
    opened = _unseal(ports, looked, "entry.entry", [(document, entry.entry)])
    if opened is None or not opened[1]:
        return UNAVAILABLE
    fetch = _Fetch(share_id, key, row, entry)
    return body_range(ports, row, digest, start, length, lambda number: _still(ports, fetch, number, clock()))


@dataclass(frozen=True, slots=True)
class _Fetch:
    """A fetch of a body: its pick-up (`key`: SHA-256 of the name) and its document."""

    share: str
    key: bytes
    document: DocumentRow
    entry: EntryRow

    @property
    def end(self) -> int:
        """The last segment."""
        return (self.document.size - 1) // segment_length(self.document.size, 0)

    def finishes(self, tx: Transaction, number: int) -> bool:
        """Whether the segment is the last one of the share's last document."""
        return number == self.end and _is_last(tx, self.entry)


def _still(ports: Ports, fetch: _Fetch, number: int, now: datetime) -> bool:
    """Whether this segment may be fetched; checked again in the unit of work that records it."""
    with ports.store.reading() as tx:
        pickup = _under_way(tx, fetch, now)
    if pickup is None or (number != fetch.end and now - pickup.last_at < TOUCHED_AGAIN):
        return pickup is not None
    with ports.store.transaction(fetch.document.dossier) as tx:
        if _under_way(tx, fetch, now) is None:
            return False
        tx.touch_pickup(fetch.share, fetch.key, now, finished=fetch.finishes(tx, number))
    return True


def _under_way(tx: Transaction, fetch: _Fetch, now: datetime) -> PickupRow | None:
    """The pick-up, if it may still fetch the document."""
    share = tx.share(fetch.share)
    if share is None or not _stored(tx.document(fetch.document.id)):
        return None
    return goes_on(tx, share, fetch.key, now)


def _stored(document: DocumentRow | None) -> bool:
    return document is not None and document.state is DocumentState.STORED


def _is_last(tx: Transaction, entry: EntryRow) -> bool:
    return entry.position == max(other.position for other in tx.entries(entry.share))


def _unseal(
    ports: Ports, share: ShareRow, field: str, sealed: Sequence[tuple[str, bytes]]
) -> tuple[bytes, tuple[tuple[str, bytes], ...]] | None:
    """The cover, and each document's entry and capsule, sealed under the share's key and its own; one read of all keys.

    A document whose key is gone or whose value is damaged is left out. None when the cover does not open, and when
    damage leaves no document.
    """
    subject = subject_of(share.id)
    boxes: list[tuple[Sequence[Layer], bytes]] = [([(subject, "share.cover", share.id)], share.cover)]
    for document, box in sealed:
        row = entry_row(share.id, document)
        boxes.append(([(subject, field, row), (deposit.subject_of(document), field, row)], box))
    cover, *opened = ports.keystore.unseal_each(boxes)
    if isinstance(cover, VaultError):
        return None
    named = zip(sealed, opened, strict=True)
    found = tuple((document, value) for (document, _), value in named if not isinstance(value, VaultError))
    damaged = any(isinstance(value, IntegrityError) for value in opened)
    return None if damaged and not found else (cover, found)
