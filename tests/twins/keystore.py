"""The twin of the keystore: the same sealing, keys in a dictionary."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from threading import RLock

from vault.adapters.keystore.sealing import (
    open_layers,
    open_shred_key,
    open_value,
    seal_shred_key,
    seal_value,
)
from vault.boxes import KEY_SIZE
from vault.domain.erasures import LedgerRow
from vault.ports.errors import ConflictError, ShreddedError, TombstonedError
from vault.ports.keystore import Layer, Subject


class MemoryKeystore:
    """Implements `vault.ports.keystore.Keystore`."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._generation = 1
        self._generation_key = secrets.token_bytes(KEY_SIZE)
        self._keys: dict[Subject, bytes] = {}
        self._tombstones: set[Subject] = set()
        self._ledger: dict[int, LedgerRow] = {}

    def create(self, subjects: Sequence[Subject]) -> None:
        with self._lock:
            if not self._tombstones.isdisjoint(subjects):
                raise TombstonedError("what was erased cannot be created again")
            for subject in subjects:
                if subject not in self._keys:
                    self._keys[subject] = self._sealed(subject, secrets.token_bytes(KEY_SIZE))

    def create_sealing(
        self, subjects: Sequence[Subject], plain: Sequence[tuple[Subject, str, str, bytes]]
    ) -> list[bytes]:
        with self._lock:
            self.create(subjects)
            return self.seal_many(plain)

    def seal(self, subject: Subject, field: str, row: str, plaintext: bytes) -> bytes:
        return seal_value(self._key(subject), subject, field, row, plaintext)

    def unseal(self, subject: Subject, field: str, row: str, sealed: bytes) -> bytes:
        return open_value(self._key(subject), subject, field, row, sealed)

    def unseal_many(self, sealed: Sequence[tuple[Subject, str, str, bytes]]) -> list[bytes]:
        with self._lock:
            keys = {subject: self._key(subject) for subject, _, _, _ in sealed}
        return [open_value(keys[subject], subject, field, row, value) for subject, field, row, value in sealed]

    def unseal_layers(self, boxes: Sequence[tuple[Sequence[Layer], bytes]]) -> list[bytes | None]:
        with self._lock:
            subjects = {subject for layers, _ in boxes for subject, _, _ in layers}
            keys = {subject: self._key(subject) for subject in subjects if subject in self._keys}
        return [open_layers(keys, layers, value) for layers, value in boxes]

    def seal_many(self, plain: Sequence[tuple[Subject, str, str, bytes]]) -> list[bytes]:
        with self._lock:
            keys = {subject: self._key(subject) for subject, _, _, _ in plain}
        return [seal_value(keys[subject], subject, field, row, value) for subject, field, row, value in plain]

    def shred(self, subjects: Sequence[Subject]) -> None:
        with self._lock:
            for subject in subjects:
                self._keys.pop(subject, None)
                self._tombstones.add(subject)

    def exists(self, subject: Subject) -> bool:
        return subject in self._keys

    def inscribe(self, entry: LedgerRow) -> None:
        with self._lock:
            if self._ledger.setdefault(entry.sequence, entry) != entry:
                raise ConflictError(f"the ledger has another entry under {entry.sequence}")

    def ledger(self, *, after: int = 0, limit: int = 500) -> list[LedgerRow]:
        with self._lock:
            return [self._ledger[sequence] for sequence in sorted(self._ledger) if sequence > after][:limit]

    def turn(self) -> int:
        with self._lock:
            opened = {subject: self._key(subject) for subject in self._keys}
            self._generation += 1
            self._generation_key = secrets.token_bytes(KEY_SIZE)
            self._keys = {subject: self._sealed(subject, key) for subject, key in opened.items()}
            return self._generation

    def check(self) -> None:
        """Memory always answers."""

    def _sealed(self, subject: Subject, key: bytes) -> bytes:
        return seal_shred_key(self._generation_key, self._generation, subject, key)

    def _key(self, subject: Subject) -> bytes:
        with self._lock:
            sealed = self._keys.get(subject)
            if sealed is None:
                raise ShreddedError("the key to this is gone", advice="What was erased cannot be read any more.")
            return open_shred_key(self._generation_key, self._generation, subject, sealed)
