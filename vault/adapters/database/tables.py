"""The tables of the records store. Columns are named after the fields of `vault.domain`."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from vault.adapters.sql.column_types import Ids, Instant, Name, State, one_of
from vault.domain.dossiers import DocumentState, RecordState, StagedKind
from vault.domain.erasures import ErasureState
from vault.ports.keystore import SubjectKind

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)
_ID = Name(32)
_HASH = Name(64)
_WORD = Name(32)
COUNTED = ("documents", "shares", "objects", "bytes", "keys")


def _raw(name: str, *, nullable: bool = False) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=nullable)


def _some(name: str, *columns: str, where: str) -> Index:
    """A partial index; a query uses it only if it repeats the text of `where`."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


practice = Table(
    "practice",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("setup", _HASH, nullable=False),
    Column("director", _ID, nullable=False),
    _raw("sheet"),
    Column("created_at", Instant, nullable=False),
    # An installation serves one practice: a second set-up violates this constraint, also in a race.
    Column("only", Integer, nullable=False, server_default=text("1")),
    CheckConstraint('"only" = 1', name="only"),
    UniqueConstraint("only"),
)

# One row, once the identity was adopted. `generation` is the keystore's when the worker last turned it.
installation = Table(
    "installation",
    metadata,
    Column("only", Integer, primary_key=True, autoincrement=False),
    Column("id", _ID, nullable=False),
    Column("generation", BigInteger, nullable=False),
    Column("mark", _WORD, nullable=False),
    CheckConstraint('"only" = 1', name="only"),
)

