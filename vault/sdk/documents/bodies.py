"""Bodies of documents as files: fetched with resume, checked against the signed record, opened all or nothing.

FORMAT.md, "Documents": an opener checks commitment, size and digest before it decrypts, and the last chunk and the
plaintext's digest before a file gets its final name.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

from vault.age.bulk import decrypt_file
from vault.age.derive import committed_payload_key
from vault.age.errors import AgeError
from vault.errors import IntegrityError, UnavailableError, VaultError
from vault.records.types.document import SEGMENT_SIZE, Document, body_digest, segment_count, segment_length
from vault.sdk.device.progress import UNWATCHED, Progress
from vault.sdk.documents.digests import file_digest
from vault.sdk.errors import AnswerError, ServerUnreachableError
from vault.sdk.server.api import Download
from vault.sdk.server.retry import PAUSES

_READ = 1024 * 1024


class DamagedDocumentError(IntegrityError):
    """A document does not match its signed record: its bytes, key, length or end."""

    code: ClassVar[str] = "document_damaged"

    def __init__(self, why: str) -> None:
        super().__init__(
            f"This document is not the one that was signed ({why}). Nothing of it was saved.",
            advice="Try again. If it stays so, tell the practice: somebody changed it or a disk is failing.",
        )


class DiskError(UnavailableError):
    """This machine's disk cannot be written at present."""

    code: ClassVar[str] = "disk"


class PlaceError(VaultError):
    """The chosen path can never be written."""

    code: ClassVar[str] = "place"


_NOWHERE = frozenset(
    {
        errno.ENOENT,
        errno.ENOTDIR,
        errno.EISDIR,
        errno.EEXIST,
        errno.EACCES,
        errno.EPERM,
        errno.EROFS,
        errno.ELOOP,
        errno.ENAMETOOLONG,
        errno.EINVAL,
    }
)


@contextlib.contextmanager
def disk(path: Path) -> Iterator[None]:
    """Turn OSErrors into DiskError (usually a full disk) or PlaceError."""
    try:
        yield
    except OSError as error:
        if error.errno in _NOWHERE:
            raise PlaceError(
                f"{path} cannot be written ({error.strerror}).",
                advice="Nothing was lost. Choose a folder that is there and that you may write in.",
            ) from error
        raise DiskError(
            f"{path} cannot be written ({error.strerror or error}).",
            advice="Nothing was lost. Make room or choose another folder, then do the same again.",
        ) from error


def make_private(path: Path) -> int:
    """A descriptor of a file of mode 0600, made if missing; never follows a link."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def fetch(
    open_download: Callable[[int], Download], fd: int, size: int, *, at: int = 0, progress: Progress = UNWATCHED
) -> None:
    """Download a body into `fd`, from byte `at` of the file on, resuming an earlier attempt.

    A cut connection is retried. Raises ServerUnreachableError after several attempts without progress, and AnswerError
    for a size other than the signed one.
    """
    have = os.fstat(fd).st_size - at
    if not 0 <= have <= size:
        os.ftruncate(fd, at)
        have = 0
    progress.advance(have)
    failures = 0
    while have < size:
        before = have
        try:
            have = _fetch_on(open_download, fd, have, size, at, progress)
        except ServerUnreachableError as error:
            have = os.fstat(fd).st_size - at
            failures = 0 if have > before else failures + 1
            if failures > len(PAUSES) or error.reason is not None:
                raise
            time.sleep(PAUSES[max(0, failures - 1)])


def _fetch_on(
    open_download: Callable[[int], Download], fd: int, have: int, size: int, at: int, progress: Progress
) -> int:
    with open_download(have) as download:
        if download.start != have:
            progress.advance(download.start - have)
            have = download.start
            os.ftruncate(fd, at + have)
        if download.total is not None and download.total != size:
            raise AnswerError("the server sent a body of another size than was signed")
        for piece in download:
            if have + len(piece) > size:
                raise AnswerError("the server sent more than was signed")
            _write(fd, piece, at + have)
            have += len(piece)
            progress.advance(len(piece))
    if have < size:
        raise ServerUnreachableError("the connection ended early")
    return have


def _write(fd: int, piece: bytes, offset: int) -> None:
    view = memoryview(piece)
    with disk(Path("The disk")):
        while view:
            written = os.pwrite(fd, view, offset)
            view, offset = view[written:], offset + written


def check_body(fd: int, document: Document, *, at: int = 0) -> None:
    """Raise DamagedDocumentError unless the file, from byte `at` on, is the body in the record."""
    if os.fstat(fd).st_size - at != document.size:
        raise DamagedDocumentError("its length")
    count = segment_count(document.size)
    if body_digest(segment_digest(fd, document.size, number, at=at) for number in range(count)) != document.digest:
        raise DamagedDocumentError("its digest")


def segment_digest(fd: int, size: int, number: int, *, at: int = 0) -> bytes:
    """SHA-256 of one segment of a body of `size` bytes, in a file from byte `at` on."""
    digest, offset = hashlib.sha256(), at + number * SEGMENT_SIZE
    end = offset + segment_length(size, number)
    while offset < end and (piece := os.pread(fd, min(_READ, end - offset), offset)):
        digest.update(piece)
        offset += len(piece)
    return digest.digest()


def key_of(document: Document, file_key: bytes) -> bytes:
    """The payload key of a record's body; raises DamagedDocumentError when the record commits to another file key.

    ChaCha20-Poly1305 does not commit to its key: without this check one body could open as two texts for two readers.
    """
    try:
        return committed_payload_key(file_key, document.nonce, document.commitment)
    except AgeError as error:
        raise DamagedDocumentError("its key") from error


def open_body(fd: int, out: int, document: Document, file_key: bytes, digest: str) -> int:
    """Decrypt a checked body into `out`; return the plaintext's size.

    Raises DamagedDocumentError; the caller must then delete `out`.
    """
    try:
        size = decrypt_file(fd, out, key_of(document, file_key))
    except AgeError as error:
        raise DamagedDocumentError("a part of it") from error
    if file_digest(out) != digest:
        raise DamagedDocumentError("its content")
    return size
