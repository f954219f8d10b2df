"""A set of a backup: its manifest, and the list of the objects beside it (FORMAT.md, "Backup").

Neither is signed. The set's name ends with the digest of its manifest, which holds those of everything else.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vault.records import read
from vault.records.encoding import RecordError, format_instant
from vault.records.strict_json import MAX_INTEGER, dump, parse_object

VERSION = 1
LIMIT = 1024 * 1024
MOST_PARTS = 1000
RECORDS, KEYSTORE, KEYS = "records.age", "keystore.age", "keys.age"
LISTING, ESCROW = "objects.list", "escrow/generation-"
SEALED = (RECORDS, KEYSTORE, KEYS)
# How far each store was: what a restored one is compared with.
POSITIONS = {
    "records": ("audit", "ledger", "roster"),
    "keystore": ("audit", "generation", "ledger"),
    "key_files": ("newest",),
    "objects": ("ledger", "roster"),
}
_NAME = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{16}\Z")
_PART = re.compile(r"(?:records\.age|keystore\.age|keys\.age|objects\.list|escrow/generation-[1-9][0-9]{0,17})\Z")
_LINE = re.compile(r"([0-9a-z-]{1,128}(?:/[0-9a-z-]{1,128}){0,7}) (0|[1-9][0-9]{0,15}) ([0-9a-f]{64}|-)\Z")
_SCHEMA = re.compile(r"[0-9a-z_]{1,32}\Z")


@dataclass(frozen=True, slots=True)
class Part:
    """A file of the set, its size and its SHA-256 as hex."""

    name: str
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class Counted:
    """How many objects there were, their bytes together, and whether the set holds them too."""

    count: int
    size: int
    copied: bool


@dataclass(frozen=True, slots=True)
class Manifest:
    """What lies in a set. `schemas` are the revisions of the two databases' tables."""

    installation: str
    practice: str
    at: datetime
    schemas: Mapping[str, str]
    positions: Mapping[str, Mapping[str, int]]
    objects: Counted
    parts: tuple[Part, ...]

    def to_bytes(self) -> bytes:
        """The file's content."""
        objects = {"count": self.objects.count, "size": self.objects.size, "copied": self.objects.copied}
        parts = [{"name": each.name, "size": each.size, "digest": each.digest} for each in self.parts]
        return dump(
            {
                "v": VERSION,
                "installation": self.installation,
                "practice": self.practice,
                "at": format_instant(self.at),
                "schemas": {store: self.schemas[store] for store in ("records", "keystore")},
                "positions": {store: {at: self.positions[store][at] for at in POSITIONS[store]} for store in POSITIONS},
                "objects": objects,
                "parts": parts,
            }
        )

    def part(self, name: str) -> Part:
        """The part of that name, which is there."""
        return next(each for each in self.parts if each.name == name)


@dataclass(frozen=True, slots=True)
class Listed:
    """An object that was there; its SHA-256 as hex where it was read, else None."""

    name: str
    size: int
    digest: str | None

    def to_line(self) -> bytes:
        """Its line of the list."""
        return f"{self.name} {self.size} {self.digest or '-'}\n".encode("ascii")


def name_of(at: datetime, raw: bytes) -> str:
    """The name of the set whose manifest these bytes are."""
    return f"{at:%Y%m%dT%H%M%SZ}-{hashlib.sha256(raw).hexdigest()[:16]}"


def is_name(name: str) -> bool:
    """Whether a set may have that name."""
    return _NAME.match(name) is not None


def parse_manifest(raw: bytes) -> Manifest:
    """A manifest from its file's content; raises RecordError."""
    fields = parse_object(raw, limit=LIMIT)
    if fields.get("v") != VERSION or isinstance(fields.get("v"), bool):
        raise RecordError("unknown version of a backup")
    objects = read.mapping(fields, "objects")
    return Manifest(
        installation=read.identifier(fields, "installation"),
        practice=read.identifier(fields, "practice"),
        at=read.instant(fields, "at"),
        schemas=_schemas(read.mapping(fields, "schemas")),
        positions=_positions(read.mapping(fields, "positions")),
        objects=Counted(read.integer(objects, "count"), read.integer(objects, "size"), read.boolean(objects, "copied")),
        parts=_parts(fields),
    )


def read_listing(lines: Iterable[bytes]) -> Iterator[Listed]:
    """The objects of a list, ascending by name; raises RecordError at a line that is none."""
    before = ""
    for line in lines:
        found = _LINE.match(line.decode("ascii", "replace").removesuffix("\n"))
        if found is None or not line.endswith(b"\n"):
            raise RecordError("a line of the list of objects is damaged")
        name, size, digest = found.groups()
        if name <= before or int(size) > MAX_INTEGER:
            raise RecordError("the list of objects is not in order")
        before = name
        yield Listed(name, int(size), None if digest == "-" else digest)


def _schemas(fields: dict[str, Any]) -> dict[str, str]:
    found = {store: read.text(fields, store, limit=32) for store in ("records", "keystore")}
    if not all(_SCHEMA.match(each) for each in found.values()):
        raise RecordError("a backup names a schema that is none")
    return found


def _positions(fields: dict[str, Any]) -> dict[str, dict[str, int]]:
    return {
        store: {name: read.integer(read.mapping(fields, store), name) for name in names}
        for store, names in POSITIONS.items()
    }


def _parts(fields: dict[str, Any]) -> tuple[Part, ...]:
    """All parts, ascending by name: each sealed one, the list, and an escrow at least."""
    found = tuple(
        Part(read.text(each, "name", limit=64), read.integer(each, "size"), read.digest(each, "digest"))
        for each in read.objects(fields, "parts", least=5, most=MOST_PARTS)
    )
    names = [each.name for each in found]
    if names != sorted(set(names)) or not all(_PART.match(name) for name in names):
        raise RecordError("the parts of a backup are not those that it has")
    if not {*SEALED, LISTING}.issubset(names) or not any(name.startswith(ESCROW) for name in names):
        raise RecordError("a backup lacks a part")
    return found
