"""The metadata of a document's plaintext: the text beside it (FORMAT.md, "Texts")."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vault.records import read
from vault.records.encoding import format_instant

MAX_TYPE = 255
MAX_PURPOSE = 2000


@dataclass(frozen=True, slots=True)
class Metadata:
    """The metadata of a document's plaintext; encrypted beside it."""

    name: str
    folder: str
    type: str
    size: int
    digest: str
    purpose: str
    modified: datetime

    @property
    def path(self) -> str:
        """Folder and name as one text."""
        return f"{self.folder}/{self.name}" if self.folder else self.name

    def to_json(self) -> dict[str, Any]:
        """The fields of the text."""
        return {
            "name": self.name,
            "folder": self.folder,
            "type": self.type,
            "size": self.size,
            "digest": self.digest,
            "purpose": self.purpose,
            "modified": format_instant(self.modified),
        }


def read_metadata(fields: read.Fields) -> Metadata:
    """The metadata in a document's text; raises RecordError."""

    def possibly_empty(name: str, limit: int) -> str:
        return "" if fields.get(name) == "" else read.text(fields, name, limit=limit)

    return Metadata(
        name=read.text(fields, "name"),
        folder=possibly_empty("folder", 4000),
        type=read.text(fields, "type", limit=MAX_TYPE),
        size=read.integer(fields, "size"),
        digest=read.digest(fields, "digest"),
        purpose=possibly_empty("purpose", MAX_PURPOSE),
        modified=read.instant(fields, "modified"),
    )
