"""The working folder of one pick-up, beside the final files: fetched parts, and the state for resuming.

It holds no key. It holds the pick-up's name (which only identifies a repetition), files of which parts came already or
that are finished and wait for the others, and at the end the plan for renaming them all, which survives a kill between
two renames.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
import stat
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from vault.errors import UnavailableError
from vault.files import place, write_private
from vault.records import read
from vault.records.encoding import RecordError
from vault.records.strict_json import dump, parse_object
from vault.sdk.device.home import read_private
from vault.sdk.device.names import Places, safe_folder, safe_name
from vault.sdk.documents.bodies import PlaceError, disk

_NAME, _PLAN, _LOCK = "pickup", "plan", "lock"
_LIMIT = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Placed:
    """A saved file of a pick-up: its document, and its path relative to the chosen folder."""

    document: str
    name: str
    size: int


class PickupFolder:
    """`DIR/.dossier-<share>`, locked during the `with`."""

    def __init__(self, out: Path, share: str) -> None:
        self.out = out
        self.path = out / f".dossier-{share}"
        self._lock = -1

    def __enter__(self) -> Self:
        with disk(self.path):
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not stat.S_ISDIR(self.path.lstat().st_mode):
            raise PlaceError(f"{self.path} is not a folder.", advice="Choose another folder with --out.")
        with disk(self.path):
            self._lock = os.open(self.path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._lock)
            raise UnavailableError(
                "The same link is being picked up into this folder already.", advice="Wait until that is done."
            ) from None
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._lock)

    def known_name(self) -> str | None:
        """The name of a pick-up under way; can be read without the lock."""
        content = _read(self.path / _NAME)
        try:
            return None if content is None else read.identifier(content, "name")
        except RecordError:
            return None

    def name(self) -> tuple[str, float | None]:
        """The pick-up's name and its age in seconds; the age of a new name, already on disk, is None."""
        known = self.known_name()
        if known is None:
            return self.rename(), None
        return known, max(0.0, time.time() - (self.path / _NAME).stat().st_mtime)

    def rename(self) -> str:
        """Make a new name for the pick-up, on disk before it is used."""
        name = secrets.token_hex(16)
        write_private(self.path / _NAME, dump({"v": 1, "name": name}))
        return name

    def segments(self, document: str) -> Path:
        """The path of the journal of a document's segments that came; there during the fetch."""
        return self.path / f"{document}.segments"

    def seams(self, document: str) -> Path:
        """The path of the chunks that the segments part, ciphertext; there during the fetch."""
        return self.path / f"{document}.seams"

    def plain(self, document: str) -> Path:
        """The path of a finished file that waits for the others."""
        return self.path / f"{document}.plain"

    def plan(self, files: Iterable[tuple[str, str, str, int]]) -> None:
        """Write the plan of final paths for files (document, folder, name, size): the point of no return."""
        places = Places(self.out)
        placed = []
        for document, folder, name, size in files:
            final = places.take(safe_name(name), inside=safe_folder(folder))
            placed.append(Placed(document, final.relative_to(self.out).as_posix(), size))
        self._write_plan(placed)

    def planned(self) -> list[Placed] | None:
        """The written plan, if there is one."""
        content = _read(self.path / _PLAN)
        if content is None:
            return None
        try:
            values = read.objects(content, "files", most=1000)
            return [
                Placed(
                    read.identifier(value, "document"),
                    _relative(read.text(value, "name", limit=10_000)),
                    read.integer(value, "size"),
                )
                for value in values
            ]
        except RecordError:
            return None

    def carry_out(self) -> list[Placed]:
        """Give every file of the plan its final name, never a taken one, and remove the folder."""
        planned = self.planned() or []
        places = Places(self.out)
        for number, item in enumerate(planned):
            planned[number] = self._place(item, places, planned, number)
        self.remove()
        return planned

    def _place(self, item: Placed, places: Places, planned: list[Placed], number: int) -> Placed:
        temporary, final = self.plain(item.document), self.out / item.name
        if not temporary.exists():
            return item
        with disk(final):
            final.parent.mkdir(parents=True, exist_ok=True)
            while not place(temporary, final):
                # A file of this name appeared after the plan was written: change the plan, then continue.
                original = self.out / item.name
                final = places.take(original.name, inside=original.parent.relative_to(self.out))
                item = Placed(item.document, final.relative_to(self.out).as_posix(), item.size)
                self._write_plan([*planned[:number], item, *planned[number + 1 :]])
        return item

    def _write_plan(self, placed: list[Placed]) -> None:
        write_private(self.path / _PLAN, dump({"v": 1, "files": [asdict(item) for item in placed]}))

    def forget_content(self) -> None:
        """Remove everything but the pick-up's name: a repetition fetches anew, as the same pick-up."""
        for entry in self.path.iterdir():
            if entry.name not in {_NAME, _LOCK}:
                entry.unlink(missing_ok=True)

    def remove(self) -> None:
        """Remove the folder, the plan last: after a kill in between, a repetition sees that every file has its name."""
        with contextlib.suppress(OSError):
            for name in (_NAME, _LOCK, _PLAN):
                (self.path / name).unlink(missing_ok=True)
        shutil.rmtree(self.path, ignore_errors=True)


def _read(path: Path) -> dict[str, Any] | None:
    content = read_private(path)
    try:
        return None if content is None else parse_object(content, limit=_LIMIT)
    except RecordError:
        return None


def _relative(name: str) -> str:
    path = Path(name)
    if path.is_absolute() or ".." in path.parts:
        raise RecordError("a path that leaves the folder")
    return name
