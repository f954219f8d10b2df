"""The spool: encrypted bodies of unfinished deposits, so that a repetition resumes the last attempt.

One folder for each document under `$DOSSIER_HOME/spool`: `body` is ciphertext; `sealed` is a box under the spool key
with record, head, metadata and source. It is removed when the document is stored, or after a day. A body without
`sealed` is incomplete: nothing of it was sent, and it is removed. A process that works on a body holds a lock on it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from vault.boxes import box, unbox
from vault.errors import IntegrityError
from vault.files import write_private
from vault.records import read
from vault.records.encoding import RecordError, format_instant, from_base64url, lp, to_base64url
from vault.records.envelope import Envelope, from_json
from vault.records.strict_json import dump, parse_object
from vault.records.types.document import Document
from vault.sdk.device.home import Home, read_private
from vault.sdk.device.source_file import SourceFile
from vault.secret import Secret

VERSION = 1
KEEP = timedelta(days=1)
MAX_SEALED = 524_288
_BODY, _SEALED = "body", "sealed"


@dataclass(frozen=True, slots=True)
class Ticket:
    """Everything a deposit sends except for the body, and its source file."""

    record: Envelope
    head: bytes
    metadata: bytes
    source: SourceFile
    at: datetime

    @property
    def document(self) -> Document:
        """The record's content."""
        return Document.read(self.record)


def seal_ticket(key: bytes, ticket: Ticket) -> bytes:
    """The file `sealed`."""
    source = ticket.source
    fields = {
        "v": VERSION,
        "record": ticket.record.to_json(),
        "head": to_base64url(ticket.head),
        "metadata": to_base64url(ticket.metadata),
        # As texts: nanoseconds and inodes exceed 2^53.
        "source": {
            "path": source.path,
            "size": str(source.size),
            "mtime_ns": str(source.mtime_ns),
            "inode": str(source.inode),
        },
        "at": format_instant(ticket.at),
    }
    return box(key, _place(ticket.document.id), dump(fields))


def open_ticket(key: bytes, document: str, sealed: bytes) -> Ticket:
    """The inverse of `seal_ticket`; raises RecordError, and BoxError for a damaged ticket or another person's."""
    if len(sealed) > MAX_SEALED:
        raise RecordError("larger than a spooled deposit can be")
    fields = parse_object(unbox(key, _place(document), sealed), limit=MAX_SEALED)
    read.integer(fields, "v", least=VERSION, most=VERSION)
    source = read.mapping(fields, "source")
    ticket = Ticket(
        record=from_json(read.mapping(fields, "record"), "document"),
        head=from_base64url(read.text(fields, "head", limit=8192)),
        metadata=from_base64url(read.text(fields, "metadata", limit=32_768)),
        source=SourceFile(
            read.text(source, "path", limit=20_000),
            *(_number(source, name) for name in ("size", "mtime_ns", "inode")),
        ),
        at=read.instant(fields, "at"),
    )
    if ticket.document.id != document:
        raise RecordError("a spooled deposit in another's place")
    return ticket


class SpoolEntry:
    """One unfinished deposit, locked by this process until `close`."""

    def __init__(self, folder: Path, fd: int, ticket: Ticket | None = None) -> None:
        self.folder = folder
        self.fd = fd
        self.ticket = ticket
        self.digests: tuple[bytes, ...] = ()  # of the segments, if this process encrypted them

    @property
    def document(self) -> str:
        """The document's id."""
        return self.folder.name

    def close(self) -> None:
        """Release the lock; a kept entry stays for a later attempt, another one will be swept."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def remove(self) -> None:
        """Remove the entry of a stored document or a failed attempt; a kill in between leaves an incomplete entry."""
        with contextlib.suppress(OSError):
            (self.folder / _SEALED).unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.close()


class Spool:
    """The unfinished deposits of one person on this machine."""

    def __init__(self, home: Home, key: Secret) -> None:
        self._home = home
        self._key = key

    def begin(self, document: str) -> SpoolEntry:
        """A new entry with an empty body; valid once `keep` was called. Raises OSError."""
        folder = self._home.spool / document
        with self._home.lock():
            folder.mkdir(mode=0o700)
            return SpoolEntry(folder, _lock(folder, os.O_CREAT | os.O_EXCL))

    def keep(self, entry: SpoolEntry, ticket: Ticket) -> None:
        """Mark the body as complete: a repetition can resume it. Raises UnavailableError, OSError."""
        os.fsync(entry.fd)
        write_private(entry.folder / _SEALED, seal_ticket(self._key, ticket))
        entry.ticket = ticket

    def find(self, dossier: str, source: SourceFile) -> SpoolEntry | None:
        """The unfinished deposit of this file, in its present state, into that dossier; locked."""
        for folder in self._folders():
            ticket = self._ticket(folder)
            if ticket is None or ticket.source != source or ticket.document.dossier != dossier:
                continue
            try:
                return SpoolEntry(folder, _lock(folder), ticket)
            except OSError:
                continue
        return None

    def sweep(self, now: datetime) -> None:
        """Remove unlocked entries that are older than a day, incomplete or damaged."""
        with self._home.lock():
            for folder in self._folders():
                ticket = self._ticket(folder)
                if ticket is not None and abs(now - ticket.at) < KEEP:
                    continue
                try:
                    entry = SpoolEntry(folder, _lock(folder))
                except BlockingIOError:
                    continue
                except OSError:
                    shutil.rmtree(folder, ignore_errors=True)
                    continue
                entry.remove()

    def forget(self, dossier: str, documents: Collection[str] = ()) -> None:
        """Remove the entries of a destroyed dossier, or of these documents of it."""
        with self._home.lock():
            for folder in self._folders():
                ticket = self._ticket(folder)
                if ticket is None or ticket.document.dossier != dossier:
                    continue
                if not documents or ticket.document.id in documents:
                    shutil.rmtree(folder, ignore_errors=True)

    def _folders(self) -> Iterator[Path]:
        yield from (folder for folder in sorted(self._home.spool.iterdir()) if folder.is_dir())

    def _ticket(self, folder: Path) -> Ticket | None:
        sealed = read_private(folder / _SEALED)
        try:
            return None if sealed is None else open_ticket(self._key, folder.name, sealed)
        except (RecordError, IntegrityError):
            return None


def _lock(folder: Path, flags: int = 0) -> int:
    """A locked descriptor of the body; raises BlockingIOError when another process holds it, OSError if absent."""
    fd = os.open(folder / _BODY, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC | flags, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(fd)
        raise
    return fd


def _place(document: str) -> bytes:
    return lp(b"vault/v1/spool", document.encode())


def _number(fields: read.Fields, name: str) -> int:
    text = read.text(fields, name, limit=20)
    if not (text.isascii() and text.removeprefix("-").isdigit()):
        raise RecordError(f"field {name!r} must be a number")
    return int(text)
