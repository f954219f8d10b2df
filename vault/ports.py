"""What the flows need of the world. Every port has two adapters at least and one contract suite (`tests/contract`).

Faults are exceptions: `UnavailableError` when the thing behind the port cannot be reached just now (nothing was
done, or it cannot be known), and the classes below. Absence and lost races are values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from vault.domain.dossier import Document, DocumentState, Dossier, Record, RecordState, Segment, Wrap
from vault.domain.erasure import AuditEntry, Erasure, ErasureState, LedgerEntry
from vault.domain.people import ChainRecord, Member, Practice, Session, Throttle
from vault.domain.share import Disclosure, Entry, Pickup, Share
from vault.errors import IntegrityError, InvalidInputError, VaultError


class SubjectKind(StrEnum):
    """What can be erased by itself."""

    DOSSIER = "dossier"
    DOCUMENT = "document"
    SHARE = "share"
    MEMBER = "member"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """A thing with a shred key of its own."""

    kind: SubjectKind
    id: str


class ShreddedError(VaultError):
    """The subject's key is gone, or never was: what it sealed cannot be opened by anybody."""

    code = "gone"


class TombstonedError(VaultError):
    """The subject was erased; it can never be created again."""

    code = "gone"


class ConflictError(InvalidInputError):
    """Something else already stands under that id."""

    code = "conflict"


class DigestMismatchError(IntegrityError):
    """The bytes that arrived are not the ones announced; nothing was kept."""

    code = "digest_mismatch"


class Keystore(Protocol):
    """Shred keys under a generation key. Nothing is cached between calls: a shred counts at once."""

    def create(self, subjects: Sequence[Subject]) -> None:
        """Make a key for each subject that has none, in one commit; raises TombstonedError, and then makes none."""

    def seal(self, subject: Subject, field: str, row: str, plaintext: bytes) -> bytes:
        """Seal one value under the subject's key; raises ShreddedError."""

    def unseal(self, subject: Subject, field: str, row: str, sealed: bytes) -> bytes:
        """The inverse; raises ShreddedError when the key is gone, IntegrityError when the bytes are not its own."""

    def unseal_many(self, sealed: Sequence[tuple[Subject, str, str, bytes]]) -> list[bytes]:
        """As `unseal` for (subject, field, row, sealed) each, with one read of the keys; all or an error."""

    def seal_many(self, plain: Sequence[tuple[Subject, str, str, bytes]]) -> list[bytes]:
        """As `seal` for each, with one read of the keys."""

    def shred(self, subjects: Sequence[Subject]) -> None:
        """Destroy the keys and set tombstones, in one commit; repeatable. Final only after the next `turn`."""

    def exists(self, subject: Subject) -> bool:
        """Whether the subject has a key."""

    def tombstoned(self, subject: Subject) -> bool:
        """Whether the subject was shredded."""

    def inscribe(self, entry: LedgerEntry) -> None:
        """Append a signed tombstone to the ledger; repeatable with the same bytes, ConflictError with others."""

    def ledger(self, *, after: int = 0, limit: int = 500) -> list[LedgerEntry]:
        """The ledger's entries above `after`, ascending."""

    def turn(self) -> int:
        """Seal every row under a new generation key and destroy the old one; repeatable. Returns the generation."""

    def check(self) -> None:
        """Raise an error unless keys can be read and written."""


class Source(Protocol):
    """Bytes to be stored, read once."""

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes, fewer only at the end, b"" after it."""


class Objects(Protocol):
    """Immutable objects by name; ciphertext only."""

    def put(self, name: str, source: Source, size: int, digest: bytes) -> bool:
        """Store exactly `size` bytes with that SHA-256 under a new name, durably: True.

        False when an object already stands there (`source` is not read then). DigestMismatchError when the bytes are
        fewer, more, or others: nothing is kept. UnavailableError when the store cannot take them (a full disk too).
        """

    def get(self, name: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The bytes from `start`, in pieces of at most 1 MiB; raises LookupError before the first piece if absent."""

    def size(self, name: str) -> int | None:
        """Its size, or None when there is none."""

    def names(self, prefix: str = "") -> Iterator[str]:
        """The names that can be read and begin with `prefix`, in order."""

    def remove(self, names: Iterable[str]) -> None:
        """Remove every version of each, repeatable; names that do not exist are no error.

        Nothing under `ledger/` is ever removed: such a name raises InvalidInputError, and then nothing is removed.
        """

    def remove_below(self, folder: str) -> None:
        """Remove every version and delete marker under `folder/`, repeatable, whoever wrote them.

        Raises UnavailableError when something is still listed there afterwards.
        """

    def empty_below(self, folder: str) -> bool:
        """True when nothing is left under `folder/`: no object, no older version, no delete marker."""

    def check(self) -> None:
        """Raise UnavailableError unless the store answers."""


