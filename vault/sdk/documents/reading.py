"""Reads one document: to a file, atomically, or to a pipe after complete verification."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterator
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING

from vault.age.errors import AgeError
from vault.records.types.document import Document, body_digest
from vault.sdk.device.progress import UNWATCHED, Progress
from vault.sdk.documents.bodies import DamagedDocumentError, check_body, disk, fetch, key_of, make_private, open_body
from vault.sdk.documents.digests import PieceDigests
from vault.sdk.documents.listing import Listed, body_source, identity_of, unlock

if TYPE_CHECKING:
    from vault.sdk.dossiers.open_dossier import OpenDossier


def save_document(dossier: OpenDossier, listed: Listed, out: Path, *, progress: Progress = UNWATCHED) -> int:
    """Save a document as the file `out`, replacing an older file; return its size.

    Raises DamagedDocumentError; `out` is unchanged then.
    """
    file_key = unlock(listed, identity_of(dossier))
    temporary = out.parent / f".{out.name[:100]}.{secrets.token_hex(8)}.part"
    with _body(dossier, listed, out.parent, progress) as body:
        try:
            with disk(out):
                plain = make_private(temporary)
                try:
                    size = open_body(body.fileno(), plain, listed.record, file_key, listed.metadata.digest)
                    os.fsync(plain)
                finally:
                    os.close(plain)
                temporary.replace(out)
        finally:
            temporary.unlink(missing_ok=True)
    return size


def write_document(dossier: OpenDossier, listed: Listed, fd: int, *, progress: Progress = UNWATCHED) -> int:
    """Write a document to a pipe or terminal; return its size. Nothing is written before all of it is verified.

    Raises DamagedDocumentError, OSError. The plaintext is never on disk.
    """
    from vault.age.bulk import write_all  # noqa: PLC0415 - loads `cryptography`

    file_key = unlock(listed, identity_of(dossier))
    with _body(dossier, listed, None, progress) as body:
        digests = PieceDigests()
        for piece in _plaintext(body.fileno(), listed.record, file_key):
            digests.update(piece)
        if body_digest(digests.finish()) != listed.metadata.digest:
            raise DamagedDocumentError("its content")
        for piece in _plaintext(body.fileno(), listed.record, file_key):
            write_all(fd, piece)
    return listed.metadata.size


def _body(dossier: OpenDossier, listed: Listed, folder: Path | None, progress: Progress) -> FileIO:
    """The checked ciphertext in an unnamed file."""
    record = listed.record
    progress.expect(record.size)
    with disk(folder or Path(tempfile.gettempdir())):
        body = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 - the caller closes it
    try:
        fetch(body_source(dossier, record.id), body.fileno(), record.size, progress=progress)
        check_body(body.fileno(), record)
    except BaseException:
        body.close()
        raise
    return body


def _plaintext(fd: int, document: Document, file_key: bytes) -> Iterator[memoryview]:
    """The opened batches of a body, in order, with flat memory."""
    from vault.age.bulk import BATCH_CHUNKS, PLAIN_BATCH, SEALED_BATCH  # noqa: PLC0415
    from vault.age.stream import Opener  # noqa: PLC0415

    opener, out = Opener(key_of(document, file_key)), memoryview(bytearray(PLAIN_BATCH))
    for number, offset in enumerate(range(0, document.size, SEALED_BATCH)):
        sealed = memoryview(os.pread(fd, SEALED_BATCH, offset))
        last = offset + SEALED_BATCH >= document.size
        try:
            yield opener.open_chunks(number * BATCH_CHUNKS, sealed, out, last=last)
        except AgeError as error:
            raise DamagedDocumentError("a part of it") from error
