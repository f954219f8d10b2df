"""The next head of a dossier with the index that stands under it: who holds it from now on, and by which identity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from vault.domain.dossiers import DossierRow, RecordState, StagedRow
from vault.flows.answers import NOT_FOUND, Stale, decide
from vault.flows.audit.auditing import note
from vault.flows.context import Caller, Ports, held, rosters
from vault.flows.dossiers import staging
from vault.flows.dossiers.indexing import Advanced, advance, as_row, index_envelope, newest_head
from vault.flows.dossiers.sealing import NewWrap, seal_wraps
from vault.flows.dossiers.staging import Rewrapped
from vault.flows.new_records import check_seen
from vault.ports.store import Transaction
from vault.records.encoding import RecordError
from vault.records.envelope import Envelope
from vault.records.types.dossier import Dossier
from vault.rules.rights import check_current
from vault.rules.verdict import Refused


@dataclass(frozen=True, slots=True)
class NewHead:
    """The next head, with its wraps and the first index under it.

    `items` are what a new identity opens, as far as it was not staged before; there are none under the same identity.
    """

    envelope: Envelope
    wraps: tuple[NewWrap, ...]
    index: Envelope
    items: tuple[Rewrapped, ...] = ()


def take_next(ports: Ports, caller: Caller, dossier: str, new: NewHead, now: datetime) -> Advanced | Stale | Refused:
    """Accept the next head with the first index under it: all that belongs to it, or nothing.

    Under the same identity a wrap comes for everybody new; whoever lost the dossier by it has left the practice: her
    wrap opens what she could open before, and no session of hers reaches it. A new identity comes with a wrap for every
    grantee and with all that it opens. Repeating it gives the same answer. Raises RecordError, RosterError,
    SignatureError.
    """
    head = Dossier.read(new.envelope)
    rows = seal_wraps(ports, dossier, head.epoch, new.wraps)
    staged = staging.seal(ports, dossier, staging.identity_of(head.recipient), new.items, now)

    def work(tx: Transaction) -> Advanced | Stale | Refused:
        row = held(tx, caller, dossier)
        if row is None:
            return NOT_FOUND
        if row.head == head.hash:
            return advance(tx, caller, row, new.index, now)
        if refused := _refusal(tx, caller, row, new, head) or _renewed(tx, row, head, staged):
            return refused
        tx.add_record(as_row(new.envelope, dossier, RecordState.CURRENT, None, now))
        tx.put_wraps(rows)
        tx.clear_labels(dossier)
        note(tx, dossier, "dossier_handed_over", caller.member, now, head=head.hash)
        after = replace(row, version=head.version, epoch=head.epoch, head=head.hash)
        return advance(tx, caller, after, new.index, now)

    return decide(ports.store, work, dossier)


def _refusal(tx: Transaction, caller: Caller, row: DossierRow, new: NewHead, head: Dossier) -> Stale | Refused | None:
    known = rosters(tx)
    check_current(new.envelope, known)
    check_seen(tx, new.envelope)
    if head.previous != row.head:
        return Stale(index_envelope(tx, row))
    before = newest_head(tx, row)
    before.append(new.envelope, known)
    if head.signer != caller.member:
        return Refused("not_allowed")
    if head.index != row.index:
        return Stale(index_envelope(tx, row))
    wrapped = head.members if head.epoch != row.epoch else head.members - before.newest.members
    if sorted(wrap.member for wrap in new.wraps) != sorted(wrapped):
        raise RecordError("there must be one wrap for every grantee who is new, and for each under a new identity")
    return None


def _renewed(tx: Transaction, row: DossierRow, head: Dossier, staged: Sequence[StagedRow] | Refused) -> Refused | None:
    """Put what a new identity opens in its place; refused where it is not all of it, or where there is no new one."""
    if head.epoch != row.epoch:
        return staging.switch(tx, row, head.epoch, staging.identity_of(head.recipient), staged)
    return None if staged == [] else Refused("conflict")