class PeopleRows(Protocol):
    """Practice, chains, members, sessions, throttles."""

    def practice(self) -> Practice | None: ...
    def add_practice(self, practice: Practice) -> None: ...
    def add_chain(self, record: ChainRecord) -> None:
        """Raises ConflictError when that version exists."""

    def chain(self, kind: str, *, after: int = 0, limit: int = 500) -> list[ChainRecord]:
        """Versions above `after`, ascending."""

    def chain_by_hash(self, kind: str, hashes: Sequence[str]) -> list[ChainRecord]:
        """Those of the kind that have one of these hashes, ascending; an indexed query."""

    def newest(self, kind: str) -> ChainRecord | None: ...
    def add_member(self, member: Member) -> None: ...
    def member(self, member: str) -> Member | None: ...
    def member_by_email(self, email: bytes) -> Member | None: ...
    def update_member(self, member: Member) -> None:
        """Writes every field but `totp_step` and `created_at`."""

    def spend_totp(self, member: str, step: int) -> bool:
        """Conditional update: True only for the first use of a step later than the last one used."""

    def add_session(self, session: Session) -> None: ...
    def session(self, token: bytes) -> Session | None: ...
    def touch_session(self, token: bytes, now: datetime) -> None: ...
    def end_session(self, token: bytes) -> None: ...
    def end_sessions(self, member: str | None = None) -> None:
        """Of one member, or all."""

    def sweep_sessions(self, idle_before: datetime, created_before: datetime) -> int:
        """Remove those that are over; how many."""

    def throttle(self, key: bytes) -> Throttle | None: ...
    def set_throttle(self, throttle: Throttle) -> None: ...
    def clear_throttle(self, key: bytes) -> None: ...


class DossierRows(Protocol):
    """Dossiers, wraps, records, documents, segments."""

    def add_dossier(self, dossier: Dossier) -> None:
        """Raises ConflictError when the id exists."""

    def dossier(self, dossier: str) -> Dossier | None: ...
    def dossiers_of(self, member: str, *, after: str = "", limit: int = 500) -> list[Dossier]:
        """Those for whose current epoch the member has a wrap, by id."""

    def advance_dossier(self, dossier: Dossier, *, sequence: int, index: str) -> bool:
        """Write the new state if sequence and index are still these (compare-and-swap)."""

    def put_wraps(self, wraps: Sequence[Wrap]) -> None:
        """Add or replace."""

    def wrap(self, dossier: str, epoch: int, member: str) -> Wrap | None: ...
    def set_symmetric(self, dossier: str, epoch: int, member: str, symmetric: bytes) -> bool: ...
    def add_record(self, record: Record) -> None:
        """Raises ConflictError when the hash exists."""

    def record(self, hash_: str) -> Record | None: ...
    def records(
        self,
        dossier: str,
        *,
        kinds: Sequence[str] = (),
        states: Sequence[RecordState] = (),
        after: str = "",
        limit: int = 500,
    ) -> list[Record]:
        """By hash; an empty selection selects all."""

    def remove_records(self, dossier: str, hashes: Sequence[str]) -> None:
        """Repeatable. Used for indexes that a newer one replaced: only the newest is kept."""

    def set_record_states(self, dossier: str, hashes: Sequence[str], state: RecordState) -> int: ...
    def add_document(self, document: Document) -> None:
        """Raises ConflictError when the id exists."""

    def document(self, document: str) -> Document | None: ...
    def documents(
        self, dossier: str, *, states: Sequence[DocumentState] = (), after: str = "", limit: int = 500
    ) -> list[Document]:
        """By id; an empty selection selects all."""

    def set_document_state(
        self, documents: Sequence[str], before: Sequence[DocumentState], state: DocumentState
    ) -> list[str]:
        """Those that were in one of `before` and now are in `state`."""

    def lease_document(self, document: str, until: datetime) -> bool:
        """Extend the lease of a document that is `depositing`."""

    def end_lease(self, document: str, at: datetime) -> None:
        """Nothing is being written any more: the lease ends then."""

    def documents_by_record(self, hashes: Sequence[str]) -> list[Document]: ...
    def abandoned_documents(self, before: datetime, limit: int) -> list[Document]:
        """Not `stored`, created and leased until before that; an indexed query."""

    def remove_documents(self, documents: Sequence[str]) -> None:
        """Rows of the documents, their segments, entries and records."""

    def add_segment(self, segment: Segment) -> None:
        """Repeatable with the same digest; ConflictError with another."""

    def segments(self, document: str) -> list[Segment]: ...


