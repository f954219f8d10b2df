"""The contents of a link: the cover (who and what), and for each document an entry (its name) and a capsule (its key).

FORMAT.md, "Links". Each is a box under a key of the link, bound to its share and document.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, ClassVar, TypeVar

from vault.age.derive import FILE_KEY_SIZE
from vault.boxes import BoxError, box, unbox
from vault.errors import IntegrityError, VaultError
from vault.records import read
from vault.records.encoding import RecordError, from_base64url, lp, to_base64url
from vault.records.envelope import record_hash
from vault.records.fields import Form, Hash, Id, Instant, Key, Listed, one_of, text, whole
from vault.records.record import read_fields, write_fields
from vault.records.strict_json import dump, parse_object
from vault.records.table import limit_of
from vault.records.types.document import MAX_BODY
from vault.records.types.share import KINDS, MAX_DOCUMENTS, MAX_PICKUPS
from vault.secret import Secret

VERSION = 1
MAX_COVER = 65_536
MAX_ENTRY = 16_384
MAX_CAPSULE = 2 * limit_of("document")
MAX_NOTE = 2000
MAX_FOLDER = 4000

T = TypeVar("T")
_COLUMNS = ("document", "record", "size")


class CoverTooLargeError(VaultError):
    """Too many documents for one cover; nothing was sent."""

    code: ClassVar[str] = "share_too_large"


class LinkContentError(IntegrityError):
    """The content of a link was not made by its sender; none of it may be used."""

    code: ClassVar[str] = "link_content_invalid"


@dataclass(frozen=True, slots=True)
class Covered:
    """A document in the cover: the hash of its record and its body's size."""

    id: str
    record: str
    size: int


def _covered(fields: read.Fields, name: str) -> Covered:
    """A row of three, so that 500 documents fit a cover."""
    row = fields[name]
    if not isinstance(row, list) or len(row) != len(_COLUMNS):
        raise RecordError("a document of a cover is id, record and size")
    value = dict(zip(_COLUMNS, row, strict=True))
    return Covered(
        read.identifier(value, "document"),
        read.digest(value, "record"),
        read.integer(value, "size", least=16, most=MAX_BODY),
    )


def _possibly_empty(limit: int) -> Form:
    return Form(lambda fields, name: "" if fields.get(name) == "" else read.text(fields, name, limit=limit))


_Row = Annotated[Covered, Form(_covered, lambda covered: [covered.id, covered.record, covered.size])]


@dataclass(frozen=True, slots=True)
class Cover:
    """Sender, documents and expiry. Only a holder of the link can make a cover, so it authenticates the records.

    `root` is the practice's root key, whose fingerprint a receiver compares a certificate of destruction with.
    """

    practice: Id
    name: Annotated[str, text()]
    sender: Annotated[str, text()]
    kind: Annotated[str, one_of(KINDS)]
    note: Annotated[str, _possibly_empty(MAX_NOTE)]
    root: Key
    record: Hash
    expires_at: Instant
    max: Annotated[int, whole(1, MAX_PICKUPS)]
    documents: Annotated[tuple[_Row, ...], Listed(0, MAX_DOCUMENTS)]

    def to_bytes(self) -> bytes:
        """The plaintext of the box."""
        return dump({"v": VERSION, **write_fields(self)})


@dataclass(frozen=True, slots=True)
class Entry:
    """A document's facts for a receiver before its key is released; size and digest are the plaintext's."""

    name: Annotated[str, text()]
    folder: Annotated[str, _possibly_empty(MAX_FOLDER)]
    type: Annotated[str, text(255)]
    size: Annotated[int, whole(0, MAX_BODY)]
    digest: Hash

    def to_bytes(self) -> bytes:
        """The plaintext of the box."""
        return dump({"v": VERSION, **write_fields(self)})


@dataclass(frozen=True, slots=True, repr=False)
class Capsule:
    """A document's file key and the exact bytes of its signed record."""

    file_key: Secret
    record: bytes

    def __repr__(self) -> str:
        return f"Capsule(record={self.hash})"

    @property
    def hash(self) -> str:
        """The record's hash, to be compared with the cover's."""
        return record_hash("document", self.record)

    def to_bytes(self) -> bytes:
        """The plaintext of the box."""
        return dump({"v": VERSION, "file_key": to_base64url(self.file_key), "record": to_base64url(self.record)})


def seal_cover(key: bytes, share: str, cover: Cover) -> bytes:
    """The box of a cover; raises CoverTooLargeError for too many documents."""
    sealed = box(key, _aad("cover", share), cover.to_bytes())
    if len(sealed) > MAX_COVER:
        raise CoverTooLargeError(
            "These are more documents than one link can hold.", advice="Share them by two links; nothing was sent."
        )
    return sealed


def open_cover(key: bytes, share: str, sealed: bytes) -> Cover:
    """The cover; raises LinkContentError when it was not made by a holder of the link."""
    return _open(key, _aad("cover", share), sealed, MAX_COVER, _read_cover)


def _read_cover(fields: read.Fields) -> Cover:
    cover = read_fields(Cover, fields)
    if len({document.id for document in cover.documents}) != len(cover.documents):
        raise RecordError("a document stands twice")
    return cover


def seal_entry(key: bytes, share: str, document: str, entry: Entry) -> bytes:
    """The box of an entry, under the link's cover key."""
    return box(key, _aad("entry", share, document), entry.to_bytes())


def open_entry(key: bytes, share: str, document: str, sealed: bytes) -> Entry:
    """The entry; raises LinkContentError for one of another share or document."""
    return _open(key, _aad("entry", share, document), sealed, MAX_ENTRY, partial(read_fields, Entry))


def seal_capsule(key: bytes, share: str, document: str, capsule: Capsule) -> bytes:
    """The box of a capsule, under the link's capsule key."""
    return box(key, _aad("capsule", share, document), capsule.to_bytes())


def open_capsule(key: bytes, share: str, document: str, sealed: bytes) -> Capsule:
    """The capsule; raises LinkContentError for one of another share or document."""
    return _open(key, _aad("capsule", share, document), sealed, MAX_CAPSULE, _read_capsule)


def _read_capsule(fields: read.Fields) -> Capsule:
    record = fields.get("record")
    if not isinstance(record, str):
        raise RecordError("field 'record' must be base64url")
    return Capsule(Secret(read.octets(fields, "file_key", FILE_KEY_SIZE)), from_base64url(record))


def _aad(what: str, *ids: str) -> bytes:
    return lp(b"vault/v1/link/" + what.encode(), *(one.encode() for one in ids))


def _open(key: bytes, aad: bytes, sealed: bytes, limit: int, reader: Callable[[read.Fields], T]) -> T:
    if len(sealed) > limit:
        raise LinkContentError("a part of the link's content is larger than it may be")
    try:
        fields = parse_object(unbox(key, aad, sealed), limit=limit)
        read.integer(fields, "v", least=VERSION, most=VERSION)
        return reader(fields)
    except (BoxError, RecordError) as error:
        raise LinkContentError(f"a part of the link's content cannot be used: {error}") from error
