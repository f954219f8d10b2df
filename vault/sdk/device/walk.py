"""The files named by a command line: files themselves, and folders recursively.

An unreadable path is reported and does not stop the others. Nothing is opened here.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from vault.errors import InvalidInputError
from vault.sdk.device.names import UnusableNameError, check_folder, check_name

MAX_DEPTH = 64


class EmptyPathError(InvalidInputError):
    """An empty path, which the system would take for the current folder."""

    def __init__(self) -> None:
        super().__init__("an empty path names no file", advice="Nothing was stored. The folder you are in is called: .")


@dataclass(frozen=True, slots=True)
class Found:
    """A file to deposit: its path, and its name and folder in the dossier."""

    path: Path
    name: str
    folder: str


@dataclass(frozen=True, slots=True)
class Unusable:
    """A path that cannot become a document; `reason` is a stable word."""

    path: Path
    name: str
    reason: str


def collect(paths: Iterable[str | os.PathLike[str]]) -> Iterator[Found | Unusable]:
    """Every file under `paths`, each once, sorted by name within folders.

    A link to a file counts as the file; a link to a folder is not followed, so there are no loops. Raises
    EmptyPathError for an empty path, before anything is found.
    """
    named = [os.fspath(path) for path in paths]
    if "" in named:
        raise EmptyPathError
    return _walk(named)


def _walk(paths: Iterable[str]) -> Iterator[Found | Unusable]:
    seen: set[Path] = set()
    for path in paths:
        for item in _visit(Path(path), "", 0):
            where = item.path.absolute()
            if where not in seen:
                seen.add(where)
                yield item


def _visit(path: Path, folder: str, depth: int) -> Iterator[Found | Unusable]:
    name = path.name
    try:
        linked = stat.S_ISLNK(path.lstat().st_mode)
        mode = path.stat().st_mode
    except OSError as error:
        yield Unusable(path, _shown(name or str(path)), _reason(error))
        return
    if stat.S_ISDIR(mode):
        yield from _visit_folder(path, folder, depth, linked=linked)
    elif stat.S_ISREG(mode):
        yield _named(path, folder)
    else:
        yield Unusable(path, _shown(name), "special_file")


def _visit_folder(path: Path, folder: str, depth: int, *, linked: bool) -> Iterator[Found | Unusable]:
    name = "" if path.name == ".." else path.name
    if linked:
        yield Unusable(path, _shown(name), "linked_folder")
        return
    if depth >= MAX_DEPTH:
        yield Unusable(path, _shown(name), "too_deep")
        return
    inside = "/".join(part for part in (folder, name) if part)
    try:
        entries = sorted(path.iterdir())
    except OSError as error:
        yield Unusable(path, _shown(name), _reason(error))
        return
    for entry in entries:
        yield from _visit(entry, inside, depth + 1)


def _named(path: Path, folder: str) -> Found | Unusable:
    try:
        return Found(path, check_name(path.name), check_folder(folder))
    except UnusableNameError:
        return Unusable(path, _shown(path.name), "name_invalid")


def _shown(name: str) -> str:
    """The name as printable text that JSON can hold, whatever its bytes."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _reason(error: OSError) -> str:
    match error.errno:
        case errno.ENOENT | errno.ENOTDIR:
            return "missing"
        case errno.ELOOP:
            return "link_loop"
        case _:
            return "unreadable"
