"""Rows for tests: every field has a default, and can be given by name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from tests.twins import MemoryKeystore
from vault.adapters.keystore import SqlKeystore
from vault.adapters.keystore.tables import shred_key
from vault.adapters.sql.factory import writing
from vault.domain.dossiers import (
    DocumentRow,
    DocumentState,
    DossierRow,
    IndexRow,
    RecordRow,
    RecordState,
    SegmentRow,
    WrapRow,
)
from vault.domain.erasures import AuditRow, ErasureRow, ErasureState
from vault.domain.people import ChainRow, FormerRow, MemberRow, PracticeRow
from vault.domain.sessions import SessionRow, ThrottleRow
from vault.domain.shares import DisclosureRow, EntryRow, PickupRow, ShareRow
from vault.ports.errors import TombstonedError
from vault.ports.keystore import Keystore, Subject
from vault.records.types.certificate import Counts

NOW = datetime(2026, 12, 4, 16, 0, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def id_(number: int) -> str:
    return f"{number:032x}"


def hash_(number: int) -> str:
    return f"{number:064x}"


def practice(**fields: Any) -> PracticeRow:
    return PracticeRow(
        **{"id": id_(1), "setup": hash_(1), "director": id_(2), "sheet": b"s" * 32, "created_at": NOW} | fields
    )


def chain(kind: str, version: int) -> ChainRow:
    return ChainRow(kind, version, f"{kind}-{version}", b"{}", b"[]")


def member(number: int, **fields: Any) -> MemberRow:
    secret = {"parameters": b"{}", "login": b"l", "totp": b"t", "keyring": b"k", "lock": b"c", "recovery": b"r"}
    rest = {"totp_step": 0, "created_at": NOW}
    return MemberRow(**{"id": id_(number), "email": b"e%d" % number, "details": b"d"} | secret | rest | fields)


def session(number: int, **fields: Any) -> SessionRow:
    what = {"token": b"s%d" % number, "id": id_(100 + number), "details": b"d", "opened": b"o"}
    return SessionRow(**what | {"member": id_(1), "created_at": NOW, "seen_at": NOW} | fields)


def former(number: int = 1, **fields: Any) -> FormerRow:
    secret = {"parameters": b"{}", "login": b"l", "totp": b"t", "keyring": b"k", "lock": b"c", "recovery": b"r"}
    rest = {"totp_step": 7, "password_at": NOW - DAY, "factor_at": None}
    return FormerRow(**{"member": id_(number), "at": NOW} | secret | rest | fields)


def throttle(**fields: Any) -> ThrottleRow:
    return ThrottleRow(**{"key": b"k", "failures": 1, "until": NOW} | fields)


def dossier(number: int = 1, **fields: Any) -> DossierRow:
    state = {"version": 1, "epoch": 1, "head": hash_(1), "sequence": 0, "index": "", "created_at": NOW}
    return DossierRow(**{"id": id_(number), "kind": "client"} | state | fields)


def wrap(number: int = 1, **fields: Any) -> WrapRow:
    return WrapRow(**{"dossier": id_(number), "epoch": 1, "member": id_(1), "wrap": b"w", "symmetric": None} | fields)


def record(number: int, **fields: Any) -> RecordRow:
    what = {"hash": hash_(number), "dossier": id_(1), "kind": "document", "subject": id_(number)}
    raw = {"record": b"{}", "signatures": b"[]", "text": None}
    return RecordRow(**what | raw | {"state": RecordState.PENDING, "created_at": NOW} | fields)


def link(number: int, **fields: Any) -> IndexRow:
    what = {"dossier": id_(1), "sequence": number, "hash": hash_(10 + number)}
    return IndexRow(**what | {"record": b"{}", "signatures": b"[]"} | fields)


def document(number: int = 1, **fields: Any) -> DocumentRow:
    what = {"id": id_(number), "dossier": id_(1), "record": hash_(number), "kind": "report", "draft": False}
    body = {"size": 2**40, "head": b"h", "metadata": b"m"}
    state = {"state": DocumentState.DEPOSITING, "leased_until": NOW + timedelta(hours=1), "created_at": NOW}
    return DocumentRow(**what | body | state | fields)


def segment(number: int = 0, **fields: Any) -> SegmentRow:
    return SegmentRow(**{"document": id_(1), "number": number, "size": 9, "digest": b"d" * 32} | fields)


def share(number: int = 1, **fields: Any) -> ShareRow:
    what = {"id": id_(number), "dossier": id_(1), "record": hash_(number), "kind": "copy", "mode": "link"}
    limits = {"expires_at": NOW + DAY, "max": 1, "used": 0, "revoked_at": None, "failures": 0, "retry_at": None}
    proofs = {"possess": b"p" * 32, "open": b"o" * 32, "cover": b"c"}
    return ShareRow(**what | limits | proofs | {"created_at": NOW} | fields)


def entry(position: int, **fields: Any) -> EntryRow:
    what = {"share": id_(1), "document": id_(position), "position": position}
    return EntryRow(**what | {"entry": b"e", "capsule": b"c"} | fields)


def pickup(number: int = 1, **fields: Any) -> PickupRow:
    return PickupRow(**{"share": id_(1), "name": b"n%d" % number, "started_at": NOW, "last_at": NOW} | fields)


def disclosure(number: int, **fields: Any) -> DisclosureRow:
    return DisclosureRow(
        **{"share": id_(1), "pickup": b"n", "document": id_(number), "at": NOW, "consent": None} | fields
    )


def erasure(number: int = 1, **fields: Any) -> ErasureRow:
    what: dict[str, Any] = {"id": id_(number), "dossier": id_(1), "documents": ()}
    why = {"reason": "request", "request": hash_(7), "commitment": hash_(8)}
    when = {"state": ErasureState.REQUESTED, "requested_at": NOW, "not_before": NOW}
    return ErasureRow(**what | why | when | fields)


def certified(number: int = 1, **fields: Any) -> ErasureRow:
    counts = Counts(documents=1, shares=2, objects=3, bytes=2**40, keys=5)
    dates = {"shredded_at": NOW + DAY, "verified_at": NOW + 2 * DAY}
    proofs = {"tombstones": (hash_(3), hash_(2)), "certificate": b"c", "evidence": b"e"}
    return erasure(number, **{"state": ErasureState.CERTIFIED, "counts": counts} | dates | proofs | fields)


def audit(sequence: int, **fields: Any) -> AuditRow:
    chain = {"sequence": sequence, "previous": hash_(sequence - 1), "hash": hash_(sequence), "digest": hash_(9)}
    what = {"dossier": id_(1), "at": NOW, "event": "share.opened", "actor": id_(2), "details": b"d"}
    return AuditRow(**what | chain | fields)


def tombstoned(keystore: Keystore, subject: Subject) -> bool:
    """Whether making a key is refused; if not, a key has been made."""
    try:
        keystore.create([subject])
    except TombstonedError:
        return True
    return False


def damage_key(keystore: Keystore, subject: Subject) -> None:
    """Flip one bit of the subject's sealed key, as a failing disk does."""
    if isinstance(keystore, MemoryKeystore):
        keystore.damage(subject)
        return
    assert isinstance(keystore, SqlKeystore)
    row = (shred_key.c.kind == subject.kind) & (shred_key.c.id == subject.id)
    with writing(keystore._engine) as connection:
        sealed = connection.scalars(select(shred_key.c.sealed).where(row)).one()
        connection.execute(update(shred_key).where(row).values(sealed=sealed[:-1] + bytes([sealed[-1] ^ 1])))
