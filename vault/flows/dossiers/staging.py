"""New keys of a dossier: what they open is laid by, then put in its place with the head that states them.

Bodies stay as they are. What is sealed here is sealed as it will be in its place, so that nothing but rows moves then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from vault.domain.dossiers import ABANDONED_AFTER, DossierRow, StagedKind, StagedRow
from vault.flows.answers import NOT_FOUND, decide
from vault.flows.context import Caller, Ports, held, rosters
from vault.flows.documents import deposit
from vault.flows.documents.deposit import MAX_HEAD, MAX_METADATA
from vault.flows.dossiers.sealing import MAX_TEXT, subject_of
from vault.ports.errors import ShreddedError
from vault.ports.keystore import Subject
from vault.ports.store import Transaction
from vault.records.encoding import RecordError
from vault.records.types.roster import recipient_hash
from vault.rules.verdict import Refused

INCOMPLETE = Refused("epoch_incomplete")


@dataclass(frozen=True, slots=True)
class Rewrapped:
    """A document's head and metadata, or a record's text, under the next identity; None: it stays as it is."""

    kind: StagedKind
    subject: str
    head: bytes | None
    content: bytes | None


def identity_of(recipient: str) -> str:
    """What an identity is called while something is staged under it."""
    return recipient_hash(recipient)


def stage(
    ports: Ports, caller: Caller, dossier: str, epoch: int, identity: str, items: Sequence[Rewrapped], now: datetime
) -> int | Refused:
    """Lay by what the next identity opens; repeatable, and without effect until a head states that identity.

    How much was laid by. Raises RecordError for what is too large.
    """
    rows = seal(ports, dossier, identity, items, now)

    def work(tx: Transaction) -> int | Refused:
        row = held(tx, caller, dossier)
        if row is None:
            return NOT_FOUND
        if caller.member not in rosters(tx).newest.directors:
            return Refused("not_allowed")
        if epoch != row.epoch + 1:
            return Refused("epoch_stale")
        if isinstance(rows, Refused):
            return rows
        tx.stage(rows)
        return len(rows)

    return decide(ports.store, work, dossier)


def seal(
    ports: Ports, dossier: str, identity: str, items: Sequence[Rewrapped], now: datetime
) -> list[StagedRow] | Refused:
    """The rows, each part sealed by its own subject; refused where a key of them is gone: it was erased meanwhile."""
    boxes: list[tuple[Subject, str, str, bytes]] = []
    for item in items:
        boxes += _boxes(dossier, item)
    try:
        sealed = iter(ports.keystore.seal_many(boxes))
    except ShreddedError:
        return INCOMPLETE
    return [
        StagedRow(
            dossier,
            identity,
            item.kind,
            item.subject,
            None if item.head is None else next(sealed),
            None if item.content is None else next(sealed),
            now,
        )
        for item in items
    ]


def _boxes(dossier: str, item: Rewrapped) -> list[tuple[Subject, str, str, bytes]]:
    """What is to be sealed of it; raises RecordError for half of a document, and for what is too large."""
    if item.kind is StagedKind.RECORD:
        parts = [(subject_of(dossier), "record.text", item.content, MAX_TEXT)]
    else:
        keeper = deposit.subject_of(item.subject)
        head, metadata = (item.head, MAX_HEAD), (item.content, MAX_METADATA)
        parts = [(keeper, "document.head", *head), (keeper, "document.metadata", *metadata)]
        if (item.head is None) != (item.content is None):
            raise RecordError("a document's head and metadata come together")
    if any(value is not None and len(value) > most for *_, value, most in parts):
        raise RecordError("a head, metadata or a text is too large")
    return [(keeper, field, item.subject, value) for keeper, field, value, _ in parts if value is not None]


def switch(
    tx: Transaction, row: DossierRow, epoch: int, identity: str, rows: Sequence[StagedRow] | Refused
) -> Refused | None:
    """Put all that is staged under that identity in its place; refused where anything of the dossier is missing."""
    if isinstance(rows, Refused):
        return rows
    tx.stage(rows)
    if tx.unstaged(row.id, identity):
        return INCOMPLETE
    tx.take_staged(row.id, identity)
    tx.drop_wraps(row.id, before=epoch)
    return None


def forget_staged(ports: Ports, now: datetime, limit: int = 500) -> None:
    """Forget what was laid by a day ago, and taken by no head."""
    before = now - ABANDONED_AFTER
    with ports.store.reading() as tx:
        dossiers = tx.staged_dossiers(before, limit)
    for dossier in dossiers:
        with ports.store.transaction(dossier) as tx:
            tx.forget_staged(dossier, before)
