"""The document record: one immutable version of a document, bound to its ciphertext."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Annotated, Any

from vault.records.fields import At, Flag, Hash, Id, Instant, Key, octets, whole, word
from vault.records.seen import MemberRecord
from vault.records.standing import StandsOn

KINDS = frozenset({"report", "quote", "plan", "correspondence", "consent", "other"})
SEGMENT_SIZE = 8_388_608
MAX_BODY = 2**43


def body_digest(segment_digests: Iterable[bytes]) -> str:
    """SHA-256 over the SHA-256 of each 8 MiB segment of ciphertext in order, hex."""
    whole = hashlib.sha256()
    for digest in segment_digests:
        whole.update(digest)
    return whole.hexdigest()


def segment_count(size: int) -> int:
    """How many segments a body of `size` bytes (at least 16) has."""
    return -(-size // SEGMENT_SIZE)


def segment_length(size: int, number: int) -> int:
    """How many bytes segment `number` of a body of `size` bytes has."""
    return min(SEGMENT_SIZE, size - number * SEGMENT_SIZE)


@dataclass(frozen=True, slots=True)
class Reserved(MemberRecord):
    """What is known of a document before its body is encrypted; its intent says it, and its record repeats it.

    `series` joins the versions of one document, `previous` is the record hash of the version before. `nonce` is the age
    payload nonce, `commitment` binds the file key.
    """

    standing: StandsOn
    dossier: Id
    id: Annotated[Id, At("document")]
    series: Id
    previous: Hash | None
    kind: Annotated[str, word(KINDS)]
    draft: Flag
    nonce: Annotated[bytes, octets(16)]
    commitment: Key
    size: Annotated[int, whole(16, MAX_BODY)]

    def reserved(self) -> dict[str, Any]:
        """These fields alone, by attribute: for the record that says them again."""
        return {field.name: getattr(self, field.name) for field in fields(Reserved) if not field.kw_only}


@dataclass(frozen=True, slots=True)
class Document(Reserved):
    """One version of a document: `digest` is its body's, `metadata` that of its encrypted metadata."""

    digest: Hash
    metadata: Hash
    at: Instant
