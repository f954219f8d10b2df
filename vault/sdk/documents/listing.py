"""The documents of a dossier for its holders: listed, verified, unlocked.

A document counts when a holder signed its record and the accepted index lists it; until then it is pending. A document
that does not verify is quarantined with the reason and never opened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from vault.age.errors import AgeError
from vault.errors import IntegrityError, VaultError
from vault.records import read
from vault.records.encoding import RecordError, format_instant, from_base64url
from vault.records.envelope import Envelope, from_json
from vault.records.types.document import Document
from vault.rules.authority import check_signer
from vault.sdk.documents.bodies import DamagedDocumentError, key_of
from vault.sdk.dossiers.completeness import UnexplainedError, check_complete, shown_hash
from vault.sdk.errors import AmbiguousError
from vault.sdk.server.api import Download
from vault.secret import Secret

if TYPE_CHECKING:
    from vault.age.hybrid import HybridIdentity
    from vault.sdk.dossiers.open_dossier import OpenDossier

STORED, PENDING, DEPOSITING = "stored", "pending", "depositing"
SUITE = "mlkem768x25519"
MAX_TYPE = 255
MAX_PURPOSE = 2000


class NoSuchDocumentError(VaultError):
    """The dossier has no such document, or it is not stored yet."""

    code: ClassVar[str] = "not_found"


@dataclass(frozen=True, slots=True)
class Metadata:
    """The metadata of a document's plaintext; encrypted beside it."""

    name: str
    folder: str
    type: str
    size: int
    sha256: str
    purpose: str
    modified: datetime

    @property
    def path(self) -> str:
        """Folder and name as one text."""
        return f"{self.folder}/{self.name}" if self.folder else self.name

    def to_json(self) -> dict[str, Any]:
        """The fields of the text."""
        return {
            "name": self.name,
            "folder": self.folder,
            "type": self.type,
            "size": self.size,
            "sha256": self.sha256,
            "purpose": self.purpose,
            "modified": format_instant(self.modified),
        }


def read_metadata(fields: read.Fields) -> Metadata:
    """The metadata in a document's text; raises RecordError."""

    def possibly_empty(name: str, limit: int) -> str:
        return "" if fields.get(name) == "" else read.text(fields, name, limit=limit)

    return Metadata(
        name=read.text(fields, "name"),
        folder=possibly_empty("folder", 4000),
        type=read.text(fields, "type", limit=MAX_TYPE),
        size=read.integer(fields, "size"),
        sha256=read.digest(fields, "sha256"),
        purpose=possibly_empty("purpose", MAX_PURPOSE),
        modified=read.instant(fields, "modified"),
    )


@dataclass(frozen=True, slots=True)
class Listed:
    """A document whose record and metadata verify; `state` is stored, pending or depositing."""

    record: Document
    envelope: Envelope
    head: bytes
    metadata: Metadata
    state: str

    @property
    def id(self) -> str:
        """The document's id."""
        return self.record.id


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A document that does not verify, with the reason; never opened."""

    id: str
    reason: str


def list_documents(dossier: OpenDossier, *, quarantine: list[Quarantined] | None = None) -> list[Listed]:
    """Every verified document, sorted by folder and name; the others are added to `quarantine`.

    So are listed documents that the server does not show and no tombstone explains; without that argument they raise
    UnexplainedError.
    """
    found, listed, shown = [], dossier.records, set()
    for item in dossier.pages("documents"):
        shown.add(shown_hash(item))
        try:
            found.append(read_listed(dossier, item))
        except (IntegrityError, RecordError) as error:
            if quarantine is not None:
                quarantine.append(Quarantined(str(item.get("document"))[:32], str(error)))
    try:
        check_complete(dossier, listed - shown)
    except UnexplainedError as error:
        if quarantine is None:
            raise
        quarantine += [Quarantined(hash_[:32], str(error)) for hash_ in error.records]
    return sorted(found, key=lambda one: (one.metadata.folder, one.metadata.name, one.record.at, one.id))


def read_listed(dossier: OpenDossier, item: dict[str, Any]) -> Listed:
    """Verify one item of the server's list; raises IntegrityError, RecordError."""
    envelope = from_json(read.mapping(item, "record"), "document")
    check_signer(envelope, dossier.signed_in.rosters, dossier.heads)
    record = Document.read(envelope)
    if record.id != read.identifier(item, "document"):
        raise DamagedDocumentError("its id")
    sealed = from_base64url(read.text(item, "metadata", limit=32_768))
    metadata = read_metadata(dossier.open_text("document", record.id, sealed, record.metadata))
    said = read.one_of(item, "state", frozenset({STORED, PENDING, DEPOSITING}))
    # What the signed index lists is stored, whatever the server says of it.
    state = STORED if record.hash in dossier.records else DEPOSITING if said == DEPOSITING else PENDING
    return Listed(record, envelope, from_base64url(read.text(item, "head", limit=8192)), metadata, state)


def choose(listed: Iterable[Listed], references: Iterable[str]) -> list[Listed]:
    """The stored documents named by references (id, unique prefix, name, or folder and name), each once.

    Without references all of them. Raises NoSuchDocumentError, AmbiguousError.
    """
    stored = [one for one in listed if one.state == STORED]
    chosen = {one.id: one for one in (_choose_one(stored, reference) for reference in references)}
    return list(chosen.values()) or (stored if not tuple(references) else [])


_SHORTEST_PREFIX = 4


def _choose_one(stored: list[Listed], reference: str) -> Listed:
    matches = (
        [one for one in stored if one.id == reference]
        or [one for one in stored if reference in {one.metadata.name, one.metadata.path}]
        or [one for one in stored if len(reference) >= _SHORTEST_PREFIX and one.id.startswith(reference.lower())]
    )
    if not matches:
        raise NoSuchDocumentError(
            f"There is no document {reference!r} in this dossier.", advice="See which there are: dossier ls DOSSIER"
        )
    if len(matches) > 1:
        ids = tuple(one.id for one in matches)
        raise AmbiguousError(
            f"Several documents go by {reference!r}: {', '.join(ids)}", candidates=ids, advice="Give the id."
        )
    return matches[0]


def identity_of(dossier: OpenDossier) -> HybridIdentity:
    """The identity that opens the dossier's heads; made once for many documents."""
    from vault.age.hybrid import HybridIdentity  # noqa: PLC0415 - loads `cryptography`

    return HybridIdentity(bytes(dossier.identity))


def unlock(listed: Listed, identity: HybridIdentity) -> Secret:
    """The file key from a document's head: exactly one stanza of the dossier's suite, and bound to the record.

    Raises DamagedDocumentError, also for another document's head: its nonce or commitment differs.
    """
    from vault.age.head import Head  # noqa: PLC0415 - loads `cryptography`
    from vault.age.header import unwrap  # noqa: PLC0415

    try:
        head = Head.parse(listed.head)
        file_key = Secret(unwrap(head.parsed(), [identity], expect=SUITE))
    except AgeError as error:
        raise DamagedDocumentError("its head") from error
    if head.nonce != listed.record.nonce:
        raise DamagedDocumentError("its head is another document's")
    key_of(listed.record, file_key)
    return file_key


def body_source(dossier: OpenDossier, document: str) -> Callable[[int], Download]:
    """The source of a document's body for `bodies.fetch`."""
    return lambda start: dossier.signed_in.api.download(f"/documents/{document}/body", start)
