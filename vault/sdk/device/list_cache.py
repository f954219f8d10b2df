"""What this device knows of the member's list of dossiers, sealed: names that were verified, and the server's marks.

Nothing rests on it: it is read again from the server where it is missing, damaged or older than another command's. It
holds no key, no identity and no head, and forgets what is wiped (FORMAT.md, "On the client's disk").
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import astuple, dataclass, field, replace
from typing import Any

from vault.boxes import BoxError, box, unbox
from vault.sdk.device.home import Home

FILE = "list"
VERSION = 1
AAD = b"vault/v1/cache"
SHORT = 16


@dataclass(frozen=True, slots=True)
class CachedDossier:
    """A dossier as it was listed and verified last.

    `version`, `sequence` and `index` (the first 16 digits of its hash) are those of head and index when it was listed;
    `destroy_on` is the server's word for the day, `checked` the index under which this device computed it itself, with
    `checked_day` as its result.
    """

    name: str
    kind: str
    purpose: str
    version: int
    sequence: int
    index: str
    destroy_on: str | None
    checked: str = ""
    checked_day: str | None = None

    @property
    def day(self) -> tuple[str | None, bool]:
        """The day of destruction, and whether it was computed from the signed records under this very index."""
        return (self.checked_day, True) if self.checked == self.index else (self.destroy_on, False)

    def with_check(self, before: CachedDossier) -> CachedDossier:
        """With what was computed for an earlier row, which counts while the index is the one of then."""
        return replace(self, checked=before.checked, checked_day=before.checked_day)


@dataclass(slots=True)
class ListCache:
    """Dossiers by id, and the marks of their buckets as the server gave them."""

    dossiers: dict[str, CachedDossier] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)
    stamp: bytes = b""  # of the file that it was read from

    def save(self, home: Home, key: bytes) -> None:
        """Write it, unless another command has written since it was read: then that one counts, until the next look."""
        with home.lock():
            if _stamp(home.read(FILE)) == self.stamp:
                self.write(home, key)

    def write(self, home: Home, key: bytes) -> None:
        """Write it, by the holder of the home's lock."""
        rows = {dossier: astuple(row) for dossier, row in sorted(self.dossiers.items())}
        value = {"v": VERSION, "marks": self.marks, "dossiers": rows}
        sealed = box(key, AAD, json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())
        home.write(FILE, sealed)
        self.stamp = _stamp(sealed)


def load_list(home: Home, key: bytes) -> ListCache:
    """The list as this device knows it; empty where there is none, or none that can be read."""
    sealed = home.read(FILE)
    stamp = _stamp(sealed)
    if sealed is None:
        return ListCache()
    try:
        return _opened(sealed, key, stamp)
    except (BoxError, ValueError, TypeError, KeyError, AttributeError):
        return ListCache(stamp=stamp)


def _opened(sealed: bytes, key: bytes, stamp: bytes) -> ListCache:
    """The file is this member's own under its seal: form is not checked again."""
    value: dict[str, Any] = json.loads(bytes(unbox(key, AAD, sealed)))
    if value["v"] != VERSION:
        raise ValueError("unknown version of the list")
    return ListCache({id_: CachedDossier(*row) for id_, row in value["dossiers"].items()}, dict(value["marks"]), stamp)


def forget_listed(home: Home, key: bytes, dossier: str) -> None:
    """Take a dossier out of the file."""

    def change(cache: ListCache) -> bool:
        cache.dossiers.pop(dossier, None)
        return True  # also where it was not there: whoever reads the list at this moment must not write it

    _change(home, key, change)


def note_day(home: Home, key: bytes, dossier: str, index: str, day: str | None) -> None:
    """Keep the day of destruction that the signed records give under that index."""

    def change(cache: ListCache) -> bool:
        row = cache.dossiers.get(dossier)
        if row is None or (row.checked, row.checked_day) == (index[:SHORT], day):
            return False
        cache.dossiers[dossier] = replace(row, checked=index[:SHORT], checked_day=day)
        return True

    _change(home, key, change)


def _change(home: Home, key: bytes, change: Callable[[ListCache], bool]) -> None:
    with home.lock():
        cache = load_list(home, key)
        if change(cache):
            cache.write(home, key)


def _stamp(sealed: bytes | None) -> bytes:
    return b"" if sealed is None else hashlib.sha256(sealed).digest()
