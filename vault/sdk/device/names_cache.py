"""What this device knows of the names of a dossier's documents, sealed, so that a name finds its document alone.

A file counts for the one index that it was verified under, and bears its first digits; any other of the dossier is
removed. Nothing rests on it: where it does not help, everything is listed (FORMAT.md, "On the client's disk").
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable
from dataclasses import dataclass
from pathlib import Path

from vault.boxes import BoxError, box, unbox
from vault.records.encoding import lp
from vault.sdk.device.home import Home, read_private

FOLDER = "names"
VERSION = 1
SHORT = 16


@dataclass(frozen=True, slots=True)
class Named:
    """A stored document of that index."""

    id: str
    folder: str
    name: str

    @property
    def path(self) -> str:
        """Folder and name."""
        return f"{self.folder}/{self.name}" if self.folder else self.name

    @property
    def names(self) -> frozenset[str]:
        """Folder and name, and the name."""
        return frozenset({self.path, self.name})


def load_names(home: Home, key: bytes, dossier: str, index: str) -> list[Named]:
    """The documents under that index; none where they are not known, or cannot be read."""
    sealed = read_private(_path(home, dossier, index))
    if sealed is None:
        return []
    try:
        value = json.loads(bytes(unbox(key, _aad(dossier, index), sealed)))
        return [Named(*each) for each in value["documents"]] if value["v"] == VERSION else []
    except (BoxError, ValueError, TypeError, KeyError):
        return []


def save_names(home: Home, key: bytes, dossier: str, index: str, documents: Iterable[Named]) -> None:
    """Keep them, in the place of those under an older index."""
    rows = [[each.id, each.folder, each.name] for each in documents]
    content = json.dumps({"v": VERSION, "documents": rows}, ensure_ascii=False, separators=(",", ":"))
    path = _path(home, dossier, index)
    home.write(f"{FOLDER}/{path.name}", box(key, _aad(dossier, index), content.encode()))
    forget_names(home, dossier, but=index)


def forget_names(home: Home, dossier: str, *, but: str = "") -> None:
    """Remove a dossier's names, except those under the index `but`."""
    for path in (home.path / FOLDER).glob(f"{dossier}.*"):
        if path != _path(home, dossier, but):
            path.unlink(missing_ok=True)


def keep_names_of(home: Home, dossiers: Container[str]) -> None:
    """Remove the names of every other dossier."""
    for path in (home.path / FOLDER).glob("*"):
        if path.name.partition(".")[0] not in dossiers:
            path.unlink(missing_ok=True)


def _path(home: Home, dossier: str, index: str) -> Path:
    return home.path / FOLDER / f"{dossier}.{index[:SHORT]}"


def _aad(dossier: str, index: str) -> bytes:
    return lp(b"vault/v1/names", dossier.encode(), index.encode())
