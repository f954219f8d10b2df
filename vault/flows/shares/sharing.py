"""Making, listing and ending shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from vault.domain.dossiers import DocumentState, RecordState
from vault.domain.shares import EntryRow, PickupRow, ShareRow
from vault.flows.answers import NOT_FOUND, Stale, decide
from vault.flows.audit.auditing import note
from vault.flows.context import Caller, Ports, held
from vault.flows.damage import damage, record_of, whole
from vault.flows.documents import deposit
from vault.flows.dossiers import sealing
from vault.flows.dossiers.indexing import Advanced, advance, as_row, newest_head
from vault.flows.dossiers.sealing import MAX_TEXT
from vault.flows.erasures.rowless import check_kept
from vault.flows.new_records import check_record
from vault.flows.people.rosters import newest_policy
from vault.ports.errors import DamagedKeyError, ShreddedError
from vault.ports.keystore import Subject, SubjectKind
from vault.ports.store import Transaction
from vault.records.encoding import RecordError
from vault.records.envelope import Envelope
from vault.records.types.share import Share
from vault.rules.sharing import may_share
from vault.rules.verdict import Refused

MAX_COVER = 65_536
MAX_SEALED = 65_536


@dataclass(frozen=True, slots=True)
class NewEntry:
    """One document for the link's holder: entry and capsule, encrypted under the link's keys."""

    document: str
    entry: bytes
    capsule: bytes


@dataclass(frozen=True, slots=True)
class NewShare:
    """A share's signed record with everything it releases, and the index that lists it."""

    envelope: Envelope
    text: bytes
    cover: bytes
    entries: tuple[NewEntry, ...]
    index: Envelope


@dataclass(frozen=True, slots=True)
class Shared:
    """The share is open by this index; `repeated` when it had been made before by the same record (and some index)."""

    share: str
    expires_at: datetime
    repeated: bool
    index: str | None = None


@dataclass(frozen=True, slots=True)
class ShareView:
    """A share as the members of its dossier see it; what is `damaged` of it is None."""

    share: ShareRow
    envelope: Envelope | None
    text: bytes | None
    state: str
    pickups: tuple[PickupRow, ...]
    damaged: tuple[str, ...] = ()


_Parts: TypeAlias = tuple[ShareRow, Envelope | None, bytes, tuple[PickupRow, ...]]


def subject_of(share: str) -> Subject:
    """The share's subject."""
    return Subject(SubjectKind.SHARE, share)


def state_of(share: ShareRow, now: datetime) -> str:
    """`revoked`, `expired`, `used_up` or `open`; what was shredded is over, whatever a clock says now."""
    if share.revoked_at is not None:
        return "revoked"
    if now >= share.expires_at:
        return "expired"
    if share.spent:
        return "used_up"
    return "open" if share.shredded_at is None else "expired"


def share(ports: Ports, caller: Caller, dossier: str, new: NewShare, now: datetime) -> Shared | Stale | Refused:
    """Make a share together with the index that lists it, atomically. Repeating it gives the first answer.

    Raises RecordError, RosterError, SignatureError; ShreddedError for a race with a document's erasure.
    """
    record = Share.read(new.envelope)
    _check_sizes(new)

    def check(tx: Transaction) -> Shared | Refused | None:
        if held(tx, caller, dossier) is None:
            return NOT_FOUND
        if there := tx.share(record.id):
            same = there.record == record.hash and there.dossier == dossier
            return Shared(there.id, there.expires_at, repeated=True) if same else Refused("conflict")
        return _refusal(tx, caller, dossier, new, record, now)

    with ports.store.reading() as tx:
        answer = check(tx)
    if answer is not None:
        return answer
    made = ports.keystore.create([subject_of(record.id)])
    text = ports.keystore.seal(sealing.subject_of(dossier), "record.text", record.hash, new.text)
    cover = ports.keystore.seal(subject_of(record.id), "share.cover", record.id, new.cover)
    row, entries = ShareRow.of(record, cover, now), _seal_entries(ports, record, new)

    def work(tx: Transaction) -> Shared | Stale | Refused:
        if again := check(tx):
            return again
        there = held(tx, caller, dossier)
        assert there is not None
        check_kept(ports, subject_of(record.id), new=made)
        tx.add_record(as_row(new.envelope, dossier, RecordState.PENDING, text, now))
        tx.add_share(row, entries)
        advanced = advance(tx, caller, there, new.index, now)
        if not isinstance(advanced, Advanced):
            return advanced
        listed = tx.record(record.hash)
        if listed is None or listed.state is not RecordState.CURRENT:
            return Refused("record_left_out")
        note(tx, dossier, "share_made", caller.member, now, share=record.id, kind=record.kind)
        return Shared(record.id, record.expires_at, repeated=False, index=advanced.index)

    return decide(ports.store, work, dossier)


