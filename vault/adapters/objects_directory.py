"""Objects in a directory: temporary file, fsync, link without overwriting, fsync of the folder."""

from __future__ import annotations

import errno
import hashlib
import hmac
import os
import re
import secrets
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from vault.errors import IntegrityError, InvalidInputError, UnavailableError
from vault.files import unavailable, unavailable_on_failure
from vault.ports.errors import DigestMismatchError
from vault.ports.objects import Source

PIECE = 1 << 20
_ATTEMPTS = 100
_INCOMING = ".incoming"  # an object's name cannot hold a dot
_NAME = re.compile(r"[0-9a-z-]{1,128}(/[0-9a-z-]{1,128}){0,7}", re.ASCII)
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_STRANGE = {errno.ELOOP, errno.ENOTDIR, errno.EISDIR}


def checked_name(name: str) -> str:
    """The name of an object: lower-case letters, digits and hyphens between slashes; raises InvalidInputError."""
    if not _NAME.fullmatch(name):
        raise InvalidInputError("that is no name of an object")
    return name


def removable(names: Iterable[str]) -> list[str]:
    """The names, checked; raises InvalidInputError for a name in the ledger, which is append-only."""
    checked = [checked_name(name) for name in names]
    if any(name.startswith("ledger/") for name in checked):
        raise InvalidInputError("nothing is removed from the ledger")
    return checked


class DirectoryObjects:
    """Implements `Objects`. Below the root every path step uses an open folder (`dir_fd`) and follows no link."""

    def __init__(self, root: Path) -> None:
        self._root = root
        with unavailable_on_failure(root):
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
            (root / _INCOMING).mkdir(mode=0o700, exist_ok=True)

    def put(self, name: str, source: Source, size: int, digest: bytes, *, fresh: bool = False) -> bool:
        """See `Objects.put`."""
        if not fresh and self.size(name) is not None:
            return False
        with self._folder(_INCOMING) as incoming:
            draft = secrets.token_hex(16)
            with _reported(name):
                handle = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600, dir_fd=incoming)
            try:
                try:
                    _copy(source, handle, name, size, digest)
                finally:
                    os.close(handle)
                return self._link(incoming, draft, name)
            finally:
                with suppress(FileNotFoundError):
                    os.unlink(draft, dir_fd=incoming)

    def get(self, name: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """See `Objects.get`; the file is opened here, so the bytes stay readable if the object is removed meanwhile."""
        if start < 0 or (length is not None and length < 0):
            raise ValueError("a range begins at 0 and is not negative")
        handle = self._open(name)
        if handle is None:
            raise LookupError("no such object")
        end = os.fstat(handle).st_size
        return Pieces(handle, name, start, end if length is None else min(end, start + length))

    def address(self, name: str) -> str | None:
        """See `Objects.address`: a folder answers no proxy."""
        checked_name(name)
        return None

    def size(self, name: str) -> int | None:
        """See `Objects.size`."""
        handle = self._open(name)
        if handle is None:
            return None
        try:
            return os.fstat(handle).st_size
        finally:
            os.close(handle)

    def names(self, prefix: str = "") -> Iterator[str]:
        """See `Objects.names`; only one folder's names are in memory at a time."""
        yield from self._below("", prefix)

    def remove(self, names: Iterable[str]) -> None:
        """See `Objects.remove`; emptied folders are removed too, and each remaining folder is synced once."""
        leaves: dict[str, list[str]] = {}
        for name in removable(names):
            parent, _, leaf = name.rpartition("/")
            leaves.setdefault(parent, []).append(leaf)
        for parent, inside in leaves.items():
            with suppress(FileNotFoundError), self._folder(parent) as folder, _reported(parent):
                for leaf in inside:
                    with suppress(FileNotFoundError):
                        os.unlink(leaf, dir_fd=folder)
        for left in {self._prune(parent) for parent in leaves}:
            with suppress(FileNotFoundError), self._folder(left) as folder, _reported(left):
                os.fsync(folder)

    def remove_below(self, folder: str) -> None:
        """See `Objects.remove_below`."""
        self.remove(list(self.names(f"{checked_name(folder)}/")))
        if not self.empty_below(folder):
            raise UnavailableError(f"something came into {folder} while it was emptied", advice="Try again.")

    def empty_below(self, folder: str) -> bool:
        """See `Objects.empty_below`."""
        return next(self.names(f"{checked_name(folder)}/"), None) is None

    def check(self) -> None:
        """See `Objects.check`: creates a file there."""
        with self._folder(_INCOMING) as incoming, _reported(self._root):
            draft = secrets.token_hex(16)
            os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600, dir_fd=incoming))
            os.unlink(draft, dir_fd=incoming)

    def sweep_incoming(self, before: datetime) -> int:
        """Remove files that interrupted puts left before that moment; how many. No row refers to such a file."""
        removed = 0
        with self._folder(_INCOMING) as incoming, _reported(self._root):
            with os.scandir(incoming) as entries:
                drafts = [entry.name for entry in entries]
            for draft in drafts:
                with suppress(FileNotFoundError):
                    if os.stat(draft, dir_fd=incoming, follow_symlinks=False).st_mtime < before.timestamp():
                        os.unlink(draft, dir_fd=incoming)
                        removed += 1
        return removed

    @contextmanager
    def _folder(self, path: str, *, make: bool = False) -> Iterator[int]:
        """An open folder below the root; raises FileNotFoundError unless it exists or is made."""
        with unavailable_on_failure(self._root):
            folder = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for part in filter(None, path.split("/")):
                with _reported(path):
                    if make:
                        _make_folder(part, folder)
                    inner = os.open(part, _FOLDER, dir_fd=folder)
                os.close(folder)
                folder = inner
            yield folder
        finally:
            os.close(folder)

    def _open(self, name: str) -> int | None:
        parent, _, leaf = checked_name(name).rpartition("/")
        try:
            with self._folder(parent) as folder, _reported(name):
                handle = os.open(leaf, _FILE, dir_fd=folder)
        except FileNotFoundError:
            return None
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise IntegrityError(f"{name} is no file in the object store")
        return handle

    def _link(self, incoming: int, draft: str, name: str) -> bool:
        parent, _, leaf = name.rpartition("/")
        for _ in range(_ATTEMPTS):
            # A concurrent removal may prune the folder before the link: then make it again.
            with suppress(FileNotFoundError), self._folder(parent, make=True) as folder, _reported(name):
                try:
                    os.link(draft, leaf, src_dir_fd=incoming, dst_dir_fd=folder, follow_symlinks=False)
                except FileExistsError:
                    return False
                os.fsync(folder)
                return True
        raise UnavailableError(f"the folder of {name} keeps disappearing", advice="Nothing was kept; try again.")

    def _below(self, path: str, prefix: str) -> Iterator[str]:
        for entry in self._listed(path):
            full = path + entry
            if entry.endswith("/"):
                if full.startswith(prefix) or prefix.startswith(full):
                    yield from self._below(full, prefix)
            elif full.startswith(prefix):
                yield full

    def _listed(self, path: str) -> list[str]:
        """The entries, in the order of object names: a folder's name ends in a slash ("a-b/" comes before "a/")."""
        try:
            with self._folder(path) as folder, _reported(path), os.scandir(folder) as entries:
                found = [
                    f"{entry.name}/" if entry.is_dir(follow_symlinks=False) else entry.name
                    for entry in entries
                    if _NAME.fullmatch(entry.name)
                    and (entry.is_dir(follow_symlinks=False) or entry.is_file(follow_symlinks=False))
                ]
        except FileNotFoundError:
            return []
        return sorted(found)

    def _prune(self, path: str) -> str:
        """Remove the folder and its empty parents; return the nearest remaining one."""
        while path:
            parent, _, leaf = path.rpartition("/")
            try:
                with self._folder(parent) as folder:
                    os.rmdir(leaf, dir_fd=folder)
            except FileNotFoundError:
                pass
            except OSError:
                break  # not empty, or a put is filling it
            path = parent
        return path


