"""The file of an escrow: RecordError, or an escrow that is written again as it was read.

Promise: only RecordError comes out; what was read and written again reads the same; a box is bound to its keystore,
generation and mark, each by a spelling of its own.
"""

from __future__ import annotations

from datetime import UTC, datetime

from vault.records.encoding import RecordError
from vault.records.escrow import Escrow, SealedKey, info, parse_escrow
from vault.records.standing import Standing

LONGEST = 4096
AT = datetime(2026, 11, 30, 9, tzinfo=UTC)


def check(data: bytes) -> None:
    try:
        escrow = parse_escrow(data)
    except RecordError:
        return
    assert parse_escrow(escrow.to_bytes()) == escrow
    assert info(escrow.installation, escrow.generation, escrow.mark) == escrow.info
    assert info(escrow.installation, escrow.generation + 1, escrow.mark) != escrow.info


def sample(*recipients: str) -> Escrow:
    sealed = tuple(SealedKey(each, b"b" * 1168) for each in recipients)
    return Escrow("ab" * 16, "cd" * 16, 7, "ef" * 16, Standing(3, "12" * 32), AT, sealed)


def seeds() -> dict[str, bytes]:
    return {
        "one": sample("age1pq1a").to_bytes(),
        "two": sample("age1pq1a", "age1pq1b").to_bytes(),
        "twice": sample("age1pq1a", "age1pq1a").to_bytes(),
        "nobody": sample().to_bytes(),
    }
