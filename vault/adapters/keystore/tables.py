"""The tables of the keystore, in a database of their own."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    false,
)

from vault.adapters.sql.column_types import Name, State, one_of
from vault.ports.keystore import SubjectKind

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

shred_key = Table(
    "shred_key",
    metadata,
    Column("kind", State(SubjectKind), primary_key=True),
    Column("id", Name(32), primary_key=True),
    Column("generation", BigInteger, nullable=False, index=True),
    Column("sealed", LargeBinary, nullable=False),
    one_of("kind", SubjectKind),
)

tombstone = Table(
    "tombstone",
    metadata,
    Column("kind", State(SubjectKind), primary_key=True),
    Column("id", Name(32), primary_key=True),
    one_of("kind", SubjectKind),
)

# Signed tombstones and their evidence: not sealed, since every restore must read them; never removed.
ledger = Table(
    "ledger",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("entry", LargeBinary, nullable=False),
)

# Every generation that this keystore made: a turn destroys no file of another one. The random mark tells it from one of
# the same number that an older copy of the keystore made once more.
generation = Table(
    "generation",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("mark", String(32), nullable=False, index=True),
    Column("destroyed", Boolean, nullable=False, server_default=false()),
)

# One row. New keys are sealed under `turning` during a turn, else under `current`; both are 0 in a keystore that has
# never held a key. `allotted` is the highest number given to a generation, used or not; `turner` names the call of
# `turn` that owns the turn. `installation` is the identity, null until it is adopted; `audit` is how far the worker has
# seen the records' audit.
state = Table(
    "state",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("current", BigInteger, nullable=False),
    Column("turning", BigInteger, nullable=False),
    Column("allotted", BigInteger, nullable=False),
    Column("turner", String(32), nullable=False),
    Column("installation", String(32), nullable=True),
    Column("audit", BigInteger, nullable=False),
    CheckConstraint("id = 1", name="id"),
)
