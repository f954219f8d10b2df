"""A dossier as the server keeps it: head, wraps, records, documents and their states."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from vault.domain.transitions import Transitions
from vault.rules.terms import CLOCK_SLACK

DEPOSIT_LEASE = timedelta(hours=1)
ABANDONED_AFTER = timedelta(days=1)


class RecordState(StrEnum):
    """`pending` until an index lists it, `current` while the newest index does, `retired` after that."""

    PENDING = "pending"
    CURRENT = "current"
    RETIRED = "retired"


RECORD_TRANSITIONS: Transitions[RecordState] = frozenset(
    {
        (RecordState.PENDING, RecordState.CURRENT),
        (RecordState.CURRENT, RecordState.RETIRED),
    }
)


class DocumentState(StrEnum):
    """`depositing`: its body is still coming; `pending`: whole, in no index yet; `stored`: listed; `removed`: gone."""

    DEPOSITING = "depositing"
    PENDING = "pending"
    STORED = "stored"
    REMOVED = "removed"


DOCUMENT_TRANSITIONS: Transitions[DocumentState] = frozenset(
    {
        (DocumentState.DEPOSITING, DocumentState.PENDING),
        (DocumentState.PENDING, DocumentState.STORED),
        (DocumentState.DEPOSITING, DocumentState.REMOVED),
        (DocumentState.PENDING, DocumentState.REMOVED),
        (DocumentState.STORED, DocumentState.REMOVED),
    }
)


@dataclass(frozen=True, slots=True)
class DossierRow:
    """The newest state of one dossier; `version`, `epoch`, `head` mirror its newest dossier record."""

    id: str
    kind: str
    version: int
    epoch: int
    head: str
    sequence: int
    index: str
    created_at: datetime
    destroy_on: datetime | None = None
    fenced: bool = False


@dataclass(frozen=True, slots=True)
class ListedRow:
    """What a member's list says of a dossier without any record of it."""

    id: str
    version: int
    epoch: int
    sequence: int
    index: str
    destroy_on: datetime | None


@dataclass(frozen=True, slots=True)
class WrapRow:
    """A dossier's identity for one grantee: `wrap` is an age file, `symmetric` the quick one; the server seals both.

    `label` is the dossier's name as the grantee's own device has sealed it for her lists.
    """

    dossier: str
    epoch: int
    member: str
    wrap: bytes
    symmetric: bytes | None
    label: bytes | None = None


@dataclass(frozen=True, slots=True)
class RecordRow:
    """A signed record of a dossier; `text` is its encrypted text, sealed; `subject` is the id it is about."""

    hash: str
    dossier: str
    kind: str
    subject: str
    record: bytes
    signatures: bytes
    text: bytes | None
    state: RecordState
    created_at: datetime


@dataclass(frozen=True, slots=True)
class IndexRow:
    """One link of a dossier's index, as it was signed; all of them are kept."""

    dossier: str
    sequence: int
    hash: str
    record: bytes
    signatures: bytes


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """One immutable version of a document; `head` and `metadata` are sealed by its own subject.

    `size` counts the body's ciphertext. Until `leased_until` its uploader may still be writing. While a body comes in
    segments, `record` is the hash of its intent, and head and metadata are None: they come at the end.
    """

    id: str
    dossier: str
    record: str
    kind: str
    draft: bool
    size: int
    head: bytes | None
    metadata: bytes | None
    state: DocumentState
    leased_until: datetime
    created_at: datetime


class StagedKind(StrEnum):
    """What is staged: a document's head and metadata, or the text of a record."""

    DOCUMENT = "document"
    RECORD = "record"


@dataclass(frozen=True, slots=True)
class StagedRow:
    """What stands in its place once the dossier has its next identity, sealed as it will be there.

    `identity` is the SHA-256 of that identity's recipient: what was staged under another one never gets mixed with it.
    `subject` is a document's id or a record's hash; without `head` or `content` what is there stays as it is.
    """

    dossier: str
    identity: str
    kind: StagedKind
    subject: str
    head: bytes | None
    content: bytes | None
    staged_at: datetime


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """A segment of a body that lies in the object store, whole and checked; `digest` is its SHA-256."""

    document: str
    number: int
    size: int
    digest: bytes


def last_lease(now: datetime) -> datetime:
    """When the longest lease ends that can be given now; a later end was given ahead of the clock, and is void."""
    return now + DEPOSIT_LEASE + CLOCK_SLACK


def object_name(dossier: str, document: str, number: int) -> str:
    """A segment's name in the object store."""
    return f"{dossier}/{document}/{number:05d}"
