"""The table of record types (FORMAT.md "Types"): everything that is asked of a type, in one row.

A new type is its file in `types/`, its row here, its vectors, and FORMAT.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from vault.records import read
from vault.records.encoding import RecordError
from vault.records.record import Record, Signed
from vault.records.types.certificate import Certificate
from vault.records.types.checkpoint import Checkpoint
from vault.records.types.document import Document
from vault.records.types.dossier import Dossier
from vault.records.types.erasure import ErasureRequest
from vault.records.types.index import Index
from vault.records.types.policy import Policy
from vault.records.types.profile import Profile
from vault.records.types.roster import Roster
from vault.records.types.share import Share
from vault.records.types.tombstone import Tombstone
from vault.records.types.trajectory import Trajectory
from vault.records.types.wrap import Wrap

SMALL, LARGE = 65_536, 1_048_576


class Signer(Enum):
    """Who may sign a type, and with it whose key verifies it: a member's own, the root, the installation's."""

    ROOT_OR_DIRECTOR = "root, director"
    DIRECTOR = "director"
    GRANTEE = "grantee"
    INSTALLATION = "installation"


class Shown(Enum):
    """To whom the server shows a record of the type, and where."""

    PRACTICE = "members"
    HOLDERS = "holders"
    AMONG_RECORDS = "holders, among the dossier's records"
    GRANTEE = "its grantee"


class Leaves(Enum):
    """What a record that the dossier's index lists waits for before the next index may leave it out."""

    SUPERSEDED = "superseded"
    CLOSED = "closed"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class RecordType:
    """One row. `subject` is the field that names what a record of the type is about, where a dossier keeps it.

    `leaves` is None for a type that the index does not list.
    """

    name: str
    cls: type[Record]
    signer: Signer
    shown: Shown
    subject: str | None = None
    leaves: Leaves | None = None
    limit: int = SMALL

    @property
    def listed(self) -> bool:
        """Whether the index of a dossier lists records of the type."""
        return self.leaves is not None

    @property
    def versioned(self) -> bool:
        """Whether the index lists its newest version, instead of the one before."""
        return self.leaves is Leaves.SUPERSEDED


_ROWS = (
    RecordType("roster", Roster, Signer.ROOT_OR_DIRECTOR, Shown.PRACTICE, limit=LARGE),
    RecordType("policy", Policy, Signer.DIRECTOR, Shown.PRACTICE),
    RecordType("dossier", Dossier, Signer.GRANTEE, Shown.HOLDERS, "dossier", limit=LARGE),
    RecordType("wrap", Wrap, Signer.GRANTEE, Shown.GRANTEE),
    RecordType("document", Document, Signer.GRANTEE, Shown.HOLDERS, "document", Leaves.ERASED),
    RecordType("index", Index, Signer.GRANTEE, Shown.HOLDERS, "dossier", limit=LARGE),
    RecordType("share", Share, Signer.GRANTEE, Shown.AMONG_RECORDS, "share", Leaves.CLOSED),
    RecordType("profile", Profile, Signer.GRANTEE, Shown.AMONG_RECORDS, "dossier", Leaves.SUPERSEDED),
    RecordType("trajectory", Trajectory, Signer.GRANTEE, Shown.AMONG_RECORDS, "trajectory", Leaves.SUPERSEDED),
    RecordType("erasure", ErasureRequest, Signer.GRANTEE, Shown.AMONG_RECORDS, "erasure"),
    RecordType("tombstone", Tombstone, Signer.INSTALLATION, Shown.PRACTICE),
    RecordType("certificate", Certificate, Signer.INSTALLATION, Shown.PRACTICE),
    RecordType("checkpoint", Checkpoint, Signer.INSTALLATION, Shown.PRACTICE),
)
TABLE = {row.name: row for row in _ROWS}
# Specified with the capability that brings them; until then nothing reads one.
RESERVED = frozenset({"request", "consent", "withdrawal", "review", "hold", "restoration"})


def type_of(name: str) -> RecordType:
    """The row of a type; raises RecordError for a name that has none."""
    row = TABLE.get(name)
    if row is None:
        raise RecordError(f"no type of record: {name!r}")
    return row


def limit_of(name: str) -> int:
    """The most bytes a record of this type may have."""
    row = TABLE.get(name)
    return SMALL if row is None else row.limit


def among_records() -> tuple[str, ...]:
    """The types that holders are shown among a dossier's records."""
    return tuple(name for name, row in TABLE.items() if row.shown is Shown.AMONG_RECORDS)


def versioned() -> tuple[str, ...]:
    """The types of which a dossier has the newest version, from its first day on."""
    return tuple(name for name, row in TABLE.items() if row.versioned)


def subject_of(envelope: Signed, name: str) -> str:
    """The id of what a dossier's record of this type is about; raises RecordError for a type that has none."""
    subject = type_of(name).subject
    if subject is None:
        raise RecordError(f"a {name} record is kept by no dossier")
    return read.identifier(envelope.fields, subject)
