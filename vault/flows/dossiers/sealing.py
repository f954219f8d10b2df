"""The sealed parts of a dossier: the texts of its records and the wraps of its identity, under its shred key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from vault.domain.dossiers import RecordRow, RecordState, WrapRow
from vault.flows.context import Caller, Ports, restore
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
    if symmetric is None:
        return None
    return ports.keystore.seal(subject_of(dossier), "wrap.symmetric", wrap_row(dossier, epoch, member), symmetric)


def wrap_row(dossier: str, epoch: int, member: str) -> str:
    """The row id a wrap is sealed under."""
    return f"{dossier}/{epoch}/{member}"


def put_symmetric(ports: Ports, caller: Caller, items: Sequence[tuple[str, int, bytes]]) -> int:
    """Store the caller's own symmetric wraps (dossier, epoch, wrap); how many belonged to one of her wraps."""
    updated = 0
    for dossier, epoch, symmetric in items:
        with ports.store.reading() as tx:
            if tx.wrap(dossier, epoch, caller.member) is None:
                continue
        sealed = _seal_symmetric(ports, dossier, epoch, caller.member, symmetric)
        assert sealed is not None
        with ports.store.transaction(dossier) as tx:
            updated += tx.set_symmetric(dossier, epoch, caller.member, sealed)
    return updated
