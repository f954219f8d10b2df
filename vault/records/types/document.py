"""The document record: one immutable version of a document, bound to its ciphertext."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vault.records import read
from vault.records.encoding import format_instant, to_base64url
from vault.records.envelope import Envelope
from vault.records.standing import Standing, read_standing

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
class Document:
    """`series` joins the versions of one document, `previous` is the record hash of the version before.

    `nonce` is the age payload nonce, `commitment` binds the file key, `metadata` the encrypted metadata.
    """

    hash: str
    standing: Standing
    dossier: str
    id: str
    series: str
    previous: str | None
    kind: str
    draft: bool
    nonce: bytes
    commitment: bytes
    size: int
    digest: str
    metadata: str
    at: datetime
    signer: str

    def content(self) -> dict[str, Any]:
        """The fields of a new record of this document."""
        return {
            "roster": self.standing.to_json(),
            "dossier": self.dossier,
            "document": self.id,
            "series": self.series,
            "previous": self.previous,
            "kind": self.kind,
            "draft": self.draft,
            "nonce": to_base64url(self.nonce),
            "commitment": to_base64url(self.commitment),
            "size": self.size,
            "digest": self.digest,
            "metadata": self.metadata,
            "at": format_instant(self.at),
        }


def read_document(envelope: Envelope) -> Document:
    """What a document's record says; raises RecordError."""
    fields = envelope.fields
    return Document(
        hash=envelope.hash,
        standing=read_standing(fields),
        dossier=read.identifier(fields, "dossier"),
        id=read.identifier(fields, "document"),
        series=read.identifier(fields, "series"),
        previous=read.optional(read.digest, fields, "previous"),
        kind=read.one_of(fields, "kind", KINDS),
        draft=read.boolean(fields, "draft"),
        nonce=read.octets(fields, "nonce", 16),
        commitment=read.octets(fields, "commitment", 32),
        size=read.integer(fields, "size", least=16, most=MAX_BODY),
        digest=read.digest(fields, "digest"),
        metadata=read.digest(fields, "metadata"),
        at=read.instant(fields, "at"),
        signer=envelope.signer,
    )
