"""The documents that a certificate covers, by name: the openings in the client's copy (FORMAT.md, "Certificate file").

The certificate has the Merkle root of the hashes of the documents' records. Such a hash tells nobody anything: the
record holds random bytes, and of the name a salted digest whose salt was destroyed with the document. The client's copy
brings record and text, and so opens it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from vault.errors import IntegrityError
from vault.records import read
from vault.records.encoding import RecordError, from_base64url, to_base64url
from vault.records.envelope import Envelope, parse_record, record_hash
from vault.records.standing import check_text
from vault.records.table import SMALL
from vault.records.types.document import Document
from vault.sdk.documents.listing import Listed
from vault.sdk.documents.metadata import Metadata, read_metadata
from vault.sdk.keys.sealed_text import parse_text

MAX_DOCUMENTS = 100_000
MAX_LEAVES = 8 * 1024 * 1024
HASH_SIZE = 32
_FIELDS = frozenset({"record", "text"})


@dataclass(frozen=True, slots=True)
class Opening:
    """The exact bytes of a document's record, and its text with the salt, which opens what the record commits to."""

    record: bytes
    text: bytes = field(repr=False)

    @property
    def hash(self) -> str:
        """The record's hash: the document's leaf below the certificate's root."""
        return record_hash("document", self.record)

    def metadata(self, dossier: str) -> Metadata:
        """What the text says, of a document of that dossier; raises IntegrityError, RecordError."""
        record = Document.read(Envelope("document", self.record, (), parse_record(self.record, "document")))
        if record.dossier != dossier:
            raise IntegrityError("a document of another dossier")
        check_text("document", self.text, record.metadata)
        return read_metadata(parse_text(self.text))

    def to_json(self) -> dict[str, Any]:
        """As it stands in the client's copy."""
        return {"record": to_base64url(self.record), "text": to_base64url(self.text)}


def openings(documents: Sequence[Listed]) -> tuple[Opening, ...]:
    """Those of listed documents, made before they are erased: nobody can make them afterwards."""
    return tuple(Opening(one.envelope.record, one.text) for one in documents)


def read_openings(fields: read.Fields) -> tuple[Opening, ...]:
    """The field `documents` of a client's copy; raises RecordError."""
    found = []
    for value in read.objects(fields, "documents", most=MAX_DOCUMENTS):
        if set(value) != _FIELDS:
            raise RecordError("a named document has other fields than it may have")
        record, text = (from_base64url(read.text(value, name, limit=2 * SMALL)) for name in ("record", "text"))
        found.append(Opening(record, text))
    return tuple(found)


def read_leaves(fields: read.Fields) -> tuple[str, ...]:
    """The field `leaves`: record hashes, 32 bytes each; raises RecordError."""
    text = "" if fields.get("leaves") == "" else read.text(fields, "leaves", limit=MAX_LEAVES)
    raw = from_base64url(text)
    if len(raw) % HASH_SIZE:
        raise RecordError("field 'leaves' must be hashes of 32 bytes")
    return tuple(raw[at : at + HASH_SIZE].hex() for at in range(0, len(raw), HASH_SIZE))


def write_leaves(leaves: Sequence[str]) -> str:
    """The value of the field `leaves`."""
    return to_base64url(bytes.fromhex("".join(leaves)))
