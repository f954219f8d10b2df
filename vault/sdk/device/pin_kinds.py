"""What is pinned of one index, one dossier, one chain, and of one act of this device."""

from __future__ import annotations

from dataclasses import dataclass

from vault.records.types.index import Index

DOCUMENT_STORED, SHARE_MADE, PICKED_UP = "document_stored", "share_made", "picked_up"


@dataclass(frozen=True, slots=True)
class SeenIndex:
    """A verified link of an index: enough to check all that follow it. `roster` is the version that it stands on."""

    sequence: int
    index: str
    root: str
    count: int
    roster: int

    @classmethod
    def of(cls, index: Index) -> SeenIndex:
        """What is kept of a link."""
        return cls(index.sequence, index.hash, index.root, index.count, index.standing.version)


@dataclass(frozen=True, slots=True)
class SeenDossier:
    """Of one dossier: the newest head, and the newest index once one was seen."""

    version: int
    head: str
    index: SeenIndex | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """The newest seen entry of a chain without a pin type of its own: number and hash."""

    number: int
    hash: str


@dataclass(frozen=True, slots=True, order=True)
class Act:
    """Something that a dossier's audit must mention: the event, and the id of the document or share."""

    event: str
    id: str


def audit_mark(dossier: str) -> str:
    """The name of the mark for the end of a dossier's audit chain."""
    return f"audit:{dossier}"


def profile_mark(dossier: str) -> str:
    """The name of the mark for the newest version of a dossier's profile that an index was seen to list."""
    return f"profile:{dossier}"
