"""Opens a dossier: head, wraps, first records and first index, atomically."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from vault.domain.dossiers import DossierRow, RecordState
from vault.flows.answers import decide
from vault.flows.audit.auditing import note
from vault.flows.context import Caller, Ports, rosters
from vault.flows.dossiers.adding import check_end
from vault.flows.dossiers.closing import set_clock
from vault.flows.dossiers.indexing import as_row, keep_index
from vault.flows.dossiers.sealing import NewRecord, NewWrap, check_text, seal_wraps, sealed_row, subject_of
from vault.flows.erasures.rowless import check_kept
from vault.flows.new_records import check_seen
from vault.flows.people.rosters import newest_policy
from vault.ports.store import Transaction
from vault.records.envelope import Envelope
from vault.records.types.dossier import Dossier
from vault.records.types.index import Index
from vault.rules.first_records import check_beginning
from vault.rules.verdict import Refused


@dataclass(frozen=True, slots=True)
class NewDossier:
    """The first state of a dossier."""

    head: Envelope
    wraps: tuple[NewWrap, ...]
    records: tuple[NewRecord, ...]
    index: Envelope


@dataclass(frozen=True, slots=True)
class Opened:
    """The dossier; `repeated` when the same record opened it before."""

    dossier: str
    repeated: bool


def open_dossier(ports: Ports, caller: Caller, new: NewDossier, now: datetime) -> Opened | Refused:
    """Make a dossier, atomically. Repeating it gives the first answer.

    Raises RecordError, RosterError, SignatureError; ConflictError when the id is taken; TombstonedError when it was
    destroyed.
    """
    head = Dossier.read(new.head)

    def check(tx: Transaction) -> Opened | Refused | None:
        if tx.dossier(head.id) is not None:
            return Opened(head.id, repeated=True) if tx.record(head.hash) is not None else Refused("conflict")
        return _check_new(tx, caller, new, now)

    with ports.store.reading() as tx:
        answer = check(tx)
    if answer is not None:
        return answer
    made = ports.keystore.create([subject_of(head.id)])
    wraps = seal_wraps(ports, head.id, head.epoch, new.wraps)
    rows = [sealed_row(ports, head.id, record, RecordState.CURRENT, now) for record in new.records]
    index = Index.read(new.index)

    def work(tx: Transaction) -> Opened | Refused:
        if again := check(tx):
            return again
        check_kept(ports, subject_of(head.id), new=made)
        row = DossierRow(head.id, head.kind, head.version, head.epoch, head.hash, index.sequence, index.hash, now)
        tx.add_dossier(row)
        for record in (*rows, as_row(new.head, head.id, RecordState.CURRENT, None, now)):
            tx.add_record(record)
        keep_index(tx, new.index)
        tx.put_wraps(wraps)
        set_clock(tx, row)
        note(tx, head.id, "dossier_opened", caller.member, now)
        return Opened(head.id, repeated=False)

    return decide(ports.store, work, head.id)


def _check_new(tx: Transaction, caller: Caller, new: NewDossier, now: datetime) -> Refused | None:
    check_beginning(
        new.head,
        [wrap.member for wrap in new.wraps],
        [record.envelope for record in new.records],
        new.index,
        rosters=rosters(tx),
        policy=newest_policy(tx),
    )
    for envelope in (new.head, new.index, *(record.envelope for record in new.records)):
        check_seen(tx, envelope)
    if new.head.signer != caller.member:
        return Refused("not_allowed")
    for record in new.records:
        check_text(record)
        if refused := check_end(record.envelope, now):
            return refused
    return None
