"""What the holder of a link can do (design section 2, "Links"): look, pick up once counted, fetch and resume.

Every refusal to somebody who does not prove possession of the link is the one value UNAVAILABLE.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from vault.domain.dossier import Document, DocumentState
from vault.domain.people import wait_after
from vault.domain.share import RESUME_WITHIN, Disclosure, Entry, Pickup, Share
from vault.errors import IntegrityError
from vault.flows import deposit
from vault.flows.answers import Throttled, decide
from vault.flows.auditing import note
from vault.flows.context import Ports, restore
from vault.flows.deposit import Body, stretch
from vault.flows.sharing import entry_row, subject_of
from vault.ports import ShreddedError, Subject, Transaction
from vault.records.document import read_document, segment_length
from vault.records.share import PLAIN
from vault.records.verdict import Refused

T = TypeVar("T")
LINK = "link"
TOUCHED_AGAIN = timedelta(minutes=1)
UNAVAILABLE = Refused("link_unavailable")
PASSPHRASE_WRONG = Refused("passphrase_wrong")


@dataclass(frozen=True, slots=True)
class Proofs:
    """The proofs derived from a link: of having it, and of being able to open it (None: only asking how)."""

    possess: bytes = field(repr=False)
    open: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class CoverView:
    """How the link opens, and for whoever can open it: cover, entries, until when and how many pick-ups are left."""

    mode: str
    cover: bytes | None = None
    entries: tuple[tuple[str, bytes], ...] = ()
    expires_at: datetime | None = None
    left: int = 0


@dataclass(frozen=True, slots=True)
class Released:
    """The capsules by document, and until when the same pick-up may go on."""

    capsules: tuple[tuple[str, bytes], ...]
    resume_until: datetime


def cover(
    ports: Ports, share_id: str, proofs: Proofs, now: datetime, name: bytes | None = None
) -> CoverView | Refused | Throttled:
    """Look at a share: spends nothing. `name` is that of a pick-up which goes on after the last one was used."""

    def work(tx: Transaction) -> tuple[Share, list[Entry]] | CoverView | Refused | Throttled:
        share = _possessed(tx, share_id, proofs)
        if share is None or not _may_look(tx, share, name, now):
            return UNAVAILABLE
        if proofs.open is None:
            return CoverView(share.mode)
        refused = _check_open(share, proofs, now)
        return refused or (share, _entries(tx, share_id))

    answer = _attempt(ports, share_id, proofs, name, work, now)
    if not isinstance(answer, tuple):
        return answer
    share, entries = answer
    try:
        plain = ports.keystore.unseal(subject_of(share_id), "share.cover", share_id, share.cover)
        opened = _unseal(ports, share_id, "entry.entry", [(entry.document, entry.entry) for entry in entries])
    except (ShreddedError, IntegrityError):
        return UNAVAILABLE
    return CoverView(share.mode, plain, tuple(opened), share.expires_at, share.maximum - share.used)


def pick_up(ports: Ports, share_id: str, name: bytes, proofs: Proofs, now: datetime) -> Released | Refused | Throttled:
    """Release all capsules, counted once for each name: unsealed first, committed, then returned.

    The same name within its hour gets the same answer and counts nothing. What is released is decided by the commit:
    it looks again at the share, the pick-up and every document, alone with the dossier.
    """
    key = hashlib.sha256(name).digest()

    def read(tx: Transaction) -> tuple[str, list[Entry]] | Refused | Throttled:
        share = _possessed(tx, share_id, proofs)
        if share is None or not _may_look(tx, share, name, now):
            return UNAVAILABLE
        refused = _check_open(share, proofs, now)
        return refused or (share.dossier, _entries(tx, share_id))

    answer = _attempt(ports, share_id, proofs, name, read, now)
    if not isinstance(answer, tuple):
        return answer
    dossier, entries = answer
    try:
        capsules = _unseal(ports, share_id, "entry.capsule", [(entry.document, entry.capsule) for entry in entries])
    except (ShreddedError, IntegrityError):
        return UNAVAILABLE

    def claim(tx: Transaction) -> Released | Refused:
        share = tx.share(share_id)
        if share is None or share.revoked_at is not None:
            return UNAVAILABLE
        released = tuple(capsule for capsule in capsules if _stored(tx.document(capsule[0])))
        there = tx.pickup(share_id, key)
        if there is None:
            if not (tx.claim_pickup(share_id, now) and tx.add_pickup(Pickup(share_id, key, now, now))):
                return UNAVAILABLE
            tx.add_disclosures([Disclosure(share_id, key, document, now, None) for document, _ in released])
            note(tx, share.dossier, "picked_up", LINK, now, share=share_id, pickup=key.hex())
        elif not there.live(now):
            return UNAVAILABLE
        return Released(released, now + RESUME_WITHIN)

    return decide(ports.store, claim, dossier)


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
    """A stretch of a document's body for a pick-up under way, re-checked at every segment.

    Expiry lets it finish; revocation and erasure end it at the next segment. The check itself waits for nobody; that
    a segment was fetched is written down for the last one of the stretch, and else once a minute.
    """
    key, now = hashlib.sha256(name).digest(), clock()

    def read(tx: Transaction) -> tuple[Entry, str, Document] | Refused | Throttled:
        share = _possessed(tx, share_id, proofs)
        if share is None or not _goes_on(tx, share_id, key, now):
            return UNAVAILABLE
        entry, row = tx.entry(share_id, document), tx.document(document)
        if refused := _check_open(share, proofs, now):
            return refused
        if entry is None or row is None or row.state is not DocumentState.STORED:
            return UNAVAILABLE
        record = tx.record(row.record)
        assert record is not None
        signed = restore("document", record.record, record.signatures)
        return entry, read_document(signed).digest, row

    answer = _attempt(ports, share_id, proofs, name, read, now)
    if not isinstance(answer, tuple):
        return answer
    entry, digest, row = answer
    try:
        if not _unseal(ports, share_id, "entry.entry", [(document, entry.entry)]):
            return UNAVAILABLE
    except (ShreddedError, IntegrityError):
        return UNAVAILABLE
    whole = segment_length(row.size, 0)
    last = (row.size - 1) // whole
    end = last if length is None else min(last, (start + length - 1) // whole)

    def still(number: int) -> bool:
        at = clock()
        with ports.store.reading() as tx:
            pickup = _under_way(tx, share_id, key, document, at)
        if pickup is None or (number != end and at - pickup.last_at < TOUCHED_AGAIN):
            return pickup is not None
        with ports.store.transaction(row.dossier) as tx:
            pickup = _under_way(tx, share_id, key, document, at)
            if pickup is not None:
                tx.touch_pickup(share_id, key, at, finished=number == last and _is_last(tx, entry))
        return pickup is not None

    return stretch(ports, row, digest, start, length, still)


def _under_way(tx: Transaction, share_id: str, key: bytes, document: str, now: datetime) -> Pickup | None:
    """The pick-up, where the document may still be fetched by it."""
    if not _stored(tx.document(document)) or not _goes_on(tx, share_id, key, now):
        return None
    return tx.pickup(share_id, key)


def _entries(tx: Transaction, share_id: str) -> list[Entry]:
    """The share's entries whose documents are still there: one that is being erased gives nothing any more."""
    return [entry for entry in tx.entries(share_id) if _stored(tx.document(entry.document))]


