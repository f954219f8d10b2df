"""Sealed values of the server: IntegrityError, or exactly what was sealed for that place.

Promise: only IntegrityError comes out; a value opens as its own field and row of its own subject and nowhere else; no
other bytes open.
"""

from __future__ import annotations

from tests.fuzz.pieces import Reader
from vault.adapters.keystore.sealing import open_shred_key, open_value, seal_shred_key, seal_value
from vault.errors import IntegrityError
from vault.ports.keystore import Subject, SubjectKind

LONGEST = 1024
KEY = b"s" * 32
KINDS = tuple(SubjectKind)


def check(data: bytes) -> None:
    reader = Reader(data)
    kind, generation, place = KINDS[reader.number() % len(KINDS)], reader.number(), reader.number(2)
    field, row = reader.take(8).decode("latin-1"), reader.take(8).decode("latin-1")
    subject, content = Subject(kind, "ab" * 16), reader.rest()
    check_forged(subject, field, row, generation, content)
    sealed = seal_value(KEY, subject, field, row, content)
    assert open_value(KEY, subject, field, row, sealed) == content
    other = KINDS[(KINDS.index(kind) + 1) % len(KINDS)]
    at = place % len(sealed)
    damaged = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
    refuse(subject, field, row, damaged)
    refuse(subject, field, row, sealed[:at])
    refuse(subject, field, row, sealed + b"\0")
    refuse(subject, field + row, "", sealed) if row else None
    refuse(Subject(other, subject.id), field, row, sealed)
    key = seal_shred_key(KEY, generation, subject, content)
    assert open_shred_key(KEY, generation, subject, key) == content
    refuse_key(subject, generation + 1, key)
    refuse_key(subject, generation, sealed)


def check_forged(subject: Subject, field: str, row: str, generation: int, content: bytes) -> None:
    refuse(subject, field, row, content)
    refuse_key(subject, generation, content)


def refuse(subject: Subject, field: str, row: str, sealed: bytes) -> None:
    try:
        open_value(KEY, subject, field, row, sealed)
    except IntegrityError:
        return
    raise AssertionError("a value opened that was not sealed for this place")


def refuse_key(subject: Subject, generation: int, sealed: bytes) -> None:
    try:
        open_shred_key(KEY, generation, subject, sealed)
    except IntegrityError:
        return
    raise AssertionError("a key opened that was not sealed for this place")


def seeds() -> dict[str, bytes]:
    return {
        "value": b"\x00\x01\x00\x05documentmetadatathe plaintext of a value",
        "empty": b"",
        "blob": b"\x01\x02\x00\x20fieldrow" + b"\x01" + b"n" * 24 + b"c" * 40,
    }
