"""Chains of records: each holds the next number, and its predecessor's hash.

Policies, profiles and trajectories count versions; indexes, tombstones and checkpoints count their sequence. The chains
of rosters and of a dossier's heads have further rules: `vault.rules.rosters` and `vault.rules.rights`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from vault.records.standing import Standing
from vault.records.types.document import Document
from vault.records.types.intent import Intent
from vault.rules.verdict import ALLOWED, Refused, Verdict


@dataclass(frozen=True, slots=True)
class Last:
    """The end of a chain: the number and the hash of its newest record."""

    number: int
    hash: str


@runtime_checkable
class Version(Protocol):
    """A record with a version number."""

    @property
    def version(self) -> int: ...  # noqa: D102 - the class says it

    @property
    def previous(self) -> str | None: ...  # noqa: D102

    @property
    def hash(self) -> str: ...  # noqa: D102


class Entry(Protocol):
    """A record with a sequence number."""

    @property
    def sequence(self) -> int: ...  # noqa: D102 - the class says it

    @property
    def previous(self) -> str | None: ...  # noqa: D102

    @property
    def hash(self) -> str: ...  # noqa: D102


class SignedEntry(Entry, Protocol):
    """An entry with the roster it stands on."""

    @property
    def standing(self) -> Standing: ...  # noqa: D102


def next_version(new: Version, last: Version | None) -> Verdict:
    """Whether it is the version after `last`, or the first version without a `last`."""
    return _follows(new.version, new.previous, None if last is None else Last(last.version, last.hash))


def next_entry(new: Entry, last: Last | None) -> Verdict:
    """Whether it is the entry after `last`, or the first entry without a `last`."""
    return _follows(new.sequence, new.previous, last)


def last_entry(entry: Entry | None) -> Last | None:
    """The end of the chain with this newest entry."""
    return None if entry is None else Last(entry.sequence, entry.hash)


def next_signed(new: SignedEntry, before: SignedEntry | None) -> Verdict:
    """As `next_entry`, for tombstones and checkpoints: none stands on an older roster than the one before it.

    So a key of the installation that a roster has ended continues neither chain once somebody stood on that roster.
    """
    if before is not None and new.standing.version < before.standing.version:
        return Refused("conflict")
    return next_entry(new, last_entry(before))


def next_document(new: Document | Intent, last: Document | None) -> Verdict:
    """Whether a document is a first version, or follows `last` in the same dossier and series."""
    if new.previous is None:
        return ALLOWED
    if last is None or last.hash != new.previous:
        return Refused("conflict")
    return ALLOWED if (last.dossier, last.series) == (new.dossier, new.series) else Refused("conflict")


def _follows(number: int, previous: str | None, last: Last | None) -> Verdict:
    expected = (1, None) if last is None else (last.number + 1, last.hash)
    return ALLOWED if (number, previous) == expected else Refused("conflict")
