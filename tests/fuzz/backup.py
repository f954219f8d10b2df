"""A set of a backup: RecordError, or a manifest that is written again as it was read, and a list in order.

Promise: only RecordError comes out; what was read and written again reads the same; no part lies outside of the set.
"""

from __future__ import annotations

from datetime import UTC, datetime

from vault.records.backup import ESCROW, LISTING, SEALED, Counted, Listed, Manifest, Part, parse_manifest, read_listing
from vault.records.encoding import RecordError

LONGEST = 4096
AT = datetime(2026, 11, 30, 9, 15, 2, tzinfo=UTC)


def check(data: bytes) -> None:
    try:
        found = parse_manifest(data)
    except RecordError:
        pass
    else:
        assert parse_manifest(found.to_bytes()) == found
        assert not any(part.name.startswith("/") or ".." in part.name for part in found.parts)
    try:
        listed = list(read_listing(data.splitlines(keepends=True)))
    except RecordError:
        return
    assert b"".join(each.to_line() for each in listed) == data
    assert not any(each.name.startswith("/") or ".." in each.name for each in listed)


def sample(*escrows: int) -> Manifest:
    names = sorted([*SEALED, LISTING, *(f"{ESCROW}{number}" for number in escrows)])
    positions = {
        "records": {"audit": 41, "ledger": 2, "roster": 3},
        "keystore": {"audit": 40, "generation": 7, "ledger": 2},
        "key_files": {"newest": 7},
        "objects": {"ledger": 2, "roster": 3},
    }
    parts = tuple(Part(name, 1000 + number, f"{number:064x}") for number, name in enumerate(names))
    schemas = {"records": "0001", "keystore": "0001"}
    return Manifest("ab" * 16, "cd" * 16, AT, schemas, positions, Counted(2, 59, copied=True), parts)


def seeds() -> dict[str, bytes]:
    lines = [Listed("ab/cd/00000", 27, "12" * 32), Listed("ledger/installation", 32, None)]
    return {
        "one": sample(7).to_bytes(),
        "turning": sample(7, 8).to_bytes(),
        "lacking": sample().to_bytes(),
        "list": b"".join(each.to_line() for each in lines),
        "out-of-order": b"".join(each.to_line() for each in reversed(lines)),
    }