class ShareRows(Protocol):
    """Shares, entries, pick-ups, disclosures."""

    def add_share(self, share: Share, entries: Sequence[Entry]) -> None: ...
    def share(self, share: str) -> Share | None: ...
    def shares(self, dossier: str, *, after: str = "", limit: int = 500) -> list[Share]: ...
    def entries(self, share: str) -> list[Entry]:
        """By position."""

    def entry(self, share: str, document: str) -> Entry | None: ...
    def claim_pickup(self, share: str, now: datetime) -> bool:
        """One conditional UPDATE: used + 1 if used < max, not revoked and not expired. True when it counted."""

    def add_pickup(self, pickup: Pickup) -> bool:
        """False when that name already has one."""

    def pickup(self, share: str, name: bytes) -> Pickup | None: ...
    def pickups(self, share: str) -> list[Pickup]: ...
    def touch_pickup(self, share: str, name: bytes, now: datetime, *, finished: bool = False) -> None: ...
    def add_disclosures(self, disclosures: Sequence[Disclosure]) -> None: ...
    def disclosures(self, share: str) -> list[Disclosure]: ...
    def revoke_share(self, share: str, now: datetime) -> bool:
        """True for the first time."""

    def set_attempts(self, share: str, failures: int, retry_at: datetime | None) -> None: ...


class ErasureRows(Protocol):
    """Erasures, what is due, the removal of rows, heartbeats."""

    def add_erasure(self, erasure: Erasure) -> None:
        """Raises ConflictError when the id exists."""

    def erasure(self, erasure: str) -> Erasure | None: ...
    def erasures_of(self, dossier: str) -> list[Erasure]:
        """All of a dossier, by id."""

    def open_erasures(self, now: datetime, limit: int) -> list[Erasure]:
        """Neither certified nor withdrawn, and `not_before` is not ahead; oldest first; an indexed query."""

    def advance_erasure(self, erasure: Erasure, *, before: ErasureState) -> bool:
        """Write every field if the stored state is still `before` (compare-and-swap)."""

    def due_dossiers(self, now: datetime, limit: int) -> list[Dossier]:
        """`destroy_on` is not ahead and not fenced; oldest first; an indexed query."""

    def set_destroy_on(self, dossier: str, destroy_on: datetime | None) -> None: ...
    def fence_dossier(self, dossier: str) -> None:
        """From now on nobody holds it; repeatable."""

    def fence_documents(self, documents: Sequence[str]) -> None:
        """Whatever their state: `removed`; repeatable."""

    def live_deposits(self, dossier: str, now: datetime, documents: Sequence[str] = ()) -> int:
        """How many documents (of these; all of the dossier if none are named) have a lease that is not over."""

    def remove_shares(self, dossier: str) -> None:
        """The dossier's shares, entries and pick-ups; disclosures stay."""

    def remove_dossier(self, dossier: str) -> None:
        """Every row of the dossier but erasures, audit and disclosures; repeatable."""

    def stored_segments(self, *, after: str = "", limit: int = 1000) -> list[str]:
        """Object names of the segments of every `stored` document, in order."""

    def note_orphans(self, names: Sequence[str], now: datetime) -> None:
        """Objects that no row owns; the first sighting stays."""

    def orphans(self, before: datetime, limit: int) -> list[str]:
        """Those first seen before that."""

    def forget_orphans(self, names: Sequence[str] | None = None) -> None:
        """Those names, or all."""

    def beat(self, name: str, now: datetime) -> None:
        """That a sweep has just been through."""

    def heartbeats(self) -> dict[str, datetime]: ...


class AuditRows(Protocol):
    """One chain a dossier."""

    def add_audit(self, entry: AuditEntry) -> None:
        """Raises ConflictError when that sequence exists."""

    def audit(self, dossier: str, *, after: int = 0, limit: int = 500) -> list[AuditEntry]:
        """By sequence."""

    def audit_head(self, dossier: str) -> AuditEntry | None: ...
    def audit_heads(self, *, after: str = "", limit: int = 500) -> list[AuditEntry]:
        """The newest entry of each chain, by dossier."""

    def keep_leaves(self, checkpoint: int, leaves: bytes) -> None:
        """What the newest checkpoint digested, instead of what an earlier one did."""

    def leaves(self) -> tuple[int, bytes] | None:
        """The newest checkpoint's sequence and its leaves, 32 bytes each."""

    def clear_audit_details(self, dossier: str) -> None:
        """Forget the details of every entry; the chain stays."""


class Transaction(PeopleRows, DossierRows, ShareRows, ErasureRows, AuditRows, Protocol):
    """All rows, within one serialisable unit of work."""


class Store(Protocol):
    """The records store."""

    def transaction(self, dossier: str | None = None) -> AbstractContextManager[Transaction]:
        """A unit of work: commits when the block ends, rolls back when it raises.

        One that names no dossier happens alone; those that name the same dossier happen one after another. Naming a
        dossier is a promise to write only its rows (and sessions, throttles, beats), so that others may go on beside.
        """

    def reading(self) -> AbstractContextManager[Transaction]:
        """One consistent view of everything that was committed before; it writes nothing and waits for no writer."""

    def alone(self, task: str) -> AbstractContextManager[bool]:
        """True within the block while nobody else, here or in another process, is within it for that task.

        No unit of work, and it waits for nobody: whoever comes second is told False. It ends with its holder's process
        or connection; so nothing may rest on it but that two do not do the same work at the same time.
        """

    def check(self) -> None:
        """Raise UnavailableError unless the store answers."""
