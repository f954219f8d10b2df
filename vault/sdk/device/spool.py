"""The spool: encrypted bodies of unfinished deposits, so that a repeat goes on where the last attempt ended.

A folder a document under `$DOSSIER_HOME/spool`: `body` is ciphertext, `sealed` a box under the spool key of record,
head, metadata and source. Gone when the document is stored, and after a day. A body without `sealed` was never
finished: nothing of it was sent, and it is thrown away. Who works on a body holds a lock on it.
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
from vault.records.encoding import RecordError, dump, format_instant, from_base64url, lp, parse_object, to_base64url
from vault.records.envelope import Envelope, from_json
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
    """Everything but the body that a deposit sends, and which file it came from."""

    record: Envelope
    head: bytes
    metadata: bytes
    source: SourceFile
    at: datetime

    @property
    def document(self) -> Document:
        """What the record says."""
        return Document.read(self.record)


def seal_ticket(key: bytes, ticket: Ticket) -> bytes:
    """The file `sealed`."""
    source = ticket.source
    fields = {
        "v": VERSION,
        "record": ticket.record.to_json(),
        "head": to_base64url(ticket.head),
        "metadata": to_base64url(ticket.metadata),
        # As texts: nanoseconds and inodes go beyond 2^53.
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
    """The inverse of `seal_ticket`; raises BoxError for another's or a damaged one, RecordError."""
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
        self.digests: tuple[bytes, ...] = ()  # of the segments, if this process has encrypted them

    @property
    def document(self) -> str:
        """The document's id."""
        return self.folder.name

    def close(self) -> None:
        """Give the lock back; the entry stays for a later attempt if it was kept, and is swept if not."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def remove(self) -> None:
        """The document is stored, or this attempt leads nowhere; killed in between, what is left was never finished."""
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
        """An entry with an empty body, which counts from `keep` on. Raises OSError."""
        folder = self._home.spool / document
        with self._home.lock():
            folder.mkdir(mode=0o700)
            return SpoolEntry(folder, _lock(folder, os.O_CREAT | os.O_EXCL))

    def keep(self, entry: SpoolEntry, ticket: Ticket) -> None:
        """The body is complete: from here on a repeat goes on with it. Raises UnavailableError, OSError."""
        os.fsync(entry.fd)
        write_private(entry.folder / _SEALED, seal_ticket(self._key, ticket))
        entry.ticket = ticket

    def find(self, dossier: str, source: SourceFile) -> SpoolEntry | None:
        """The unfinished deposit of this file, as it stands now, into that dossier; locked."""
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
        """Remove what is older than a day, unfinished or damaged, and used by nobody."""
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
        """Remove what was under way into a dossier that was destroyed, or of these documents of it."""
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
    """A descriptor of the body, locked; raises BlockingIOError when somebody works on it, OSError when it is gone."""
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
