"""Reads one document: to a file, atomically, or to a pipe after complete verification."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING

from vault.age.errors import AgeError
from vault.records.types.document import Document, body_digest
from vault.sdk.device.progress import UNWATCHED, Progress
from vault.sdk.documents.arrived import Arrived
from vault.sdk.documents.bodies import DamagedDocumentError, disk, key_of
from vault.sdk.documents.digests import PieceDigests
from vault.sdk.documents.draft import Draft
from vault.sdk.documents.fetching import fetch
from vault.sdk.documents.kept import KeptBody
from vault.sdk.documents.listing import Listed, body_source, identity_of, unlock
from vault.sdk.documents.opened import OpenedBody

if TYPE_CHECKING:
    from vault.sdk.dossiers.open_dossier import OpenDossier


def save_document(dossier: OpenDossier, listed: Listed, out: Path, *, progress: Progress = UNWATCHED) -> int:
    """Save a document as the file `out`, replacing an older file; return its size.

    Raises DamagedDocumentError; `out` is unchanged then.
    """
    file_key, record = unlock(listed, identity_of(dossier)), listed.record
    progress.expect(record.size)
    with Draft(out) as draft, _seams(out) as seams:
        body = OpenedBody((draft.fileno(), seams.fileno()), record, file_key, Arrived(record.size), place=out)
        fetch(body_source(dossier, record.id), record.size, body, progress)
        size = body.check(listed.metadata.digest)
        draft.finish()
    return size


def _seams(out: Path) -> FileIO:
    with disk(out):
        return tempfile.TemporaryFile(dir=out.parent, buffering=0)


def write_document(dossier: OpenDossier, listed: Listed, fd: int, *, progress: Progress = UNWATCHED) -> int:
    """Write a document to a pipe or terminal; return its size. Nothing is written before all of it is verified.

    Raises DamagedDocumentError, OSError. The plaintext is never on disk.
    """
    from vault.age.bulk import write_all  # noqa: PLC0415 - loads `cryptography`

    file_key, record = unlock(listed, identity_of(dossier)), listed.record
    progress.expect(record.size)
    place = Path(tempfile.gettempdir())
    with disk(place):
        file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - closed below
    with file:
        body = KeptBody(file.fileno(), record, place)
        fetch(body_source(dossier, record.id), record.size, body, progress)
        body.check()
        digests = PieceDigests()
        for piece in _plaintext(file.fileno(), record, file_key):
            digests.update(piece)
        if body_digest(digests.finish()) != listed.metadata.digest:
            raise DamagedDocumentError("its content")
        for piece in _plaintext(file.fileno(), record, file_key):
            write_all(fd, piece)
    return listed.metadata.size


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
