"""Sealing: a box bound to its subject, field and row (FORMAT.md, "Sealing")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from vault.boxes import BoxError, box, unbox
from vault.ports.errors import DamagedKeyError, ShreddedError
from vault.ports.keystore import Layer, Opened, Subject
from vault.records.encoding import lp

ShredKey: TypeAlias = bytes | DamagedKeyError


def seal_value(key: bytes, subject: Subject, field: str, row: str, plaintext: bytes) -> bytes:
    """Seal `plaintext` under a shred key, bound to this subject, field and row."""
    return box(key, _value_label(subject, field, row), plaintext)


def open_value(key: bytes, subject: Subject, field: str, row: str, sealed: bytes) -> bytes:
    """The inverse; raises BoxError."""
    return unbox(key, _value_label(subject, field, row), sealed)


def open_layers(keys: Mapping[Subject, ShredKey], layers: Sequence[Layer], sealed: bytes) -> Opened:
    """Open all layers, the outermost first, or say what keeps them shut."""
    value = sealed
    try:
        for subject, field, row in layers:
            value = open_value(usable(keys, subject), subject, field, row, value)
    except (ShreddedError, DamagedKeyError, BoxError) as error:
        return error
    return value


def usable(keys: Mapping[Subject, ShredKey], subject: Subject) -> bytes:
    """The subject's key among `keys`; raises ShreddedError, DamagedKeyError."""
    key = keys.get(subject)
    if key is None:
        raise ShreddedError("the key to this is gone", advice="What was erased cannot be read any more.")
    if isinstance(key, DamagedKeyError):
        raise key
    return key


def seal_shred_key(generation_key: bytes, generation: int, subject: Subject, key: bytes) -> bytes:
    """Seal a subject's shred key under the key of that generation."""
    return box(generation_key, _key_label(subject, generation), key)


def open_shred_key(generation_key: bytes, generation: int, subject: Subject, sealed: bytes) -> bytes:
    """The inverse; raises DamagedKeyError."""
    try:
        return unbox(generation_key, _key_label(subject, generation), sealed)
    except BoxError as error:
        raise DamagedKeyError(
            "the key to this is damaged", advice="What it sealed cannot be read. It can still be erased."
        ) from error


def _value_label(subject: Subject, field: str, row: str) -> bytes:
    return lp(b"vault/v1/seal", field.encode(), subject.kind.value.encode(), subject.id.encode(), row.encode())


def _key_label(subject: Subject, generation: int) -> bytes:
    return lp(b"vault/v1/shred-key", subject.kind.value.encode(), subject.id.encode(), str(generation).encode())