chain = Table(
    "chain",
    metadata,
    Column("kind", _WORD, primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", _HASH, nullable=False),
    _raw("record"),
    _raw("signatures"),
    UniqueConstraint("hash"),
)

member = Table(
    "member",
    metadata,
    Column("id", _ID, primary_key=True),
    _raw("email"),
    _raw("details"),
    _raw("parameters", nullable=True),
    _raw("login", nullable=True),
    _raw("totp", nullable=True),
    _raw("keyring", nullable=True),
    _raw("lock", nullable=True),
    _raw("recovery", nullable=True),
    Column("totp_step", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("password_at", Instant, nullable=True),
    Column("factor_at", Instant, nullable=True),
    UniqueConstraint("email"),
)

recovery_code = Table(
    "recovery_code",
    metadata,
    Column("member", ForeignKey("member.id"), primary_key=True),
    Column("code", LargeBinary, primary_key=True),
)

# What a change of password or second factor replaced, for a week.
former = Table(
    "former",
    metadata,
    Column("member", ForeignKey("member.id"), primary_key=True),
    Column("at", Instant, primary_key=True, index=True),
    _raw("parameters"),
    _raw("login"),
    _raw("totp"),
    _raw("keyring"),
    _raw("lock"),
    _raw("recovery", nullable=True),
    Column("totp_step", BigInteger, nullable=False),
    Column("password_at", Instant, nullable=True),
    Column("factor_at", Instant, nullable=True),
)

session = Table(
    "session",
    metadata,
    Column("token", LargeBinary, primary_key=True),
    Column("member", ForeignKey("member.id"), nullable=False, index=True),
    Column("created_at", Instant, nullable=False, index=True),
    Column("seen_at", Instant, nullable=False, index=True),
    Column("id", _ID, nullable=False),
    _raw("details", nullable=True),
    _raw("opened", nullable=True),
    UniqueConstraint("id"),
)

invitation = Table(
    "invitation",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("inviter", _ID, nullable=False),
    _raw("possess"),
    _raw("sealed"),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("member", _ID),
    _raw("joined", nullable=True),
    Column("joined_at", Instant),
    UniqueConstraint("member"),
)

throttle = Table(
    "throttle",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("until", Instant, nullable=False, index=True),
)

clock_word = Table(
    "clock_word",
    metadata,
    Column("member", ForeignKey("member.id"), primary_key=True),
    Column("at", Instant, nullable=False),
)

dossier = Table(
    "dossier",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("kind", _WORD, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("head", _HASH, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("index", _HASH, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("destroy_on", Instant, nullable=True),
    Column("fenced", Boolean, nullable=False, server_default=false()),
    # Dossiers to be erased when their date is reached: with a date, and no erasure under way.
    _some("ix_dossier_due", "destroy_on", "id", where="destroy_on IS NOT NULL AND NOT fenced"),
)

wrap = Table(
    "wrap",
    metadata,
    Column("dossier", ForeignKey("dossier.id"), primary_key=True),
    Column("epoch", BigInteger, primary_key=True, autoincrement=False),
    Column("member", _ID, primary_key=True),
    _raw("wrap"),
    _raw("symmetric", nullable=True),
    _raw("label", nullable=True),
    Index("ix_wrap_member", "member", "dossier", "epoch"),
)

record = Table(
    "record",
    metadata,
    Column("hash", _HASH, primary_key=True),
    Column("dossier", ForeignKey("dossier.id"), nullable=False),
    Column("kind", _WORD, nullable=False),
    Column("subject", Name(64), nullable=False),
    _raw("record"),
    _raw("signatures"),
    _raw("text", nullable=True),
    Column("state", State(RecordState), nullable=False),
    Column("created_at", Instant, nullable=False),
    one_of("state", RecordState),
    Index("ix_record_dossier", "dossier", "hash"),
)

# Every link of a dossier's index, for a reader that last saw an older one.
# What the next identity of a dossier opens, until its head takes all of it at once.
staged = Table(
    "staged",
    metadata,
    Column("dossier", ForeignKey("dossier.id"), primary_key=True),
    Column("identity", _HASH, primary_key=True),
    Column("kind", State(StagedKind), primary_key=True),
    Column("subject", Name(64), primary_key=True),
    _raw("head", nullable=True),
    _raw("content", nullable=True),
    Column("staged_at", Instant, nullable=False),
    one_of("kind", StagedKind),
    Index("ix_staged_staged_at", "staged_at", "dossier"),
)

index_link = Table(
    "index_link",
    metadata,
    Column("dossier", ForeignKey("dossier.id"), primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", _HASH, nullable=False),
    _raw("record"),
    _raw("signatures"),
)

# What the newest link lists. A record whose document was erased stays here until a link takes it out.
listed = Table(
    "listed",
    metadata,
    Column("dossier", ForeignKey("dossier.id"), primary_key=True),
    Column("hash", _HASH, primary_key=True),
)

document = Table(
    "document",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("dossier", ForeignKey("dossier.id"), nullable=False),
    Column("record", _HASH, nullable=False, index=True),
    Column("kind", _WORD, nullable=False),
    Column("draft", Boolean, nullable=False),
    Column("size", BigInteger, nullable=False),
    _raw("head", nullable=True),
    _raw("metadata", nullable=True),
    Column("state", State(DocumentState), nullable=False),
    Column("leased_until", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    one_of("state", DocumentState),
    CheckConstraint("size >= 0", name="size"),
    # While a body comes in segments there is only its intent.
    CheckConstraint(
        "state IN ('depositing', 'removed') OR (head IS NOT NULL AND metadata IS NOT NULL)", name="complete"
    ),
    Index("ix_document_dossier", "dossier", "id"),
    # For `reconcile`: a handful of rows among all documents.
    _some("ix_document_unfinished", "leased_until", "id", where="state <> 'stored'"),
)

segment = Table(
    "segment",
    metadata,
    Column("document", ForeignKey("document.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
    _raw("digest"),
)

share = Table(
    "share",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("dossier", ForeignKey("dossier.id"), nullable=False),
    Column("record", _HASH, nullable=False, index=True),
    Column("kind", _WORD, nullable=False),
    Column("mode", _WORD, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("max", Integer, nullable=False),
    Column("used", Integer, nullable=False),
    Column("revoked_at", Instant, nullable=True),
    _raw("possess"),
    _raw("open"),
    _raw("cover"),
    Column("failures", Integer, nullable=False),
    Column("retry_at", Instant, nullable=True),
    Column("created_at", Instant, nullable=False),
    Column("shredded_at", Instant, nullable=True),
    CheckConstraint("used >= 0 AND used <= max", name="used"),
    Index("ix_share_dossier", "dossier", "id"),
    # What the sweep looks for: each a reason why a share is over, of those whose key it has not shredded.
    _some("ix_share_revoked", "revoked_at", "id", where="shredded_at IS NULL AND revoked_at IS NOT NULL"),
    _some("ix_share_expired", "expires_at", "id", where="shredded_at IS NULL AND revoked_at IS NULL"),
    _some("ix_share_spent", "id", where="shredded_at IS NULL AND revoked_at IS NULL AND used >= max"),
)

entry = Table(
    "entry",
    metadata,
    Column("share", ForeignKey("share.id"), primary_key=True),
    Column("document", ForeignKey("document.id"), primary_key=True, index=True),
    Column("position", Integer, nullable=False),
    _raw("entry"),
    _raw("capsule"),
    UniqueConstraint("share", "position"),
)

pickup = Table(
    "pickup",
    metadata,
    Column("share", ForeignKey("share.id"), primary_key=True),
    Column("name", LargeBinary, primary_key=True),
    # The sweep asks for those of the last day.
    Column("started_at", Instant, nullable=False, index=True),
    Column("last_at", Instant, nullable=False),
    Column("finished_at", Instant, nullable=True),
)

disclosure = Table(
    "disclosure",
    metadata,
    # The number keeps the order of release. No foreign key: the line stays when document and share are gone.
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("share", _ID, nullable=False, index=True),
    _raw("pickup"),
    Column("document", _ID, nullable=False),
    Column("at", Instant, nullable=False),
    Column("consent", Text, nullable=True),
)

erasure = Table(
    "erasure",
    metadata,
    Column("id", _ID, primary_key=True),
    # No foreign key, here and in `audit`: both outlive the dossier.
    Column("dossier", _ID, nullable=False),
    Column("documents", Ids, nullable=False),
    Column("reason", _WORD, nullable=False),
    Column("request", _HASH, nullable=True),
    Column("state", State(ErasureState), nullable=False),
    Column("commitment", _HASH, nullable=False),
    Column("requested_at", Instant, nullable=False),
    Column("not_before", Instant, nullable=False),
    Column("shredded_at", Instant, nullable=True),
    Column("verified_at", Instant, nullable=True),
    *(Column(f"counted_{what}", BigInteger, nullable=False) for what in COUNTED),
    Column("tombstones", Ids, nullable=False),
    Column("destroyed", Ids, nullable=False),
    _raw("certificate", nullable=True),
    _raw("evidence", nullable=True),
    one_of("state", ErasureState),
    Index("ix_erasure_dossier", "dossier", "id"),
    _some("ix_erasure_open", "not_before", "id", where="state NOT IN ('certified', 'withdrawn')"),
)

certificate_check = Table(
    "certificate_check",
    metadata,
    Column("erasure", ForeignKey("erasure.id"), primary_key=True),
    Column("member", _ID, primary_key=True),
    _raw("envelope"),
)

audit = Table(
    "audit",
    metadata,
    # The number tells how far the records are: it grows with every entry of any dossier.
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("dossier", _ID, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("previous", _HASH, nullable=False),
    Column("hash", _HASH, nullable=False),
    Column("at", Instant, nullable=False),
    Column("event", _WORD, nullable=False),
    Column("actor", Name(64), nullable=False),
    Column("digest", _HASH, nullable=False),
    _raw("details", nullable=True),
    UniqueConstraint("dossier", "sequence"),
)

# One row: the leaves of the newest checkpoint.
leaves = Table(
    "leaves",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("checkpoint", BigInteger, nullable=False),
    _raw("leaves"),
    CheckConstraint("id = 1", name="id"),
)

orphan = Table(
    "orphan",
    metadata,
    Column("name", Text, primary_key=True),
    Column("seen_at", Instant, nullable=False),
    Index("ix_orphan_seen_at", "seen_at", "name"),
)

# What members' devices have seen of the worker's signatures and these records lack, until a director decides on it.
told = Table(
    "told",
    metadata,
    Column("hash", _HASH, primary_key=True),
    Column("kind", _WORD, nullable=False),
    Column("version", BigInteger, nullable=False),
    _raw("entry"),
    Column("taken", Boolean, nullable=False),
)

# Subjects with a key and no row, since when; for those that are kept after a restore, from when on.
rowless = Table(
    "rowless",
    metadata,
    Column("kind", State(SubjectKind), primary_key=True),
    Column("id", _ID, primary_key=True),
    Column("seen_at", Instant, nullable=False),
    one_of("kind", SubjectKind),
    Index("ix_rowless_seen_at", "seen_at", "kind", "id"),
)

# Who does a task of the worker: the newest fence, and a count of its holder's signs of life.
lease = Table(
    "lease",
    metadata,
    Column("task", _WORD, primary_key=True),
    Column("fence", BigInteger, nullable=False),
    Column("beats", BigInteger, nullable=False),
)

heartbeat = Table(
    "heartbeat",
    metadata,
    Column("name", _WORD, primary_key=True),
    Column("at", Instant, nullable=False),
)
