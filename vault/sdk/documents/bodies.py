"""Documents' bodies and this machine's disk: the errors, private files, and the key that a record commits to."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from vault.age.derive import committed_payload_key
from vault.age.errors import AgeError
from vault.errors import IntegrityError, UnavailableError, VaultError
from vault.records.types.document import Document


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


def key_of(document: Document, file_key: bytes) -> bytes:
    """The payload key of a record's body; raises DamagedDocumentError when the record commits to another file key.

    ChaCha20-Poly1305 does not commit to its key: without this check one body could open as two texts for two readers.
    """
    try:
        return committed_payload_key(file_key, document.nonce, document.commitment)
    except AgeError as error:
        raise DamagedDocumentError("its key") from error
