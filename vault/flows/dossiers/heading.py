"""The next head of a dossier with the index that stands under it: who holds it, after somebody came or left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from vault.domain.dossiers import DossierRow, RecordState
from vault.flows.answers import NOT_FOUND, Stale, decide
from vault.flows.audit.auditing import note
from vault.flows.context import Caller, Ports, held, rosters
from vault.flows.dossiers.indexing import Advanced, advance, as_row, index_envelope, newest_head
from vault.flows.dossiers.sealing import NewWrap, seal_wraps
from vault.flows.new_records import check_seen
from vault.ports.store import Transaction
from vault.records.encoding import RecordError
from vault.records.envelope import Envelope
from vault.records.types.dossier import Dossier
from vault.rules.rights import check_current
from vault.rules.verdict import Refused


def take_over(
    ports: Ports,
    caller: Caller,
    dossier: str,
    head: Envelope,
    wraps: Sequence[NewWrap],
    index: Envelope,
    now: datetime,
) -> Advanced | Stale | Refused:
    """Accept the next head, under the same identity, with a wrap for everybody new and the first index under it.

    Both or neither; repeating it gives the same answer. Who lost the dossier by it has left the practice: her wrap
    opens what she could open before, and no session of hers reaches it. Raises RecordError, RosterError,
    SignatureError.
    """
    new = Dossier.read(head)
    rows = seal_wraps(ports, dossier, new.epoch, wraps)

    def work(tx: Transaction) -> Advanced | Stale | Refused:
        row = held(tx, caller, dossier)
        if row is None:
            return NOT_FOUND
        if row.head == new.hash:
            return advance(tx, caller, row, index, now)
        if refused := _refusal(tx, caller, row, head, wraps):
            return refused
        tx.add_record(as_row(head, dossier, RecordState.CURRENT, None, now))
        tx.put_wraps(rows)
        tx.clear_labels(dossier)
        note(tx, dossier, "dossier_handed_over", caller.member, now, head=new.hash)
        return advance(tx, caller, replace(row, version=new.version, head=new.hash), index, now)

    return decide(ports.store, work, dossier)


def _refusal(
    tx: Transaction, caller: Caller, row: DossierRow, head: Envelope, wraps: Sequence[NewWrap]
) -> Stale | Refused | None:
    known, new = rosters(tx), Dossier.read(head)
    check_current(head, known)
    check_seen(tx, head)
    if new.previous != row.head:
        return Stale(index_envelope(tx, row))
    before = newest_head(tx, row)
    before.append(head, known)
    if new.signer != caller.member or new.epoch != row.epoch:
        return Refused("not_allowed")
    if new.index != row.index:
        return Stale(index_envelope(tx, row))
    if sorted(wrap.member for wrap in wraps) != sorted(new.members - before.newest.members):
        raise RecordError("there must be one wrap for every grantee who is new")
    return None
