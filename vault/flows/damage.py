"""Damage by item: what does not open is named and leaves the rest of a list as it is (FORMAT.md, "Damage")."""

from __future__ import annotations

from collections.abc import Mapping

from vault.domain.dossiers import RecordRow
from vault.errors import IntegrityError, VaultError
from vault.flows.context import restore
from vault.ports.errors import DamagedKeyError, ShreddedError
from vault.ports.keystore import Opened
from vault.records.envelope import Envelope

KEY, RECORD, INDEX = "key", "record", "index"


def whole(opened: Opened) -> bytes | None:
    """The value, or None where it does not open."""
    return None if isinstance(opened, VaultError) else opened


def damage(record: Envelope | None, parts: Mapping[str, Opened]) -> tuple[str, ...]:
    """What of an item is damaged: `record`, `key` where it is gone or does not open, else the names of its parts."""
    found = set() if record is not None else {RECORD}
    for name, opened in parts.items():
        if isinstance(opened, ShreddedError | DamagedKeyError):
            found.add(KEY)
        elif isinstance(opened, IntegrityError):
            found.add(name)
    return tuple(sorted(found))


def record_of(row: RecordRow) -> Envelope | None:
    """A stored record as it was signed; None where its bytes form no record any more, or another one."""
    try:
        return restore(row.kind, row.record, row.signatures, row.hash)
    except IntegrityError:
        return None
