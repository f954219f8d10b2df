"""The documents of a dossier for its holders: listed, verified, unlocked.

A document counts when a holder signed its record and the accepted index lists it; until then it is pending. A document
that does not verify is quarantined with the reason and never opened.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from vault.age.errors import AgeError
from vault.errors import IntegrityError, VaultError
from vault.records import read
from vault.records.encoding import RecordError, from_base64url
from vault.records.envelope import Envelope, from_json
from vault.records.types.document import Document
from vault.rules.rights import check_signer
from vault.sdk.device.names_cache import Named, forget_names
from vault.sdk.documents.bodies import DamagedDocumentError, key_of
from vault.sdk.documents.metadata import Metadata, read_metadata
from vault.sdk.dossiers.completeness import UnexplainedError, check_complete, shown_hash
from vault.sdk.dossiers.loading import renew
from vault.sdk.errors import AmbiguousError
from vault.sdk.keys.sealed_text import parse_text
from vault.sdk.server.api import Download
from vault.sdk.server.damage import check_whole
from vault.secret import Secret

if TYPE_CHECKING:
    from vault.age.hybrid import HybridIdentity
    from vault.sdk.dossiers.open_dossier import OpenDossier

STORED, PENDING = "stored", "pending"
SUITE = "mlkem768x25519"


class NoSuchDocumentError(VaultError):
    """The dossier has no such document, or it is not stored yet."""

    code: ClassVar[str] = "not_found"


@dataclass(frozen=True, slots=True)
class Listed:
    """A document whose record and metadata verify; `state` is stored or pending.

    `text` is the metadata's text as the record commits to it.
    """

    record: Document
    envelope: Envelope
    head: bytes
    metadata: Metadata
    state: str
    text: bytes = field(default=b"", repr=False)

    @property
    def id(self) -> str:
        """The document's id."""
        return self.record.id

    @property
    def hash(self) -> str:
        """Its record's hash."""
        return self.record.hash

    @property
    def names(self) -> frozenset[str]:
        """Folder and name, and the name."""
        return frozenset({self.metadata.path, self.metadata.name})


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A document that is not what it should be: shown apart with the reason, never opened.

    `name` and `hash`, of its record, are empty where nothing verified says them; `hidden`: the index lists it, and the
    server neither shows it nor says that it is damaged.
    """

    id: str
    reason: str
    name: str = ""
    hash: str = ""
    hidden: bool = False

    @property
    def names(self) -> frozenset[str]:
        """Folder and name, and the name."""
        return frozenset({self.name, self.name.rpartition("/")[2]} - {""})

    def to_json(self) -> dict[str, Any]:
        """As `--json` shows it."""
        return {"id": self.id, "name": self.name or None, "reason": self.reason}


def list_documents(dossier: OpenDossier, *, quarantine: list[Quarantined] | None = None) -> list[Listed]:
    """Every verified document, sorted by folder and name; the others are added to `quarantine`.

    So are listed documents that the server does not show and no tombstone explains; without that argument they raise
    UnexplainedError.
    """
    epoch = dossier.epoch
    found, apart, shown = _read_all(dossier)
    if apart and _has_moved(dossier, epoch):
        found, apart, shown = _read_all(dossier)
    if quarantine is not None:
        quarantine += apart
    try:
        check_complete(dossier, dossier.records - shown)
    except UnexplainedError as error:
        if quarantine is None:
            raise
        quarantine += [Quarantined(hash_[:32], str(error), hidden=True) for hash_ in error.records]
    forget_names(dossier.signed_in.home, dossier.id, but=dossier.index.hash)
    return sorted(found, key=lambda one: (one.metadata.folder, one.metadata.name, one.record.at, one.id))


def _read_all(dossier: OpenDossier) -> tuple[list[Listed], list[Quarantined], set[str]]:
    """The documents that verify, those that do not, and the hashes of all that are shown."""
    found, apart, shown = list[Listed](), list[Quarantined](), set[str]()
    for item in dossier.pages("documents"):
        shown.add(shown_hash(item))
        try:
            found.append(read_listed(dossier, item))
        except (IntegrityError, RecordError) as error:
            shown.add(_said_hash(item))
            apart.append(_set_apart(dossier, item, error))
    return found, apart, shown


def _has_moved(dossier: OpenDossier, epoch: int) -> bool:
    """Whether it has another identity than that by which something did not open: then nothing need be damaged."""
    if dossier.epoch == epoch:
        with contextlib.suppress(VaultError):
            renew(dossier)
    return dossier.epoch != epoch


def read_listed(dossier: OpenDossier, item: dict[str, Any], *, proven: bool = False) -> Listed:
    """Verify one item of the server's list; raises IntegrityError, RecordError.

    `proven`: the newest index lists it, by a proof; else all that the index lists is looked through.
    """
    check_whole(item, "record", "head", "metadata")
    envelope, record = _record(dossier, item)
    metadata, text = _metadata(dossier, item, record)
    # What the signed index lists is stored, whatever the server says of it; nothing else is.
    state = STORED if proven or record.hash in dossier.records else PENDING
    if state == STORED:
        dossier.signed_in.hear(record)
    return Listed(record, envelope, from_base64url(read.text(item, "head", limit=8192)), metadata, state, text)


def _record(dossier: OpenDossier, item: dict[str, Any]) -> tuple[Envelope, Document]:
    envelope = from_json(read.mapping(item, "record"), "document")
    check_signer(envelope, dossier.signed_in.rosters, dossier.heads)
    record = Document.read(envelope)
    if record.id != read.identifier(item, "document"):
        raise DamagedDocumentError("its id")
    return envelope, record


def _metadata(dossier: OpenDossier, item: dict[str, Any], record: Document) -> tuple[Metadata, bytes]:
    sealed = from_base64url(read.text(item, "metadata", limit=32_768))
    text = dossier.unseal_text("document", record.id, sealed, record.metadata)
    return read_metadata(parse_text(text)), text


def _set_apart(dossier: OpenDossier, item: dict[str, Any], error: VaultError) -> Quarantined:
    """A document that is not what it should be, with as much of it as verifies.

    Where its record does not verify, the server's word for its hash counts as far as the index lists it.
    """
    hash_ = _said_hash(item)
    apart = Quarantined(str(item.get("document"))[:32], str(error), hash=hash_ if hash_ in dossier.records else "")
    with contextlib.suppress(IntegrityError, RecordError):
        _, record = _record(dossier, item)
        apart = replace(apart, hash=record.hash)
        apart = replace(apart, name=_metadata(dossier, item, record)[0].path)
    return apart


def _said_hash(item: dict[str, Any]) -> str:
    return str(item.get("hash"))[:64]


def unlock_each(
    documents: Sequence[Listed], identity: HybridIdentity
) -> tuple[list[tuple[Listed, Secret]], list[Quarantined]]:
    """The file keys of the documents that unlock, and the documents that do not."""
    found, apart = [], []
    for one in documents:
        try:
            found.append((one, unlock(one, identity)))
        except DamagedDocumentError as error:
            apart.append(left_out(one, error))
    return found, apart


def left_out(one: Listed, error: VaultError) -> Quarantined:
    """A document that was listed and did not open."""
    return Quarantined(one.id, str(error), one.metadata.path, one.hash)


def choose(listed: Iterable[Listed], references: Iterable[str]) -> list[Listed]:
    """The stored documents named by references (id, unique prefix, name, or folder and name), each once.

    Without references all of them. Raises NoSuchDocumentError, AmbiguousError.
    """
    stored = [one for one in listed if one.state == STORED]
    chosen = {one.id: one for one in (choose_one(stored, reference) for reference in references)}
    return list(chosen.values()) or (stored if not tuple(references) else [])


_SHORTEST_PREFIX = 4
C = TypeVar("C", "Listed", "Quarantined", "Named")


def choose_one(stored: Sequence[C], reference: str) -> C:
    """The one that an id, a name or an unique prefix names; raises NoSuchDocumentError, AmbiguousError."""
    matches = (
        [one for one in stored if one.id == reference]
        or [one for one in stored if reference in one.names]
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


def body_source(dossier: OpenDossier, document: str) -> Callable[[int, int | None, Mapping[str, str]], Download]:
    """The source of a document's body for `fetching.fetch`."""
    return partial(dossier.signed_in.api.download, f"/documents/{document}/body")
