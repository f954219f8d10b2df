"""The position of each of the four stores, and whether they belong together.

Records, keystore, key files and objects are one installation. Each holds its identity and says how far it has come. A
store of another installation, an empty one, or one that was put back is found by comparing them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum


class StoreName(StrEnum):
    """The four stores."""

    RECORDS = "records"
    KEYSTORE = "keystore"
    KEY_FILES = "key files"
    OBJECTS = "objects"


class Fault(StrEnum):
    """What is wrong with a store."""

    EMPTY = "empty"  # it holds no identity, and others do
    FOREIGN = "foreign"  # it holds the identity of another installation
    BEHIND = "behind"  # others have seen it further than it is
    MISSING = "missing"  # a part that it needs is not there


@dataclass(frozen=True, slots=True)
class Finding:
    """One store and its fault. Of one that is behind: the position it has, and the one that others have seen."""

    store: StoreName
    fault: Fault
    has: int = field(default=0, compare=False)
    seen: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class RecordsPosition:
    """`ledger` and `roster` are the newest numbers of their chains, `audit` the number of the newest entry of all.

    `generation` is the keystore's when the worker last looked. `told`: a member's device has shown signatures of this
    installation that the records lack, and no director has decided on them yet.
    """

    installation: str | None
    set_up: bool
    ledger: int
    roster: int
    audit: int
    generation: int
    told: bool = False


@dataclass(frozen=True, slots=True)
class ToldRow:
    """What a member's device has seen and the records lack: a checkpoint, or an entry of the ledger.

    `entry` is its JSON as it lies in the ledger, of a checkpoint its envelope's. `taken`: a director has decided.
    """

    hash: str
    kind: str
    version: int
    entry: bytes
    taken: bool = False


@dataclass(frozen=True, slots=True)
class KeystorePosition:
    """`generation` seals new keys, `allotted` is the highest number it ever gave; both 0 before the first.

    `audit` is how far the worker has seen the records. `blank`: it holds no key, no tombstone and no ledger. `forgot`:
    it never made the generation that the records have seen. A copy that was put back gives the same numbers again, so
    each generation has a random mark too.
    """

    installation: str | None
    blank: bool
    ledger: int
    generation: int
    allotted: int
    audit: int
    mark: str = ""
    forgot: bool = False


@dataclass(frozen=True, slots=True)
class KeyFilesPosition:
    """The generations that have a file."""

    installation: str | None
    generations: frozenset[int]


@dataclass(frozen=True, slots=True)
class ObjectsPosition:
    """The newest entry of the ledger's copy there, and the newest roster's."""

    installation: str | None
    ledger: int
    roster: int


@dataclass(frozen=True, slots=True)
class Positions:
    """All four, looked at in this order: records, keystore, key files, objects."""

    records: RecordsPosition
    keystore: KeystorePosition
    key_files: KeyFilesPosition
    objects: ObjectsPosition

    @property
    def identities(self) -> dict[StoreName, str | None]:
        """The installation that each store names."""
        return {
            StoreName.RECORDS: self.records.installation,
            StoreName.KEYSTORE: self.keystore.installation,
            StoreName.KEY_FILES: self.key_files.installation,
            StoreName.OBJECTS: self.objects.installation,
        }

    @property
    def young(self) -> bool:
        """Whether nothing can be lost yet: an installation that was being made when its machine stopped."""
        return not self.records.set_up and self.keystore.blank and not self.objects.ledger

    @property
    def new_identity(self) -> str | None:
        """The identity that a young installation goes on with, None for a new one.

        The file beside the keys is written first. So an identity that stands elsewhere alone is another installation's.
        """
        return self.key_files.installation

    @property
    def behind_ledger(self) -> bool:
        """Whether the keystore may hold keys of what the ledger says is erased."""
        return self.keystore.ledger < self.objects.ledger


def compared(positions: Positions) -> tuple[Finding, ...]:
    """What keeps the house shut; nothing for four stores of one installation of which none was put back."""
    return _identities(positions) or _behind(positions)


def _identities(positions: Positions) -> tuple[Finding, ...]:
    found = positions.identities
    known = [identity for identity in found.values() if identity is not None]
    if not known:
        return ()
    ours = _ours(known, positions)
    if positions.young and set(known) == {positions.new_identity}:
        return ()
    return tuple(
        Finding(store, Fault.EMPTY if identity is None else Fault.FOREIGN)
        for store, identity in found.items()
        if identity != ours
    )


def _ours(known: list[str], positions: Positions) -> str:
    """The identity that most stores name; of two that as many name, the records'."""
    counted = Counter(known)
    most = max(counted.values())
    first = positions.records.installation
    if first is not None and counted[first] == most:
        return first
    return next(identity for identity in known if counted[identity] == most)


def _behind(positions: Positions) -> tuple[Finding, ...]:
    records, keystore = positions.records, positions.keystore
    files, objects = positions.key_files.generations, positions.objects
    found = []
    shorter = records.ledger < max(keystore.ledger, objects.ledger) or records.roster < objects.roster
    if shorter or records.told or records.audit < keystore.audit:
        seen = max(keystore.audit, records.audit + 1) if records.told else keystore.audit
        found.append(Finding(StoreName.RECORDS, Fault.BEHIND, records.audit, seen))
    # Before the first key a killed start may leave files that the keystore does not name.
    unnamed = not keystore.blank and max(files, default=0) > keystore.allotted
    if records.set_up and keystore.blank:
        found.append(Finding(StoreName.KEYSTORE, Fault.EMPTY))
    elif keystore.forgot or unnamed:
        newest = max(records.generation, *files, keystore.generation + 1)
        found.append(Finding(StoreName.KEYSTORE, Fault.BEHIND, keystore.generation, newest))
    elif keystore.generation and keystore.generation not in files:
        found.append(Finding(StoreName.KEY_FILES, Fault.MISSING))
    if objects.ledger < keystore.ledger:
        found.append(Finding(StoreName.OBJECTS, Fault.BEHIND, objects.ledger, keystore.ledger))
    return tuple(found)
