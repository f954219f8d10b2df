"""The dictionaries behind the twin of the records store, and the rules that every table shares."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from vault.domain.clock import ClockWord
from vault.domain.dossiers import DocumentRow, DossierRow, IndexRow, RecordRow, SegmentRow, StagedRow, WrapRow
from vault.domain.erasures import AuditRow, CheckRow, ErasureRow
from vault.domain.invitations import InvitationRow
from vault.domain.people import ChainRow, FormerRow, MemberRow, PracticeRow
from vault.domain.positions import ToldRow
from vault.domain.sessions import SessionRow, ThrottleRow
from vault.domain.shares import DisclosureRow, EntryRow, PickupRow, ShareRow
from vault.ports.keystore import Subject

T = TypeVar("T")
K = TypeVar("K")


@dataclass
class Tables:
    """All rows. The values are immutable, so a copy of the dictionaries is a snapshot."""

    practice: list[PracticeRow] = field(default_factory=list)
    installation: list[tuple[str, int, str]] = field(default_factory=list)
    chain: dict[tuple[str, int], ChainRow] = field(default_factory=dict)
    member: dict[str, MemberRow] = field(default_factory=dict)
    invitation: dict[str, InvitationRow] = field(default_factory=dict)
    session: dict[bytes, SessionRow] = field(default_factory=dict)
    recovery_code: dict[tuple[str, bytes], None] = field(default_factory=dict)
    former: dict[tuple[str, datetime], FormerRow] = field(default_factory=dict)
    throttle: dict[bytes, ThrottleRow] = field(default_factory=dict)
    clock_word: dict[str, ClockWord] = field(default_factory=dict)
    dossier: dict[str, DossierRow] = field(default_factory=dict)
    wrap: dict[tuple[str, int, str], WrapRow] = field(default_factory=dict)
    staged: dict[tuple[str, str, str, str], StagedRow] = field(default_factory=dict)
    record: dict[str, RecordRow] = field(default_factory=dict)
    index_link: dict[tuple[str, int], IndexRow] = field(default_factory=dict)
    listed: dict[tuple[str, str], str] = field(default_factory=dict)
    document: dict[str, DocumentRow] = field(default_factory=dict)
    segment: dict[tuple[str, int], SegmentRow] = field(default_factory=dict)
    share: dict[str, ShareRow] = field(default_factory=dict)
    entry: dict[tuple[str, str], EntryRow] = field(default_factory=dict)
    pickup: dict[tuple[str, bytes], PickupRow] = field(default_factory=dict)
    disclosure: list[DisclosureRow] = field(default_factory=list)
    erasure: dict[str, ErasureRow] = field(default_factory=dict)
    certificate_check: dict[tuple[str, str], CheckRow] = field(default_factory=dict)
    audit: dict[tuple[str, int], AuditRow] = field(default_factory=dict)
    leaves: list[tuple[int, bytes]] = field(default_factory=list)
    orphan: dict[str, datetime] = field(default_factory=dict)
    told: dict[str, ToldRow] = field(default_factory=dict)
    rowless: dict[Subject, datetime] = field(default_factory=dict)
    heartbeat: dict[str, datetime] = field(default_factory=dict)
    lease: dict[str, int] = field(default_factory=dict)

    def copy(self) -> Tables:
        """A snapshot."""
        return replace(self, **{each.name: getattr(self, each.name).copy() for each in fields(self)})


class Rows:
    """Rows of one open transaction."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables


def to_second(at: datetime) -> datetime:
    """The instant as a database keeps it: in UTC, whole seconds; one without zone raises ValueError."""
    if at.tzinfo is None:
        raise ValueError("an instant needs its zone")
    return datetime.fromtimestamp(math.floor(at.timestamp()), UTC)


def kept(value: T) -> T:
    """The value as a database returns it."""
    instants = {
        each.name: to_second(getattr(value, each.name))
        for each in fields(value)  # type: ignore[arg-type]  # only dataclasses are rows
        if isinstance(getattr(value, each.name), datetime)
    }
    return replace(value, **instants) if instants else value  # type: ignore[type-var]


def refer(table: dict[K, Any], key: K, what: str) -> None:
    """A foreign key: raises LookupError when the referenced row is absent."""
    if key not in table:
        raise LookupError(f"a new row names a {what} that does not exist")


def page(rows: Iterable[T], key: str, after: str, limit: int) -> list[T]:
    """The first `limit` rows beyond `after`, in the order of that field."""
    beyond = (row for row in rows if getattr(row, key) > after)
    return sorted(beyond, key=lambda row: getattr(row, key))[:limit]