def _stored(document: Document | None) -> bool:
    return document is not None and document.state is DocumentState.STORED


def _is_last(tx: Transaction, entry: Entry) -> bool:
    return entry.position == max(other.position for other in tx.entries(entry.share))


def _possessed(tx: Transaction, share_id: str, proofs: Proofs) -> Share | None:
    share = tx.share(share_id)
    digest = hashlib.sha256(proofs.possess).digest()
    if share is None or not hmac.compare_digest(share.possess, digest):
        return None
    return share


def _may_look(tx: Transaction, share: Share, name: bytes | None, now: datetime) -> bool:
    """An open share with a pick-up left, or a pick-up of that name which is still under way."""
    if share.revoked_at is not None:
        return False
    if share.open_at(now) and not share.spent:
        return True
    return name is not None and _goes_on(tx, share.id, hashlib.sha256(name).digest(), now)


def _goes_on(tx: Transaction, share_id: str, key: bytes, now: datetime) -> bool:
    share, pickup = tx.share(share_id), tx.pickup(share_id, key)
    return share is not None and share.revoked_at is None and pickup is not None and pickup.live(now)


def _check_open(share: Share, proofs: Proofs, now: datetime) -> Refused | Throttled | None:
    """Judge the proof of opening; PASSPHRASE_WRONG is counted by `_attempt`."""
    if share.retry_at is not None and share.retry_at > now:
        return Throttled(max(1, round((share.retry_at - now).total_seconds())))
    if proofs.open is None:
        return UNAVAILABLE
    if hmac.compare_digest(share.open, hashlib.sha256(proofs.open).digest()):
        return None
    return UNAVAILABLE if share.mode == PLAIN else PASSPHRASE_WRONG


