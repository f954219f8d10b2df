"""Sealed parts: ordinary age files to the directors and the sheet, written in pieces and durable at their end.

Nothing is on the disk in the clear, not even for a moment: what is copied may be keys of what is erased tomorrow.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from vault.age import (
    AgeError,
    Head,
    HybridIdentity,
    NoMatchError,
    OpenStream,
    SealStream,
    parse_recipient,
    payload_key,
    read_head,
    unwrap,
    write_header,
)
from vault.errors import IntegrityError, InvalidInputError
from vault.files import unavailable_on_failure
from vault.records.backup import Part

PIECE = 1 << 20
LONGEST_LINE = 1 << 26
_NEW = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW


def write_part(folder: Path, name: str, pieces: Iterable[bytes]) -> Part:
    """A new file of the set (0600), durable; raises UnavailableError."""
    path, digest, size = folder / name, hashlib.sha256(), 0
    with unavailable_on_failure(path):
        handle = os.open(path, _NEW, 0o600)
        with os.fdopen(handle, "wb") as file:
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
            forget(file.fileno())
    return Part(name, size, digest.hexdigest())


def forget(handle: int) -> None:
    """Let the kernel forget what it holds of the file: what is read next comes from the disk."""
    with suppress(OSError, AttributeError):
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)


class Sealing:
    """The key of one part, drawn for it alone; whoever wrote it reads it back by `opened`."""

    def __init__(self, recipients: Sequence[str]) -> None:
        """Seal to these recipients; raises InvalidInputError where something cannot be sealed to one of them."""
        try:
            to = [parse_recipient(each) for each in recipients]
            file_key = os.urandom(16)
            self._nonce = os.urandom(16)
            self._header = write_header(file_key, to)
        except AgeError as error:
            raise InvalidInputError("the backup cannot be sealed to the directors and the sheet") from error
        self._key = payload_key(file_key, self._nonce)

    def sealed(self, plain: Iterable[bytes]) -> Iterator[bytes]:
        """The age file, in pieces."""
        yield self._header + self._nonce
        stream = SealStream(self._key)
        for piece in gathered(plain):
            yield stream.update(piece)
        yield stream.finish()

    def opened(self, path: Path) -> Iterator[bytes]:
        """The plaintext of the file that was written; raises IntegrityError for another one."""
        return _opened(path, lambda _: self._key)


def gathered(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of about a MiB."""
    kept: list[bytes] = []
    size = 0
    for piece in pieces:
        kept.append(piece)
        size += len(piece)
        if size >= PIECE:
            yield b"".join(kept)
            kept, size = [], 0
    yield b"".join(kept)


def open_part(path: Path, identity: HybridIdentity) -> Iterator[bytes]:
    """The plaintext of a part for whom it was sealed to; raises InvalidInputError for others, IntegrityError."""
    return _opened(path, lambda head: payload_key(unwrap(head.parsed(), [identity]), head.nonce))


def check_head(path: Path) -> None:
    """Raise IntegrityError unless the file begins as an age file does."""
    try:
        with unavailable_on_failure(path), path.open("rb") as file:
            read_head(file.read)[0].parsed()
    except AgeError as error:
        raise _damaged(path) from error


def _opened(path: Path, key_of: Callable[[Head], bytes]) -> Iterator[bytes]:
    try:
        with unavailable_on_failure(path), path.open("rb") as file:
            head, first = read_head(file.read)
            stream = OpenStream(key_of(head))
            yield stream.update(first)
            while piece := file.read(PIECE):
                yield stream.update(piece)
            yield stream.finish()
    except NoMatchError as error:
        raise InvalidInputError(
            f"{path.name} is not sealed to you",
            advice="Nothing was changed. Directors open a backup, of the roster when it was made, and that time's "
            "recovery sheet (--sheet).",
        ) from error
    except AgeError as error:
        raise _damaged(path) from error


def lines(pieces: Iterable[bytes], name: str) -> Iterator[bytes]:
    """The lines of a text that comes in pieces, without their ends; raises IntegrityError for one without end."""
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        yield from whole
        if len(rest) > LONGEST_LINE:
            break
    if rest:
        raise IntegrityError(f"{name} does not hold what it should")


def _damaged(path: Path) -> IntegrityError:
    return IntegrityError(f"{path.name} is damaged", advice="Nothing was changed. Take another set.")
