"""Deposits a whole document in one request and four units of work.

1. Read the caller, her access to the dossier, and the roster and head for checking her record: one snapshot.
2. Make the document's key, and seal head and metadata under it.
3. Add its row, `depositing`; then put its object.
4. Add the segment's row; the document becomes `pending`, or `stored` with an index that lists it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from vault.domain.dossiers import DEPOSIT_LEASE, DocumentState, SegmentRow, object_name
from vault.errors import VaultError
from vault.flows.answers import NOT_FOUND, Stale, decide
from vault.flows.context import Caller, Ports, held, rosters
from vault.flows.documents import deposit
from vault.flows.documents.deposit import Begun, Judged, NewDocument
from vault.flows.dossiers.indexing import Advanced, advance, newest_head
from vault.flows.erasures.rowless import check_kept
from vault.flows.people.signing_in import live_session, touch
from vault.ports.errors import DigestMismatchError, TombstonedError
from vault.ports.objects import Source
from vault.ports.store import Transaction
from vault.records.envelope import Envelope
from vault.records.types.document import Document
from vault.rules.deposits import is_body
from vault.rules.rights import Heads, check_new
from vault.rules.verdict import Refused


class Body(Source, Protocol):
    """A complete body."""

    def __len__(self) -> int: ...
    def digest(self) -> bytes:
        """SHA-256 of the whole body."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """The depositor and the dossier; `judged` and `heads` are None if she does not hold it."""

    caller: Caller
    dossier: str
    judged: Judged | None
    heads: Heads | None


@dataclass(frozen=True, slots=True)
class _Part:
    """What the last unit of work completes: the deposit, its one segment, and what is sealed of it for its epoch."""

    begun: Begun
    segment: SegmentRow
    sealed: tuple[bytes, bytes] | None
    epoch: int


@dataclass(frozen=True, slots=True)
class Deposited:
    """A document and its state; `advanced` is the index sent with it, once it is in force."""

    document: str
    state: DocumentState
    repeated: bool
    advanced: Advanced | None = None


def admit(ports: Ports, token: str, dossier: str, now: datetime) -> Admitted | Refused:
    """Read the access before the body: refuse without a session; other refusals follow after the body."""
    with ports.store.reading() as tx:
        session = live_session(ports, tx, token, now)
        if session is None:
            return Refused("sign_in")
        caller, judged, heads = Caller(session.member, session.token), None, None
        if row := held(tx, caller, dossier):
            judged, heads = Judged(rosters(tx), row.head), newest_head(tx, row)
    touch(ports, session, now)
    return Admitted(caller, dossier, judged, heads)


def deposit_whole(
    ports: Ports, admitted: Admitted, new: NewDocument, body: Body, index: Envelope | None, now: datetime
) -> Deposited | Stale | Refused:
    """Begin, store and complete a deposit; a body other than the signed one begins nothing.

    An interrupted earlier try may have done a step already. If the index is refused, the document stays `pending`, and
    a later index may list it. The object store needs the segment's digest before the first byte, and the record signs
    only a digest of it: so the whole body is in memory until here.
    """
    document, digest = deposit.read_new(new), body.digest()
    if len(body) != document.size or isinstance(is_body(document, [digest]), Refused):
        raise DigestMismatchError("the body is not the one that was signed")
    answer = _begin(ports, admitted, new, document, now)
    if isinstance(answer, Refused):
        return answer
    begun, sealed = answer
    segment = SegmentRow(document.id, 0, document.size, digest)
    if begun.state is DocumentState.DEPOSITING:
        try:
            if sealed is None:  # its record would be refused today, and it may have been begun under another identity
                _, sealed = deposit.seal_new(ports, document, new)
            name = object_name(admitted.dossier, document.id, 0)
            deposit.store_segment(ports, name, body, document.size, digest, fresh=not begun.repeated)
        except VaultError:
            deposit.abandon(ports, admitted.caller, document.id)
            raise
    return _finish(ports, admitted, _Part(begun, segment, sealed, new.epoch), index, now)


def _begin(
    ports: Ports, admitted: Admitted, new: NewDocument, document: Document, now: datetime
) -> tuple[Begun, tuple[bytes, bytes] | None] | Refused:
    """Begin, or resume an earlier try; with head and metadata as they were sealed now."""
    caller, dossier, judged = admitted.caller, admitted.dossier, admitted.judged
    if judged is None or admitted.heads is None:
        return NOT_FOUND

    def check(tx: Transaction) -> Begun | Refused | None:
        return deposit.may_begin(tx, caller, dossier, new.envelope, document, judged)

    try:
        check_new(new.envelope, judged.rosters, admitted.heads)
        made, sealed = deposit.seal_new(ports, document, new)
    except (VaultError, TombstonedError):
        # A repetition gets its first answer, even if the record would be refused today.
        with ports.store.reading() as tx:
            there = None if tx.document(document.id) is None else check(tx)
        if there is None:
            raise
        return there if isinstance(there, Refused) else (there, None)

    def work(tx: Transaction) -> Begun | Refused:
        there = check(tx)
        if there is None:
            check_kept(ports, deposit.subject_of(document.id), new=made)
            return deposit.add_new(tx, dossier, new.envelope, document, sealed, now)
        if isinstance(there, Begun) and there.state is DocumentState.DEPOSITING:
            tx.lease_document(document.id, now + DEPOSIT_LEASE)
        return there

    begun = decide(ports.store, work, dossier)
    return begun if isinstance(begun, Refused) else (begun, sealed)


def _finish(
    ports: Ports, admitted: Admitted, part: _Part, index: Envelope | None, now: datetime
) -> Deposited | Stale | Refused:
    """Complete the document: `pending`, or `stored` with the index that lists it.

    Where the dossier has another identity now, it goes on once head and metadata come under that one.
    """
    begun = part.begun

    def pend(tx: Transaction) -> DocumentState | Refused:
        there = deposit.with_dossier(tx, admitted.caller, begun.document)
        if there is None:  # the lease expired during the put, and the deposit was removed
            return NOT_FOUND
        row, dossier = there
        if row.state is not DocumentState.DEPOSITING:
            return row.state
        if dossier.epoch != part.epoch:
            return Refused("epoch_stale")
        if begun.repeated and part.sealed is not None:
            tx.complete_document(row.id, record=row.record, head=part.sealed[0], metadata=part.sealed[1])
        tx.add_segment(part.segment)
        tx.end_lease(begun.document, row.created_at)
        tx.set_document_state([begun.document], DocumentState.PENDING)
        return DocumentState.PENDING

    def done(tx: Transaction) -> Deposited | Refused:
        state = pend(tx)
        return state if isinstance(state, Refused) else Deposited(begun.document, state, begun.repeated)

    if index is None:
        return decide(ports.store, done, admitted.dossier)
    return _with_index(ports, admitted, index, done, now)


def _with_index(
    ports: Ports, admitted: Admitted, index: Envelope, done: Callable[[Transaction], Deposited | Refused], now: datetime
) -> Deposited | Stale | Refused:
    def work(tx: Transaction) -> Deposited | Stale | Refused:
        deposited, row = done(tx), held(tx, admitted.caller, admitted.dossier)
        if isinstance(deposited, Refused):
            return deposited
        assert row is not None, "whose document she holds, she holds it"
        advanced = advance(tx, admitted.caller, row, index, now)
        if not isinstance(advanced, Advanced):
            return advanced
        there = tx.document(deposited.document)
        assert there is not None, "it was there in this unit of work"
        return replace(deposited, state=there.state, advanced=advanced)

    try:
        answer = decide(ports.store, work, admitted.dossier)
    except VaultError:
        decide(ports.store, done, admitted.dossier)
        raise
    if not isinstance(answer, Deposited):  # only this unit of work is rolled back; the document stays
        decide(ports.store, done, admitted.dossier)
    return answer
