"""Makes `tests/vectors/5-contents.json`: `python -m tests.sdk.documents.vectors` writes it anew."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

from vault.boxes import box
from vault.errors import VaultError
from vault.records.encoding import lp
from vault.records.standing import text_digest
from vault.records.strict_json import dump
from vault.sdk.documents.metadata import read_metadata
from vault.sdk.keys.sealed_text import MAX_BOX, MAX_TEXT, open_text, text_key

FILE = Path(__file__).parents[2] / "vectors" / "5-contents.json"
KEY = text_key(b"\x33" * 32)
DOCUMENT, DOSSIER, EPOCH = "10" * 16, "20" * 16, 1
Fields = dict[str, Any]
Case = tuple[str, bytes, str]

BASE: Fields = {
    "v": 1,
    "salt": "VVVVVVVVVVVVVVVVVVVVVQ",
    "name": "verslag.pdf",
    "folder": "",
    "type": "application/pdf",
    "size": 12,
    "digest": "90" * 32,
    "purpose": "begeleiding",
    "modified": "2026-11-23T09:00:00Z",
}
CHANGES: tuple[Fields, ...] = (
    *({}, {"more": [1]}, {"v": 2}, {"v": True}, {"v": None}, {"name": ""}, {"name": None}, {"name": "é" * 500}),
    *({"name": "é" * 501}, {"folder": "a/b"}, {"folder": "x" * 4000}, {"folder": "x" * 4001}, {"folder": None}),
    *({"type": ""}, {"type": "x" * 255}, {"type": "é" * 128}, {"size": 0}, {"size": -1}, {"size": 2**53 - 1}),
    *({"size": True}, {"size": "12"}, {"digest": "90" * 31}, {"digest": "AB" * 32}, {"purpose": ""}, {"purpose": None}),
    *({"purpose": "€" * 666}, {"purpose": "€" * 667}, {"modified": "1900-01-01T00:00:00Z"}),
    *({"modified": "2999-12-31T23:59:59Z"}, {"modified": "3000-01-01T00:00:00Z"}, {"modified": "2026-11-23"}),
)


def contents() -> Fields:
    return {
        "about": "FORMAT.md, Texts: which boxes are the text of this document, with that digest in its record, and hold its metadata. Bytes are hex.",
        "kind": "document",
        "text_key": bytes(KEY).hex(),
        "dossier": DOSSIER,
        "epoch": EPOCH,
        "subject": DOCUMENT,
        "cases": [
            {"name": name, "box": sealed.hex(), "digest": digest, "verdict": verdict(sealed, digest)}
            for name, sealed, digest in cases()
        ],
    }


def verdict(sealed: bytes, digest: str) -> str:
    """`allowed`, or the code of the refusal."""
    place = {"key": KEY, "dossier": DOSSIER, "epoch": EPOCH, "subject": DOCUMENT}
    try:
        read_metadata(open_text("document", sealed, digest, **place))
    except VaultError as error:
        return error.code
    return "allowed"


def cases() -> Iterator[Case]:
    with mock.patch("vault.boxes.secrets.token_bytes", return_value=b"\x44" * 24):
        yield from _metadata()
        yield from _boxes()


def _metadata() -> Iterator[Case]:
    for change in CHANGES:
        named = ", ".join(f"{name} {json.dumps(value)[:40]}" for name, value in change.items()) or "as it should be"
        yield named, *sealed(padded(dump({**BASE, **change})))
    for name in BASE:
        yield f"without {name}", *sealed(padded(dump({key: value for key, value in BASE.items() if key != name})))


def _boxes() -> Iterator[Case]:
    plain = dump(BASE)
    whole, digest = sealed(padded(plain))
    yield "without spaces behind it", *sealed(plain)
    yield "with line ends behind it", *sealed(plain + b"\n" * 9)
    yield "with NULs behind it", *sealed(plain + b"\0" * 9)
    yield "a key twice", *sealed(padded(plain[:-1] + b',"v":1}'))
    yield "a list", *sealed(padded(b"[1]"))
    yield "nothing", *sealed(b"")
    yield "as long as it may be", *sealed(plain + b" " * (MAX_TEXT - len(plain)))
    yield "a byte longer", *sealed(plain + b" " * (MAX_TEXT + 1 - len(plain)))
    yield "a box that is too large", *sealed(plain + b" " * (MAX_BOX - 40 - len(plain)))
    yield "another digest", whole, "00" * 32
    yield "the digest of a share's text", whole, text_digest("share", padded(plain))
    yield "cut off", whole[:-1], digest
    yield "another version of the box", b"\x02" + whole[1:], digest
    for name, place in (
        ("sealed as a share's text", {"kind": "share"}),
        ("of another dossier", {"dossier": DOCUMENT}),
        ("of another epoch", {"epoch": 2}),
        ("of another document", {"subject": DOSSIER}),
    ):
        yield name, *sealed(padded(plain), **place)


def padded(content: bytes) -> bytes:
    return content + b" " * (-len(content) % 256)


def sealed(text: bytes, **place: Any) -> tuple[bytes, str]:
    """The box of that text in its place or another, and the digest that the record would state."""
    where = {"kind": "document", "dossier": DOSSIER, "epoch": EPOCH, "subject": DOCUMENT, **place}
    ids = (where["dossier"], str(where["epoch"]), where["subject"])
    aad = lp(b"vault/v1/text/" + where["kind"].encode(), *(one.encode() for one in ids))
    return box(KEY, aad, text), text_digest("document", text)


if __name__ == "__main__":
    FILE.write_text(json.dumps(contents(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
