"""What links, spools and texts hold, sealed: the class of error that each states, or a value that writes itself back.

Promise: bytes of no key are refused as what they are; contents that were sealed by the right key but by a broken or
hostile writer are refused as cleanly; what is accepted writes itself back to what is read as the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tests.fuzz.json_mutation import Mutate, mutate
from tests.records.samples import DOCUMENT, SHARE, document, intent
from vault.boxes import box
from vault.errors import IntegrityError
from vault.records.encoding import RecordError, lp
from vault.records.standing import text_digest
from vault.sdk.device.spool import open_ticket, seal_ticket
from vault.sdk.keys.sealed_text import open_text
from vault.sdk.shares.capsules import (
    Capsule,
    Cover,
    Covered,
    Entry,
    LinkContentError,
    open_capsule,
    open_cover,
    open_entry,
    seal_capsule,
    seal_cover,
    seal_entry,
)
from vault.secret import Secret

LONGEST = 16_384
KEY = b"l" * 32
AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WHATS = ("cover", "entry", "capsule", "ticket", "text")


def check(data: bytes) -> None:
    way, content = (data[0] if data else 0), data[1:]
    what = WHATS[way % len(WHATS)]
    if way >= 128:
        assert opened(what, content, "0" * 64) is None, "bytes opened that nobody sealed"
        return
    value = opened(what, box(KEY, place(what), content), text_digest("profile", content))
    if value is not None:
        check_again(what, value)


def place(what: str) -> bytes:
    """The AAD, said here once more so that a change of it is noticed."""
    ids = {"cover": (SHARE,), "entry": (SHARE, DOCUMENT), "capsule": (SHARE, DOCUMENT)}
    if what == "ticket":
        return lp(b"vault/v1/spool", DOCUMENT.encode())
    if what == "text":
        return lp(b"vault/v1/text/profile", b"ab" * 16, b"1", b"subject")
    return lp(b"vault/v1/link/" + what.encode(), *(one.encode() for one in ids[what]))


OPENERS: dict[str, Callable[[bytes, str], Any]] = {
    "cover": lambda sealed, _: open_cover(KEY, SHARE, sealed),
    "entry": lambda sealed, _: open_entry(KEY, SHARE, DOCUMENT, sealed),
    "capsule": lambda sealed, _: open_capsule(KEY, SHARE, DOCUMENT, sealed),
    "ticket": lambda sealed, _: open_ticket(KEY, DOCUMENT, sealed),
    "text": lambda sealed, digest: open_text(
        "profile", sealed, digest, key=KEY, dossier="ab" * 16, epoch=1, subject="subject"
    ),
}


def opened(what: str, sealed: bytes, digest: str) -> Any:
    """The value, None when it is refused by the class of error that its opener states."""
    refusals = (LinkContentError,) if what in {"cover", "entry", "capsule"} else (RecordError, IntegrityError)
    try:
        return OPENERS[what](sealed, digest)
    except refusals:
        return None


def check_again(what: str, value: Any) -> None:
    match what:
        case "cover":
            assert open_cover(KEY, SHARE, seal_cover(KEY, SHARE, value)) == value
        case "entry":
            assert open_entry(KEY, SHARE, DOCUMENT, seal_entry(KEY, SHARE, DOCUMENT, value)) == value
        case "capsule":
            assert open_capsule(KEY, SHARE, DOCUMENT, seal_capsule(KEY, SHARE, DOCUMENT, value)) == value
        case "ticket":
            assert open_ticket(KEY, DOCUMENT, seal_ticket(KEY, value)) == value
        case _:
            assert value["v"] is not True


def custom_mutator(data: bytes, longest: int, seed: int, fallback: Mutate) -> bytes:
    return mutate(data, longest, seed, fallback, prefix=1)


def seeds() -> dict[str, bytes]:
    record = document()
    cover = Cover(
        "ab" * 16,
        "Loopbaan & Co",
        "Dirk",
        "copy",
        "",
        b"r" * 32,
        "0a" * 32,
        AT,
        3,
        (Covered(DOCUMENT, record.hash, 1016),),
    )
    fields = {
        "v": 1,
        "intent": intent().to_json(),
        "head": "aGVhZA",
        "name": "report.pdf",
        "folder": "",
        "purpose": "guidance",
        "source": {
            "path": "/tmp/report.pdf",
            "size": "1000",
            "mtime_ns": "1795000000000000000",
            "inode": "42",
        },
        "at": "2026-11-23T09:00:00Z",
    }
    return {
        "cover": b"\x00" + cover.to_bytes(),
        "entry": b"\x01" + Entry("Verslag.pdf", "map/sub", "application/pdf", 1000, "0d" * 32).to_bytes(),
        "capsule": b"\x02" + Capsule(Secret(b"k" * 16), record.record).to_bytes(),
        "ticket": b"\x03" + json.dumps(fields, separators=(",", ":")).encode(),
        "text": b'\x04{"v":1,"salt":"AAAAAAAAAAAAAAAAAAAAAA","name":"Jan de Vries"}   ',
        "forged": b"\x80\x01" + b"n" * 24 + b"c" * 40,
    }
