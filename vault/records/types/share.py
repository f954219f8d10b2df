"""The share record: what a link gives, to how many pick-ups, until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vault.records import read
from vault.records.encoding import RecordError, format_instant, to_base64url
from vault.records.envelope import Envelope
from vault.records.standing import Standing, read_standing

COPY, DISCLOSURE = "copy", "disclosure"
KINDS = frozenset({COPY, DISCLOSURE, "review", "drop", "client"})
PLAIN, PASSPHRASE, LOCATOR = "plain", "passphrase", "locator"
MODES = frozenset({PLAIN, PASSPHRASE, LOCATOR})
MAX_DOCUMENTS = 500


@dataclass(frozen=True, slots=True)
class SharedDocument:
    """A document by its id and the hash of the record that describes it."""

    id: str
    hash: str


@dataclass(frozen=True, slots=True)
class Share:
    """`possess` and `open` are SHA-256 of the link's proofs; `key` is what the link signs with; `text` is encrypted."""

    hash: str
    standing: Standing
    dossier: str
    id: str
    kind: str
    documents: tuple[SharedDocument, ...]
    expires: datetime
    maximum: int
    consent: str | None
    mode: str
    key: bytes
    possess: bytes
    open: bytes
    text: str
    at: datetime
    signer: str

    def content(self) -> dict[str, Any]:
        """The fields of a new record of this share."""
        return {
            "roster": self.standing.to_json(),
            "dossier": self.dossier,
            "share": self.id,
            "kind": self.kind,
            "documents": [{"document": d.id, "record": d.hash} for d in self.documents],
            "expires": format_instant(self.expires),
            "max": self.maximum,
            "consent": self.consent,
            "mode": self.mode,
            "key": to_base64url(self.key),
            "proofs": {"possess": to_base64url(self.possess), "open": to_base64url(self.open)},
            "text": self.text,
            "at": format_instant(self.at),
        }


def read_share(envelope: Envelope) -> Share:
    """What a share's record says; raises RecordError."""
    fields = envelope.fields
    documents = tuple(
        SharedDocument(read.identifier(value, "document"), read.digest(value, "record"))
        for value in read.objects(fields, "documents", most=MAX_DOCUMENTS)
    )
    if len({d.id for d in documents}) != len(documents):
        raise RecordError("a document stands twice in the share")
    proofs = read.mapping(fields, "proofs")
    return Share(
        hash=envelope.hash,
        standing=read_standing(fields),
        dossier=read.identifier(fields, "dossier"),
        id=read.identifier(fields, "share"),
        kind=read.one_of(fields, "kind", KINDS),
        documents=documents,
        expires=read.instant(fields, "expires"),
        maximum=read.integer(fields, "max", least=1, most=10_000),
        consent=read.optional(read.digest, fields, "consent"),
        mode=read.one_of(fields, "mode", MODES),
        key=read.octets(fields, "key", 32),
        possess=read.octets(proofs, "possess", 32),
        open=read.octets(proofs, "open", 32),
        text=read.digest(fields, "text"),
        at=read.instant(fields, "at"),
        signer=envelope.signer,
    )
