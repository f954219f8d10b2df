"""The spool: unfinished deposits of large files, so that a repetition resumes the last attempt. It holds no ciphertext.

One folder for each document under `$DOSSIER_HOME/spool`: `sealed` is a box under the spool key with intent, head,
source and description; `claims` is the journal of what was encrypted. It is removed when the document is stored, or
after a day. A folder without `sealed` is incomplete: nothing was encrypted, and it is removed. A process that works on
a deposit holds a lock on its journal.
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
from vault.records.types.intent import Intent
from vault.sdk.device.home import Home, read_private
from vault.sdk.device.journal import Journal
from vault.sdk.device.source_file import SourceFile
from vault.secret import Secret

VERSION = 1
KEEP = timedelta(days=1)
MAX_SEALED = 524_288
_CLAIMS, _SEALED = "claims", "sealed"


@dataclass(frozen=True, slots=True)
class Wanted:
    """How the file is to be called and described."""

    name: str
    folder: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """An unfinished deposit: its intent, a head that holds its file key for its owner, its description, its source."""

    intent: Envelope
    head: bytes
    wanted: Wanted
    source: SourceFile
    at: datetime

    @property
    def reserved(self) -> Intent:
        """The intent's content."""
        return Intent.read(self.intent)


def seal_ticket(key: bytes, ticket: Ticket) -> bytes:
    """The file `sealed`."""
    source, wanted = ticket.source, ticket.wanted
    fields = {
        "v": VERSION,
        "intent": ticket.intent.to_json(),
        "head": to_base64url(ticket.head),
        "name": wanted.name,
        "folder": wanted.folder,
        "purpose": wanted.purpose,
        # As texts: nanoseconds and inodes exceed 2^53.
        "source": {
            "path": source.path,
            "size": str(source.size),
            "mtime_ns": str(source.mtime_ns),
            "inode": str(source.inode),
        },
        "at": format_instant(ticket.at),
    }
    return box(key, _place(ticket.reserved.id), dump(fields))


def open_ticket(key: bytes, document: str, sealed: bytes) -> Ticket:
    """The inverse of `seal_ticket`; raises RecordError, and BoxError for a damaged ticket or another person's."""
    if len(sealed) > MAX_SEALED:
        raise RecordError("larger than a spooled deposit can be")
    fields = parse_object(unbox(key, _place(document), sealed), limit=MAX_SEALED)
    read.integer(fields, "v", least=VERSION, most=VERSION)
    source = read.mapping(fields, "source")
    ticket = Ticket(
        intent=from_json(read.mapping(fields, "intent"), "intent"),
        head=from_base64url(read.text(fields, "head", limit=8192)),
        wanted=Wanted(read.text(fields, "name"), *(_possibly_empty(fields, name) for name in ("folder", "purpose"))),
        source=SourceFile(
            read.text(source, "path", limit=20_000),
            *(_number(source, name) for name in ("size", "mtime_ns", "inode")),
        ),
        at=read.instant(fields, "at"),
    )
    if ticket.reserved.id != document:
        raise RecordError("a spooled deposit in another's place")
    return ticket


class SpoolEntry:
    """One unfinished deposit, locked by this process until `close`."""

    def __init__(self, folder: Path, fd: int, claims: Journal, ticket: Ticket | None = None) -> None:
        self.folder = folder
        self.claims = claims
        self.ticket = ticket
        self._fd = fd

    @property
    def document(self) -> str:
        """The document's id."""
        return self.folder.name

    def close(self) -> None:
        """Release the lock; a kept entry stays for a later attempt, another one will be swept."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

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
        """A new entry in which nothing was encrypted; valid once `keep` was called. Raises OSError."""
        folder = self._home.spool / document
        with self._home.lock():
            folder.mkdir(mode=0o700)
            return self._entry(folder, flags=os.O_CREAT | os.O_EXCL)

    def keep(self, entry: SpoolEntry, ticket: Ticket) -> None:
        """Write the ticket: from now on something may be encrypted. Raises UnavailableError."""
        write_private(entry.folder / _SEALED, seal_ticket(self._key, ticket))
        entry.ticket = ticket

    def find(self, dossier: str, source: SourceFile) -> SpoolEntry | None:
        """The unfinished deposit of this file, in its present state, into that dossier; locked."""
        for folder in self._folders():
            ticket = self._ticket(folder)
            if ticket is None or ticket.source != source or ticket.reserved.dossier != dossier:
                continue
            with contextlib.suppress(OSError, IntegrityError):
                return self._entry(folder, ticket)
        return None

    def sweep(self, now: datetime) -> None:
        """Remove unlocked entries that are older than a day, incomplete or damaged."""
        with self._home.lock():
            for folder in self._folders():
                ticket = self._ticket(folder)
                if ticket is not None and abs(now - ticket.at) < KEEP:
                    continue
                with contextlib.suppress(BlockingIOError):
                    _remove_unlocked(folder)

    def forget(self, dossier: str, documents: Collection[str] = ()) -> None:
        """Remove the entries of a destroyed dossier, or of these documents of it."""
        with self._home.lock():
            for folder in self._folders():
                ticket = self._ticket(folder)
                if ticket is None or ticket.reserved.dossier != dossier:
                    continue
                if not documents or ticket.reserved.id in documents:
                    shutil.rmtree(folder, ignore_errors=True)

    def _folders(self) -> Iterator[Path]:
        yield from (folder for folder in sorted(self._home.spool.iterdir()) if folder.is_dir())

    def _entry(self, folder: Path, ticket: Ticket | None = None, *, flags: int = 0) -> SpoolEntry:
        """Lock it, then read its journal: another process may have written there until now."""
        fd = _lock(folder, flags)
        try:
            return SpoolEntry(folder, fd, Journal(fd, self._key, folder.name), ticket)
        except BaseException:
            os.close(fd)
            raise

    def _ticket(self, folder: Path) -> Ticket | None:
        sealed = read_private(folder / _SEALED)
        try:
            return None if sealed is None else open_ticket(self._key, folder.name, sealed)
        except (RecordError, IntegrityError):
            return None


def _lock(folder: Path, flags: int = 0) -> int:
    """A locked descriptor of the journal; raises BlockingIOError when another process holds it, OSError if absent."""
    fd = os.open(folder / _CLAIMS, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC | flags, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(fd)
        raise
    return fd


def _remove_unlocked(folder: Path) -> None:
    """Remove an entry that no process works on; raises BlockingIOError for the others."""
    fd = -1
    try:
        fd = _lock(folder)
    except BlockingIOError:
        raise
    except OSError:
        pass
    with contextlib.suppress(OSError):
        (folder / _SEALED).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    if fd >= 0:
        os.close(fd)


def _possibly_empty(fields: read.Fields, name: str) -> str:
    return "" if fields.get(name) == "" else read.text(fields, name, limit=4000)


def _place(document: str) -> bytes:
    return lp(b"vault/v1/spool", document.encode())


def _number(fields: read.Fields, name: str) -> int:
    text = read.text(fields, name, limit=20)
    if not (text.isascii() and text.removeprefix("-").isdigit()):
        raise RecordError(f"field {name!r} must be a number")
    return int(text)
