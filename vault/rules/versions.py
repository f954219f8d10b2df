"""Records that follow one another: each names the number after the last one's, and the last one's hash.

Policies, profiles and trajectories count versions; indexes, tombstones and checkpoints count their sequence. The
chains of rosters and of a dossier's heads ask for more: `vault.rules.chains` and `vault.rules.authority`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from vault.records.types.document import Document
from vault.rules.verdict import ALLOWED, Refused, Verdict


@dataclass(frozen=True, slots=True)
class Last:
    """Where a chain stands: the number and the hash of its newest record."""

    number: int
    hash: str


@runtime_checkable
class Version(Protocol):
    """A record that counts versions."""

    @property
    def version(self) -> int: ...  # noqa: D102 - the class says it

    @property
    def previous(self) -> str | None: ...  # noqa: D102

    @property
    def hash(self) -> str: ...  # noqa: D102


class Entry(Protocol):
    """A record that counts its place in a sequence."""

    @property
    def sequence(self) -> int: ...  # noqa: D102 - the class says it

    @property
    def previous(self) -> str | None: ...  # noqa: D102

    @property
    def hash(self) -> str: ...  # noqa: D102


def next_version(new: Version, last: Version | None) -> Verdict:
    """Whether it is the version after `last`; the first one, where there is none."""
    return _follows(new.version, new.previous, None if last is None else Last(last.version, last.hash))


def next_entry(new: Entry, last: Last | None) -> Verdict:
    """Whether it is the entry after `last`; the first one, where there is none."""
    return _follows(new.sequence, new.previous, last)


def last_entry(entry: Entry | None) -> Last | None:
    """Where the chain stands whose newest entry this is."""
    return None if entry is None else Last(entry.sequence, entry.hash)


def next_document(new: Document, last: Document | None) -> Verdict:
    """Whether a document is a first version, or one after `last` in the same dossier and series."""
    if new.previous is None:
        return ALLOWED
    if last is None or last.hash != new.previous:
        return Refused("conflict")
    return ALLOWED if (last.dossier, last.series) == (new.dossier, new.series) else Refused("conflict")


def _follows(number: int, previous: str | None, last: Last | None) -> Verdict:
    expected = (1, None) if last is None else (last.number + 1, last.hash)
    return ALLOWED if (number, previous) == expected else Refused("conflict")