class Pieces:
    """The bytes of an open object from `start` to `end`; closes it at the end, at `close`, or when it is dropped."""

    def __init__(self, handle: int, name: str, start: int, end: int) -> None:
        self._handle = handle
        self._name = name
        self._at = start
        self._end = end

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._handle < 0 or self._at >= self._end:
            self.close()
            raise StopIteration
        with _reported(self._name):
            piece = os.pread(self._handle, min(PIECE, self._end - self._at), self._at)
        if not piece:
            raise IntegrityError(f"{self._name} became shorter while it was read")
        self._at += len(piece)
        return piece

    def close(self) -> None:
        """Close the file; repeatable."""
        handle, self._handle = self._handle, -1
        if handle >= 0:
            os.close(handle)

    def __del__(self) -> None:
        self.close()


def _copy(source: Source, handle: int, name: str, size: int, digest: bytes) -> None:
    """Write all of `source` durably, checking size and digest; never more than one piece in memory."""
    hashed, buffer = hashlib.sha256(), memoryview(bytearray(min(PIECE, size + 1)))
    left = size
    while got := source.readinto(buffer[: left + 1]):  # one byte beyond the announced size, to detect a surplus
        left -= got
        if left < 0:
            raise DigestMismatchError("more bytes arrived than were announced")
        hashed.update(buffer[:got])
        with _reported(name):
            _write(handle, buffer[:got])
    if left:
        raise DigestMismatchError("fewer bytes arrived than were announced")
    if not hmac.compare_digest(hashed.digest(), digest):
        raise DigestMismatchError("other bytes arrived than were announced")
    with _reported(name):
        os.fsync(handle)


def _write(handle: int, rest: memoryview) -> None:
    while rest:
        rest = rest[os.write(handle, rest) :]


def _make_folder(part: str, folder: int) -> None:
    with suppress(FileExistsError):
        os.mkdir(part, 0o700, dir_fd=folder)
    os.fsync(folder)  # also when another process made it: it may not have synced yet


@contextmanager
def _reported(what: object) -> Iterator[None]:
    """FileNotFoundError passes; a link or folder in a file's place: IntegrityError; all else: UnavailableError."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        if error.errno in _STRANGE:
            raise IntegrityError(f"{what} is not what the object store wrote") from error
        raise unavailable(what, error) from error
