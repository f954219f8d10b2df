"""The twin of the keystore: the same sealing, keys in a dictionary."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from threading import RLock

from vault.adapters.keystore.sealing import (
    ShredKey,
    open_layers,
    open_shred_key,
    seal_shred_key,
    seal_value,
    usable,
)
from vault.boxes import KEY_SIZE
from vault.domain.erasures import LedgerRow
from vault.domain.escrows import Escrowed
from vault.domain.positions import KeyFilesPosition, KeystorePosition
from vault.errors import InvalidInputError, VaultError
from vault.ports.errors import ConflictError, DamagedKeyError, TombstonedError
from vault.ports.keystore import Layer, Opened, Subject

RECIPIENT_SIZE = 1959


class MemoryKeystore:
    """Implements `vault.ports.keystore.Keystore`."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._generation = 1
        self._generation_key = secrets.token_bytes(KEY_SIZE)
        self._keys: dict[Subject, bytes] = {}
        self._tombstones: set[Subject] = set()
        self._ledger: dict[int, LedgerRow] = {}
        self._installation: str | None = None
        self._audit = 0
        self._marks = [secrets.token_hex(16)]
        self._escrowed: Escrowed | None = None

    def create(self, subjects: Sequence[Subject]) -> bool:
        with self._lock:
            if not self._tombstones.isdisjoint(subjects):
                raise TombstonedError("what was erased cannot be created again")
            new = self._keys.keys().isdisjoint(subjects)
            for subject in subjects:
                if subject not in self._keys:
                    self._keys[subject] = self._sealed(subject, secrets.token_bytes(KEY_SIZE))
            return new

    def create_sealing(
        self, subjects: Sequence[Subject], plain: Sequence[tuple[Subject, str, str, bytes]]
    ) -> tuple[bool, list[bytes]]:
        with self._lock:
            return self.create(subjects), self.seal_many(plain)

    def seal(self, subject: Subject, field: str, row: str, plaintext: bytes) -> bytes:
        [sealed] = self.seal_many([(subject, field, row, plaintext)])
        return sealed

    def unseal(self, subject: Subject, field: str, row: str, sealed: bytes) -> bytes:
        [opened] = self.unseal_each([([(subject, field, row)], sealed)])
        if isinstance(opened, VaultError):
            raise opened
        return opened

    def unseal_each(self, boxes: Sequence[tuple[Sequence[Layer], bytes]]) -> list[Opened]:
        keys = self._present({subject for layers, _ in boxes for subject, _, _ in layers})
        return [open_layers(keys, layers, value) for layers, value in boxes]

    def seal_many(self, plain: Sequence[tuple[Subject, str, str, bytes]]) -> list[bytes]:
        keys = self._present({subject for subject, _, _, _ in plain})
        return [seal_value(usable(keys, subject), subject, field, row, value) for subject, field, row, value in plain]

    def shred(self, subjects: Sequence[Subject]) -> None:
        with self._lock:
            for subject in subjects:
                self._keys.pop(subject, None)
                self._tombstones.add(subject)

    def exists(self, subject: Subject) -> bool:
        return subject in self._keys

    def subjects(self, *, after: Subject | None = None, limit: int = 500) -> list[Subject]:
        with self._lock:
            return sorted(subject for subject in self._keys if after is None or subject > after)[:limit]

    def inscribe(self, entry: LedgerRow) -> None:
        with self._lock:
            if self._ledger.setdefault(entry.sequence, entry) != entry:
                raise ConflictError(f"the ledger has another entry under {entry.sequence}")

    def ledger(self, *, after: int = 0, limit: int = 500) -> list[LedgerRow]:
        with self._lock:
            return [self._ledger[sequence] for sequence in sorted(self._ledger) if sequence > after][:limit]

    def turn(self) -> int:
        with self._lock:
            opened = self._present(set(self._keys))
            self._generation += 1
            self._marks.append(secrets.token_hex(16))
            self._generation_key = secrets.token_bytes(KEY_SIZE)
            for subject, key in opened.items():
                if not isinstance(key, DamagedKeyError):
                    self._keys[subject] = self._sealed(subject, key)
            return self._generation

    def escrow(self, to: Escrowed) -> Escrowed:
        usable = tuple(each for each in to.recipients if len(each) == RECIPIENT_SIZE)
        if not usable:
            raise InvalidInputError("the keystore's keys can be sealed to no director and no recovery sheet")
        self._escrowed = replace(to, recipients=usable)
        return self._escrowed

    def escrowed(self) -> Escrowed | None:
        return self._escrowed

    def damage(self, subject: Subject) -> None:
        """Flip one bit of a stored key, as a failing disk does."""
        with self._lock:
            sealed = self._keys[subject]
            self._keys[subject] = sealed[:-1] + bytes([sealed[-1] ^ 1])

    def image(self) -> dict[str, object]:
        """A copy of all of it, as of a disk."""
        with self._lock:
            return {name: copy(value) for name, value in vars(self).items() if name != "_lock"}

    def put_back(self, image: dict[str, object]) -> None:
        """Put an older copy in its place, key files and all."""
        with self._lock:
            vars(self).update({name: copy(value) for name, value in image.items()})

    def check(self) -> None:
        """Memory always answers."""

    def check_reading(self) -> None:
        """So it does to who only reads."""

    def position(self, seen: str = "") -> KeystorePosition:
        with self._lock:
            return KeystorePosition(
                installation=self._installation,
                blank=not (self._keys or self._tombstones or self._ledger),
                ledger=max(self._ledger, default=0),
                generation=self._generation,
                allotted=self._generation,
                audit=self._audit,
                mark=self._marks[-1],
                forgot=bool(seen) and seen not in self._marks,
            )

    def key_files(self) -> KeyFilesPosition:
        return KeyFilesPosition(self._installation, frozenset({self._generation}))

    def adopt(self, installation: str) -> None:
        with self._lock:
            self._installation = self._installation or installation
            if self._installation != installation:
                raise ConflictError(f"the keystore is of the installation {self._installation}")

    def own_files(self) -> None:
        """Memory has the one file."""

    def witness(self, audit: int) -> None:
        self._audit = audit

    def _sealed(self, subject: Subject, key: bytes) -> bytes:
        return seal_shred_key(self._generation_key, self._generation, subject, key)

    def _present(self, subjects: set[Subject]) -> dict[Subject, ShredKey]:
        with self._lock:
            sealed = {subject: self._keys[subject] for subject in subjects if subject in self._keys}
            keys: dict[Subject, ShredKey] = {}
            for subject, box in sealed.items():
                try:
                    keys[subject] = open_shred_key(self._generation_key, self._generation, subject, box)
                except DamagedKeyError as damage:
                    keys[subject] = damage
            return keys
