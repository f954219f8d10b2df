"""The objects of a set: their list, and their bodies where they are to be copied; those of the set before are linked.

They are ciphertext as they lie there, and immutable: the same name and size is the same object.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from infra.backup.folder import OBJECTS, BackupSet
from infra.backup.sealed import forget
from vault.errors import IntegrityError
from vault.files import made_durable, unavailable_on_failure
from vault.ports.objects import Objects
from vault.records.backup import LISTING, Listed, read_listing
from vault.records.encoding import RecordError

_NEW = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW


class ObjectsPart:
    """Lists the objects, and copies each into the set if it is to hold them."""

    def __init__(self, objects: Objects, draft: Path, before: BackupSet | None, *, copies: bool) -> None:
        self._objects = objects
        self._folder = draft / OBJECTS
        self._before = before
        self._copies = copies
        self.count = self.size = 0
        self.copied: list[Listed] = []
        self.names: set[str] = set()
        self._known: Mapping[str, Listed] = _listed(before)

    def lines(self) -> Iterator[bytes]:
        """The lines of the list, each once its object is durable in the set. One removed meanwhile is left out."""
        for name in self._objects.names():
            found = self._taken(name) if self._copies else self._seen(name)
            if found is not None:
                self.count += 1
                self.size += found.size
                if name.startswith("ledger/"):
                    self.names.add(name)
                yield found.to_line()
        if self._copies:
            self._settle()

    def newest(self, prefix: str) -> int:
        """The highest number under a name of the ledger."""
        numbers = (name.removeprefix(prefix) for name in self.names if name.startswith(prefix))
        return max((int(each) for each in numbers if each.isdigit()), default=0)

    def _seen(self, name: str) -> Listed | None:
        if name in self._known:  # immutable: one question less for each, each night
            return self._known[name]
        size = self._objects.size(name)
        return None if size is None else Listed(name, size, None)

    def _taken(self, name: str) -> Listed | None:
        path = self._folder / name
        with unavailable_on_failure(path):
            make_folder(path.parent)
        known = self._known.get(name)
        if known is not None and known.digest is not None and self._linked(known, path):
            return known
        return self._copy(name, path)

    def _linked(self, known: Listed, path: Path) -> bool:
        """Whether the set before holds it, and this disk knows hard links."""
        assert self._before is not None
        try:
            source = self._before.path / OBJECTS / known.name
            if source.stat(follow_symlinks=False).st_size != known.size:
                return False
            os.link(source, path, follow_symlinks=False)
        except OSError:
            return False
        return True

    def _copy(self, name: str, path: Path) -> Listed | None:
        digest, size = hashlib.sha256(), 0
        with unavailable_on_failure(path):
            handle = os.open(path, _NEW, 0o600)
            with os.fdopen(handle, "wb") as file:
                try:
                    for piece in self._objects.get(name):
                        digest.update(piece)
                        size += len(piece)
                        file.write(piece)
                except LookupError:
                    path.unlink()
                    return None
                file.flush()
                os.fsync(handle)
                forget(handle)
        made = Listed(name, size, digest.hexdigest())
        self.copied.append(made)
        return made

    def _settle(self) -> None:
        """Make every folder durable."""
        with unavailable_on_failure(self._folder):
            make_folder(self._folder)
            for root, _, _ in os.walk(self._folder):
                made_durable(Path(root))


def make_folder(path: Path) -> None:
    """A folder and those above it, each 0700."""
    if not path.is_dir():
        make_folder(path.parent)
        path.mkdir(mode=0o700)


def listing(path: Path) -> Iterator[Listed]:
    """The objects that a set lists; raises IntegrityError for a damaged list."""
    try:
        with unavailable_on_failure(path), path.open("rb") as file:
            yield from read_listing(file)
    except RecordError as error:
        raise IntegrityError(f"the list of objects is damaged: {error}") from error


def _listed(before: BackupSet | None) -> dict[str, Listed]:
    """What the set before lists; nothing where its list is damaged: then all of it is read again."""
    if before is None:
        return {}
    try:
        return {each.name: each for each in listing(before.path / LISTING)}
    except IntegrityError:
        return {}
