"""Shred keys: one for each subject that can be erased on its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeAlias

from vault.domain.erasures import LedgerRow
from vault.domain.escrows import Escrowed
from vault.domain.positions import KeyFilesPosition, KeystorePosition
from vault.errors import IntegrityError
from vault.ports.errors import ShreddedError


class SubjectKind(StrEnum):
    """The kinds of things that can be erased on their own."""

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


Layer: TypeAlias = tuple[Subject, str, str]  # subject of the key; field and row it is bound to
Opened: TypeAlias = bytes | ShreddedError | IntegrityError  # a value, or what keeps it shut


class Keystore(Protocol):
    """Shred keys under a generation key. Nothing is cached between calls: a shred takes effect at once."""

    def create(self, subjects: Sequence[Subject]) -> bool:
        """Make a key for each subject that has none, in one commit; TombstonedError makes none.

        Whether all are new: one that was there already may be about to be shredded, as one that no row came to.
        """

    def create_sealing(
        self, subjects: Sequence[Subject], plain: Sequence[tuple[Subject, str, str, bytes]]
    ) -> tuple[bool, list[bytes]]:
        """As `create`, and in the same commit `seal_many` under the keys of these subjects."""

    def seal(self, subject: Subject, field: str, row: str, plaintext: bytes) -> bytes:
        """Seal one value under the subject's key; raises ShreddedError, DamagedKeyError."""

    def unseal(self, subject: Subject, field: str, row: str, sealed: bytes) -> bytes:
        """Open one value.

        Raises ShreddedError when the key is gone, DamagedKeyError when it does not open, and IntegrityError when the
        value does not verify.
        """

    def unseal_each(self, boxes: Sequence[tuple[Sequence[Layer], bytes]]) -> list[Opened]:
        """Open each box through its layers, the outermost first, with one read of all keys.

        In place of a box that does not open stands the error that `unseal` would raise: it harms no other box.
        """

    def seal_many(self, plain: Sequence[tuple[Subject, str, str, bytes]]) -> list[bytes]:
        """As `seal` for each, with one read of the keys."""

    def shred(self, subjects: Sequence[Subject]) -> None:
        """Destroy the keys and set tombstones, in one commit; repeatable. Irreversible only after the next `turn`."""

    def exists(self, subject: Subject) -> bool:
        """Whether the subject has a key."""

    def subjects(self, *, after: Subject | None = None, limit: int = 500) -> list[Subject]:
        """The subjects that have a key and come after that one, in order."""

    def inscribe(self, entry: LedgerRow) -> None:
        """Append an entry to the ledger; repeatable with the same bytes, raises ConflictError with others."""

    def ledger(self, *, after: int = 0, limit: int = 500) -> list[LedgerRow]:
        """The ledger's entries above `after`, ascending."""

    def turn(self) -> int:
        """Seal every row under a new generation key and destroy the old one; repeatable. Returns the generation.

        A damaged key stays damaged, and keeps no other from being turned. The new key is escrowed as the old one was,
        before anything is sealed under it; raises UnavailableError where that fails, and then destroys nothing.
        """

    def escrow(self, to: Escrowed) -> Escrowed:
        """Seal the key of every generation in use to these recipients, durably, and forget the destroyed ones.

        What was sealed, without the recipients that nothing can be sealed to; raises InvalidInputError when none is
        left. Nobody who holds the keystore and its files can open it.
        """

    def escrowed(self) -> Escrowed | None:
        """Whom the newest escrow is sealed to; None before the first, or when none can be read."""

    def check(self) -> None:
        """Raise an error unless keys can be read and written; it has its turn before whoever makes or destroys keys."""

    def check_reading(self) -> None:
        """Raise an error unless keys can be read; it waits for nobody, and nobody for it."""

    def position(self, seen: str = "") -> KeystorePosition:
        """Where the keystore stands; `seen` is the mark of a generation that others have seen, empty for none."""

    def key_files(self) -> KeyFilesPosition:
        """Where the files of the generations stand."""

    def adopt(self, installation: str) -> None:
        """Write the identity beside the key files, then in the keystore; raises ConflictError over another one."""

    def own_files(self) -> None:
        """Take every file of a generation for one that this keystore made: the next turn destroys the older ones."""

    def witness(self, audit: int) -> None:
        """Keep how far the worker has seen the records' audit."""
