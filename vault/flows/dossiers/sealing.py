"""The sealed parts of a dossier: the texts of its records and the wraps of its identity, under its shred key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from vault.domain.dossiers import RecordRow, RecordState, WrapRow
from vault.flows.context import Caller, Ports, held, restore
from vault.flows.dossiers.indexing import as_row
from vault.ports.keystore import Subject, SubjectKind
from vault.records.encoding import RecordError
from vault.records.envelope import Envelope

MAX_TEXT = 16_384 + 64


@dataclass(frozen=True, slots=True)
class NewWrap:
    """A grantee's wrap; the member who opens the dossier may add her own symmetric one."""

    member: str
    wrap: bytes
    symmetric: bytes | None = None


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A signed record and its encrypted text, if its type has one."""

    envelope: Envelope
    text: bytes | None = None


def subject_of(dossier: str) -> Subject:
    """The dossier's subject."""
    return Subject(SubjectKind.DOSSIER, dossier)


def check_text(record: NewRecord) -> None:
    """Raise RecordError unless text and record belong together and the text is not too large."""
    wanted = "text" in record.envelope.fields
    if wanted != (record.text is not None):
        raise RecordError("a record comes with the text it speaks of, and with none otherwise")
    if record.text is not None and len(record.text) > MAX_TEXT:
        raise RecordError(f"a text may have {MAX_TEXT} bytes")


def sealed_row(ports: Ports, dossier: str, record: NewRecord, state: RecordState, now: datetime) -> RecordRow:
    """A record as a row, its text sealed."""
    text = record.text
    if text is not None:
        text = ports.keystore.seal(subject_of(dossier), "record.text", record.envelope.hash, text)
    return as_row(record.envelope, dossier, state, text, now)


def envelope_of(row: RecordRow) -> Envelope:
    """The envelope of a stored record."""
    return restore(row.kind, row.record, row.signatures)


def seal_wraps(ports: Ports, dossier: str, epoch: int, wraps: Sequence[NewWrap]) -> list[WrapRow]:
    """The wraps of one epoch as rows, sealed in one call."""
    subject = subject_of(dossier)
    sealed = ports.keystore.seal_many(
        [(subject, "wrap.wrap", wrap_row(dossier, epoch, wrap.member), wrap.wrap) for wrap in wraps]
    )
    return [
        WrapRow(dossier, epoch, wrap.member, box, _seal_symmetric(ports, dossier, epoch, wrap.member, wrap.symmetric))
        for wrap, box in zip(wraps, sealed, strict=True)
    ]


def _seal_symmetric(ports: Ports, dossier: str, epoch: int, member: str, symmetric: bytes | None) -> bytes | None:
    return None if symmetric is None else _seal_own(ports, "wrap.symmetric", dossier, epoch, member, symmetric)


def _seal_own(ports: Ports, field: str, dossier: str, epoch: int, member: str, own: bytes) -> bytes:
    return ports.keystore.seal(subject_of(dossier), field, wrap_row(dossier, epoch, member), own)


def wrap_row(dossier: str, epoch: int, member: str) -> str:
    """The row id a wrap is sealed under."""
    return f"{dossier}/{epoch}/{member}"


@dataclass(frozen=True, slots=True)
class OwnWrap:
    """What a member's device made of her wrap of a dossier: the symmetric one, a label for her lists, or both.

    A label is of what the dossier was under `index`; when that is no more the newest, it is not kept.
    """

    dossier: str
    epoch: int
    symmetric: bytes | None
    label: bytes | None
    index: str | None


def put_own(ports: Ports, caller: Caller, items: Sequence[OwnWrap]) -> int:
    """Store the caller's own symmetric wraps and labels; how many belonged to one of her wraps."""
    updated = 0
    for own in items:
        with ports.store.reading() as tx:
            if held(tx, caller, own.dossier) is None or tx.wrap(own.dossier, own.epoch, caller.member) is None:
                continue
        place = (own.dossier, own.epoch, caller.member)
        symmetric = _seal_symmetric(ports, *place, own.symmetric)
        label = None if own.label is None else _seal_own(ports, "wrap.label", *place, own.label)
        with ports.store.transaction(own.dossier) as tx:
            row = tx.dossier(own.dossier)
            stored = symmetric is not None and tx.set_symmetric(*place, symmetric)
            if label is not None and row is not None and row.index == own.index:
                stored |= tx.set_label(*place, label)
        updated += stored
    return updated