def _check_sizes(new: NewShare) -> None:
    if len(new.cover) > MAX_COVER or len(new.text) > MAX_TEXT:
        raise RecordError("cover or text is too large")
    if any(len(entry.entry) > MAX_SEALED or len(entry.capsule) > MAX_SEALED * 2 for entry in new.entries):
        raise RecordError("an entry or capsule is too large")


def _refusal(
    tx: Transaction, caller: Caller, dossier: str, new: NewShare, record: Share, now: datetime
) -> Refused | None:
    row = held(tx, caller, dossier)
    assert row is not None
    check_record(tx, new.envelope, newest_head(tx, row))
    if record.dossier != dossier or record.signer != caller.member:
        return Refused("not_allowed")
    if [entry.document for entry in new.entries] != [shared.id for shared in record.documents]:
        return Refused("conflict")
    verdict = may_share(record, newest_policy(tx), now)
    return verdict if isinstance(verdict, Refused) else _refused_documents(tx, record)


def _refused_documents(tx: Transaction, record: Share) -> Refused | None:
    for shared in record.documents:
        document = tx.document(shared.id)
        if document is None or document.dossier != record.dossier or document.record != shared.hash:
            return NOT_FOUND
        if document.state is not DocumentState.STORED:
            return Refused("state")
    return None


def entry_row(share_id: str, document: str) -> str:
    """The row id an entry and its capsule are sealed under."""
    return f"{share_id}/{document}"


def _seal_entries(ports: Ports, record: Share, new: NewShare) -> list[EntryRow]:
    """Sealed by the document's subject, then by the share's: shredding either key destroys them."""
    rows = {entry.document: entry_row(record.id, entry.document) for entry in new.entries}
    plain = [
        (entry.document, name, value)
        for entry in new.entries
        for name, value in (("entry.entry", entry.entry), ("entry.capsule", entry.capsule))
    ]
    inner = ports.keystore.seal_many(
        [(deposit.subject_of(document), name, rows[document], value) for document, name, value in plain]
    )
    outer = ports.keystore.seal_many(
        [
            (subject_of(record.id), name, rows[document], value)
            for (document, name, _), value in zip(plain, inner, strict=True)
        ]
    )
    return [
        EntryRow(record.id, shared.id, position, outer[2 * position], outer[2 * position + 1])
        for position, shared in enumerate(record.documents)
    ]


def shares(
    ports: Ports, caller: Caller, dossier: str, after: str, limit: int, now: datetime
) -> list[ShareView] | Refused:
    """The shares of a dossier with every pick-up, by id."""
    with ports.store.reading() as tx:
        if held(tx, caller, dossier) is None:
            return NOT_FOUND
        rows = tx.shares(dossier, after=after, limit=limit)
        parts = [_parts(tx, row) for row in rows]
    return _views(ports, parts, now)


def one(ports: Ports, caller: Caller, share_id: str, now: datetime) -> ShareView | Refused:
    """One share."""
    with ports.store.reading() as tx:
        row = tx.share(share_id)
        if row is None or held(tx, caller, row.dossier) is None:
            return NOT_FOUND
        parts = _parts(tx, row)
    return _views(ports, [parts], now)[0]


def _parts(tx: Transaction, row: ShareRow) -> _Parts:
    record = tx.record(row.record)
    assert record is not None
    assert record.text is not None
    return row, record_of(record), record.text, tuple(tx.pickups(row.id))


def _views(ports: Ports, parts: Sequence[_Parts], now: datetime) -> list[ShareView]:
    """The text is sealed under the dossier's key, and stays when the share's own is destroyed.

    A share that is over has lost its key rightly; one that is open and has none is damaged.
    """
    texts = [([(sealing.subject_of(row.dossier), "record.text", row.record)], sealed) for row, _, sealed, _ in parts]
    covers = [([(subject_of(row.id), "share.cover", row.id)], row.cover) for row, *_ in parts]
    opened = ports.keystore.unseal_each([*texts, *covers])
    views = []
    for number, (row, envelope, _, pickups) in enumerate(parts):
        text, cover, state = opened[number], opened[len(parts) + number], state_of(row, now)
        keyless = state == "open" and isinstance(cover, ShreddedError | DamagedKeyError)
        shown = cover if keyless else text
        views.append(ShareView(row, envelope, whole(shown), state, pickups, damage(envelope, {"text": shown})))
    return views


def revoke(ports: Ports, caller: Caller, share_id: str, now: datetime) -> Refused | None:
    """End a share at once, and pick-ups under way at their next segment; repeatable."""
    with ports.store.reading() as tx:
        row = tx.share(share_id)
    if row is None:
        return NOT_FOUND
    dossier = row.dossier

    def work(tx: Transaction) -> Refused | None:
        if held(tx, caller, dossier) is None:
            return NOT_FOUND
        if tx.revoke_share(share_id, now):
            note(tx, dossier, "share_revoked", caller.member, now, share=share_id)
        return None

    return decide(ports.store, work, dossier)