def _attempt(
    ports: Ports, share_id: str, proofs: Proofs, name: bytes | None, work: Callable[[Transaction], T], now: datetime
) -> T:
    """`work`, which only reads; where a passphrase is judged, in one unit of work that also counts.

    A wrong passphrase is one failure more, a right one clears them. Guesses that come at once are judged one after
    another, each by what the others were counted. Only a holder of the link gets as far as this counter; it never
    closes a link for good.
    """
    with ports.store.reading() as tx:
        share = _possessed(tx, share_id, proofs)
        if share is None or not _guessing(tx, share, proofs, name, now):
            return work(tx)
    with ports.store.transaction(share.dossier) as tx:
        answer = work(tx)
        share = tx.share(share_id)
        if share is not None and answer is PASSPHRASE_WRONG:
            failures = share.failures + 1
            wait = wait_after(failures)
            tx.set_attempts(share_id, failures, now + wait if wait else None)
            note(tx, share.dossier, "passphrase_wrong", LINK, now, share=share_id)
        elif share is not None and share.failures and isinstance(answer, tuple):
            tx.set_attempts(share_id, 0, None)
        return answer


def _guessing(tx: Transaction, share: Share, proofs: Proofs, name: bytes | None, now: datetime) -> bool:
    """Whether the answer tells a right passphrase from a wrong one to somebody who has not given it before.

    Nobody else knows the name of a pick-up that is under way, so with it and a right passphrase nothing is guessed.
    """
    if share.mode == PLAIN or proofs.open is None:
        return False
    known = name is not None and _goes_on(tx, share.id, hashlib.sha256(name).digest(), now)
    return not known or share.failures > 0 or _check_open(share, proofs, now) is not None


def _unseal(ports: Ports, share_id: str, name: str, sealed: Sequence[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """Open the share's layer, then each document's own; a document that was erased is left out."""
    rows = [entry_row(share_id, document) for document, _ in sealed]
    outer = ports.keystore.unseal_many(
        [(subject_of(share_id), name, row, box) for row, (_, box) in zip(rows, sealed, strict=True)]
    )
    inner = [
        (deposit.subject_of(document), name, row, box)
        for row, (document, _), box in zip(rows, sealed, outer, strict=True)
    ]
    try:
        plain = ports.keystore.unseal_many(inner)
    except ShreddedError:
        return _unseal_each(ports, inner)
    return [(document, value) for (document, _), value in zip(sealed, plain, strict=True)]


def _unseal_each(ports: Ports, inner: Sequence[tuple[Subject, str, str, bytes]]) -> list[tuple[str, bytes]]:
    opened = []
    for subject, name, row, box in inner:
        try:
            opened.append((subject.id, ports.keystore.unseal(subject, name, row, box)))
        except ShreddedError:
            continue
    return opened
