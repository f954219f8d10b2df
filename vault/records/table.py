"""The table of record types (FORMAT.md "Types"): all facts about a type in one row.

A new type needs a file in `types/`, a row here, vectors, and FORMAT.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from vault.records import read
from vault.records.encoding import RecordError
from vault.records.record import Record, Signed
from vault.records.seen import MemberRecord
from vault.records.types.certificate import Certificate
from vault.records.types.certificate_check import CertificateCheck
from vault.records.types.checkpoint import Checkpoint
from vault.records.types.document import Document
from vault.records.types.dossier import Dossier
from vault.records.types.erasure import ErasureRequest
from vault.records.types.erasure_withdrawal import ErasureWithdrawal
from vault.records.types.index import Index
from vault.records.types.intent import Intent
from vault.records.types.invitation import Invitation
from vault.records.types.lock import Lock
from vault.records.types.policy import Policy
from vault.records.types.profile import Profile
from vault.records.types.repair import Repair
from vault.records.types.restoration import Restoration
from vault.records.types.roster import CHECKPOINT, LEDGER, Roster
from vault.records.types.share import Share
from vault.records.types.tombstone import Tombstone
from vault.records.types.trajectory import Trajectory
from vault.records.types.wrap import Wrap

SMALL, LARGE = 65_536, 1_048_576


class Signer(Enum):
    """The allowed signer of a type, and so the key that verifies it: a member's, the root, the installation's."""

    ROOT_OR_DIRECTOR = "root, director"
    DIRECTOR = "director"
    GRANTEE = "grantee"
    MEMBER = "member"
    INSTALLATION = "installation"


class Shown(Enum):
    """The readers to whom the server shows a record of the type, and the place."""

    PRACTICE = "members"
    HOLDERS = "holders"
    AMONG_RECORDS = "holders, among the dossier's records"
    GRANTEE = "its grantee"
    SHEET = "the sheet's holder"
    DIRECTORS = "directors"
    NOBODY = "nobody"


class Leaves(Enum):
    """The condition under which the next index may leave out a listed record."""

    SUPERSEDED = "superseded"
    CLOSED = "closed"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class RecordType:
    """One row. `subject` is the field with the id of a dossier's record's subject.

    `leaves` is None for a type that the index does not list. `use` is what the signing key of the installation is for.
    """

    name: str
    cls: type[Record]
    signer: Signer
    shown: Shown
    subject: str | None = None
    leaves: Leaves | None = None
    limit: int = SMALL
    use: str | None = None

    @property
    def listed(self) -> bool:
        """Whether the index of a dossier lists records of the type."""
        return self.leaves is not None

    @property
    def versioned(self) -> bool:
        """Whether the index lists only its newest version."""
        return self.leaves is Leaves.SUPERSEDED


_ROWS = (
    RecordType("roster", Roster, Signer.ROOT_OR_DIRECTOR, Shown.PRACTICE, limit=LARGE),
    RecordType("policy", Policy, Signer.DIRECTOR, Shown.PRACTICE),
    RecordType("dossier", Dossier, Signer.GRANTEE, Shown.HOLDERS, "dossier", limit=LARGE),
    RecordType("wrap", Wrap, Signer.GRANTEE, Shown.GRANTEE),
    RecordType("document", Document, Signer.GRANTEE, Shown.HOLDERS, "document", Leaves.ERASED),
    RecordType("intent", Intent, Signer.GRANTEE, Shown.NOBODY, "document"),
    RecordType("index", Index, Signer.GRANTEE, Shown.HOLDERS, "dossier", limit=LARGE),
    RecordType("share", Share, Signer.GRANTEE, Shown.AMONG_RECORDS, "share", Leaves.CLOSED),
    RecordType("profile", Profile, Signer.GRANTEE, Shown.AMONG_RECORDS, "dossier", Leaves.SUPERSEDED),
    RecordType("trajectory", Trajectory, Signer.GRANTEE, Shown.AMONG_RECORDS, "trajectory", Leaves.SUPERSEDED),
    RecordType("erasure", ErasureRequest, Signer.GRANTEE, Shown.AMONG_RECORDS, "erasure"),
    RecordType("erasure_withdrawal", ErasureWithdrawal, Signer.GRANTEE, Shown.AMONG_RECORDS, "erasure"),
    RecordType("repair", Repair, Signer.DIRECTOR, Shown.PRACTICE),
    RecordType("restoration", Restoration, Signer.DIRECTOR, Shown.PRACTICE),
    RecordType("invitation", Invitation, Signer.DIRECTOR, Shown.DIRECTORS),
    RecordType("lock", Lock, Signer.MEMBER, Shown.SHEET),
    RecordType("tombstone", Tombstone, Signer.INSTALLATION, Shown.PRACTICE, use=LEDGER),
    RecordType("certificate", Certificate, Signer.INSTALLATION, Shown.PRACTICE, use=LEDGER),
    RecordType("certificate_check", CertificateCheck, Signer.MEMBER, Shown.PRACTICE),
    RecordType("checkpoint", Checkpoint, Signer.INSTALLATION, Shown.PRACTICE, use=CHECKPOINT),
)
TABLE = {row.name: row for row in _ROWS}
# Reserved: to be specified with their capability; nothing reads one until then.
RESERVED = frozenset({"request", "consent", "withdrawal", "review", "hold"})


def type_of(name: str) -> RecordType:
    """The row of a type; raises RecordError for an unknown name."""
    row = TABLE.get(name)
    if row is None:
        raise RecordError(f"no type of record: {name!r}")
    return row


def limit_of(name: str) -> int:
    """The limit on the bytes of a record of this type."""
    row = TABLE.get(name)
    return SMALL if row is None else row.limit


def tells_seen(name: str) -> bool:
    """Whether records of this type tell what their signer had seen."""
    row = TABLE.get(name)
    return row is not None and issubclass(row.cls, MemberRecord)


def among_records() -> tuple[str, ...]:
    """The types shown to holders among a dossier's records."""
    return tuple(name for name, row in TABLE.items() if row.shown is Shown.AMONG_RECORDS)


def versioned() -> tuple[str, ...]:
    """The versioned types, which every dossier has from its opening on."""
    return tuple(name for name, row in TABLE.items() if row.versioned)


def subject_of(envelope: Signed, name: str) -> str:
    """The subject's id of a dossier's record of this type; raises RecordError for a type without subject."""
    subject = type_of(name).subject
    if subject is None:
        raise RecordError(f"a {name} record is kept by no dossier")
    return read.identifier(envelope.fields, subject)
