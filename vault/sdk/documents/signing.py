"""What a deposit signs: a document's intent, and its record with head and encrypted metadata."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from mimetypes import MimeTypes
from typing import TYPE_CHECKING

from vault.age.keys import parse_recipient
from vault.records.encoding import FIRST_YEAR, LAST_YEAR, new_id
from vault.records.envelope import Envelope
from vault.records.standing import text_digest
from vault.records.types.document import Document
from vault.records.types.intent import Intent
from vault.sdk.device.source_file import SourceFile
from vault.sdk.device.spool import Wanted
from vault.sdk.documents.metadata import Metadata
from vault.sdk.documents.sealing import FileKey, Measured
from vault.sdk.dossiers.loading import renew
from vault.sdk.errors import ApiError
from vault.sdk.keys.sealed_text import new_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from vault.age.recipients import Recipient
    from vault.sdk.dossiers.open_dossier import OpenDossier

# What a file system says may lie outside the years that a reader of the metadata accepts.
_EARLIEST, _LATEST = (
    int(at.timestamp())
    for at in (datetime(FIRST_YEAR, 1, 1, tzinfo=UTC), datetime(LAST_YEAR, 12, 31, 23, 59, 59, tzinfo=UTC))
)
_TYPES = MimeTypes()
AGAIN = 4


@dataclass(frozen=True, slots=True)
class Signed:
    """All of a document except for its body; head and metadata are of the dossier's identity of that epoch.

    `key` and `text` are what they hold: for the identity that the dossier may have by the time it is sent.
    """

    record: Envelope
    head: bytes
    metadata: bytes
    epoch: int
    key: FileKey = field(repr=False)
    text: bytes = field(repr=False)


def new_intent(dossier: OpenDossier, key: FileKey, size: int, kind: str) -> Intent:
    """The intent of a new document with a body of `size` bytes, under an id of its own."""
    signed_in = dossier.signed_in
    return Intent(
        standing=signed_in.standing,
        dossier=dossier.id,
        id=new_id(),
        series=new_id(),
        previous=None,
        kind=kind,
        draft=False,
        nonce=key.nonce,
        commitment=key.commitment,
        size=size,
        at=signed_in.now(),
        signer=signed_in.member,
    )


def new_head(recipient: str, key: FileKey) -> bytes:
    """The age header that gives the file key to a recipient, and the payload nonce."""
    from vault.age.header import write_header  # noqa: PLC0415 - loads `cryptography`

    return write_header(key.octets, [_recipient(recipient)]) + key.nonce


def sign_document(
    dossier: OpenDossier, intent: Intent, key: FileKey, wanted: Wanted, source: SourceFile, measured: Measured
) -> Signed:
    """The document's record, as its intent says, of the body that was measured, with its metadata."""
    signed_in = dossier.signed_in
    metadata = Metadata(
        name=wanted.name,
        folder=wanted.folder,
        type=_TYPES.guess_type(wanted.name)[0] or "application/octet-stream",
        size=measured.plain_size,
        digest=measured.content,
        purpose=wanted.purpose,
        modified=_instant(source.mtime_ns),
    )
    text = new_text("document", metadata.to_json())
    record = Document(
        **{**intent.reserved(), "standing": signed_in.standing},
        digest=measured.digest,
        metadata=text_digest("document", text),
        at=signed_in.now(),
        signer=signed_in.member,
    )
    return _sealed(dossier, signed_in.sign("document", record.content()), key, text)


def _sealed(dossier: OpenDossier, record: Envelope, key: FileKey, text: bytes) -> Signed:
    """With head and metadata under the dossier's present identity."""
    with dossier.guard:
        head, box = new_head(dossier.recipient, key), dossier.box_text("document", Document.read(record).id, text)
        return Signed(record, head, box, dossier.epoch, key, text)


def settled(dossier: OpenDossier, signed: Signed, send: Callable[[Signed], object]) -> Signed:
    """Send it, again for what the server has by then; what was sent at last. Raises what `send` raises."""
    for _ in range(AGAIN):
        try:
            send(signed)
        except ApiError as error:
            signed = signed_again(dossier, signed, error)
        else:
            return signed
    send(signed)
    return signed


def signed_again(dossier: OpenDossier, signed: Signed, error: ApiError) -> Signed:
    """The same for what the server has now: another identity of the dossier, or another roster.

    Raises the error where neither is why it was refused. A record is signed again only where the one before was not
    taken; under another identity it stays what it is.
    """
    signed_in = dossier.signed_in
    if error.code == "epoch_stale":
        with dossier.guard:
            if dossier.epoch == signed.epoch:
                renew(dossier)
        if dossier.epoch == signed.epoch:
            raise error
        return _sealed(dossier, signed.record, signed.key, signed.text)
    if error.code != "signature_invalid":
        raise error
    signed_in.catch_up()
    record = Document.read(signed.record)
    if record.standing == signed_in.standing:
        raise error
    content = replace(record, standing=signed_in.standing, at=signed_in.now()).content()
    return replace(signed, record=signed_in.sign("document", content))


@lru_cache(maxsize=8)
def _recipient(text: str) -> Recipient:
    """Parsed once for many documents: that takes longer than wrapping a key to it."""
    return parse_recipient(text)


def _instant(nanoseconds: int) -> datetime:
    return datetime.fromtimestamp(min(max(nanoseconds // 10**9, _EARLIEST), _LATEST), UTC)
