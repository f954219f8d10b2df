"""Sealing: a box bound to its subject, field and row (FORMAT.md, "Sealing")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vault.boxes import box, unbox
from vault.ports.keystore import Layer, Subject
from vault.records.encoding import lp


def seal_value(key: bytes, subject: Subject, field: str, row: str, plaintext: bytes) -> bytes:
    """Seal `plaintext` under a shred key, bound to this subject, field and row."""
    return box(key, _value_label(subject, field, row), plaintext)


def open_value(key: bytes, subject: Subject, field: str, row: str, sealed: bytes) -> bytes:
    """The inverse; raises BoxError."""
    return unbox(key, _value_label(subject, field, row), sealed)


def open_layers(keys: Mapping[Subject, bytes], layers: Sequence[Layer], sealed: bytes) -> bytes | None:
    """Open all layers, the outermost first; None when a key is missing. Raises BoxError."""
    value = sealed
    for subject, field, row in layers:
        key = keys.get(subject)
        if key is None:
            return None
        value = open_value(key, subject, field, row, value)
    return value


def seal_shred_key(generation_key: bytes, generation: int, subject: Subject, key: bytes) -> bytes:
    """Seal a subject's shred key under the key of that generation."""
    return box(generation_key, _key_label(subject, generation), key)


def open_shred_key(generation_key: bytes, generation: int, subject: Subject, sealed: bytes) -> bytes:
    """The inverse; raises BoxError."""
    return unbox(generation_key, _key_label(subject, generation), sealed)


def _value_label(subject: Subject, field: str, row: str) -> bytes:
    return lp(b"vault/v1/seal", field.encode(), subject.kind.value.encode(), subject.id.encode(), row.encode())


def _key_label(subject: Subject, generation: int) -> bytes:
    return lp(b"vault/v1/shred-key", subject.kind.value.encode(), subject.id.encode(), str(generation).encode())
