"""Makes `tests/vectors/{5-texts,6-documents,7-links}.json` from fixed keys: `python -m tests.sdk.vectors` writes them anew.

Everything in them follows from what stands in them but the heads, which hold randomness of their own: those are kept.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any
from unittest import mock

from vault.age import HybridIdentity, payload_key, write_header
from vault.age.derive import commitment
from vault.records.encoding import lp, parse_instant
from vault.records.standing import text_digest
from vault.records.strict_json import dump
from vault.records.types.document import SEGMENT_SIZE, body_digest
from vault.sdk.documents.digests import content_digest
from vault.sdk.documents.sealing import FileKey, measure, seal_bytes
from vault.sdk.keys.sealed_text import seal_text, text_key
from vault.sdk.shares.capsules import Capsule, Cover, Covered, Entry, seal_capsule, seal_cover, seal_entry
from vault.sdk.shares.links import NO_PASSPHRASE, Link, derive, stretch
from vault.secret import Secret

FOLDER = Path(__file__).parent.parent / "vectors"
SHARE, DOCUMENT, DOSSIER = "000102030405060708090a0b0c0d0e0f", "10" * 16, "20" * 16
SECRET, FILE_KEY, NONCE, SEED = bytes(range(32)), b"\x11" * 16, b"\x22" * 16, b"\x33" * 32
BOX_NONCE, SALT = b"\x44" * 24, b"\x55" * 16
PASSPHRASE = b"witlof gemeente project aambeeld simpel cement"
RECORD = b'{"v":1,"type":"document"}'
SIZES = (0, 1, 65535, 65536, 65537, 131072, 196608)


def links() -> dict[str, Any]:
    """Derivations and boxes of a link, with and without a passphrase."""
    with mock.patch("vault.boxes.secrets.token_bytes", return_value=BOX_NONCE):
        cases = [_link(b""), _link(PASSPHRASE)]
    return {"about": "FORMAT.md, Links. Bytes are hex; a plaintext is the JSON text itself.", "cases": cases}


def _link(passphrase: bytes) -> dict[str, Any]:
    stretched = stretch(passphrase, SHARE) if passphrase else NO_PASSPHRASE
    keys = derive(SECRET, stretched)
    possess, opened = keys.proofs()
    cover, entry, capsule = _contents()
    return {
        "link": Link("https://dossier.example.nl", SHARE, Secret(SECRET)).to_string(),
        "share": SHARE,
        "secret": SECRET.hex(),
        "passphrase": passphrase.decode(),
        "passphrase_key": bytes(stretched).hex(),
        "keys": {name: bytes(getattr(keys, name)).hex() for name in ("possess", "open", "cover", "capsule", "sign")},
        "proofs": {"possess": possess.hex(), "open": opened.hex()},
        "verification_key": keys.verification_key().hex(),
        "authorization": keys.authorization(),
        "document": DOCUMENT,
        "boxes": [
            _box("cover", lp(b"vault/v1/link/cover", SHARE.encode()), cover, seal_cover(keys.cover, SHARE, cover)),
            _box(
                "entry",
                lp(b"vault/v1/link/entry", SHARE.encode(), DOCUMENT.encode()),
                entry,
                seal_entry(keys.cover, SHARE, DOCUMENT, entry),
            ),
            _box(
                "capsule",
                lp(b"vault/v1/link/capsule", SHARE.encode(), DOCUMENT.encode()),
                capsule,
                seal_capsule(keys.capsule, SHARE, DOCUMENT, capsule),
            ),
        ],
    }


def _contents() -> tuple[Cover, Entry, Capsule]:
    capsule = Capsule(Secret(FILE_KEY), RECORD)
    cover = Cover(
        practice="60" * 16,
        name="Praktijk De Brug",
        sender="Dana de Vries",
        kind="copy",
        note="Uw verslag, zoals besproken. \U0001f44b",
        root=b"p" * 32,
        record="80" * 32,
        expires_at=parse_instant("2026-12-04T16:00:00Z"),
        max=3,
        documents=(Covered(DOCUMENT, capsule.hash, 28),),
    )
    entry = Entry("verslag é.pdf", "scans", "application/pdf", 12, content_digest(b"Hallo wereld"))
    return cover, entry, capsule


def _box(kind: str, aad: bytes, content: Cover | Entry | Capsule, sealed: bytes) -> dict[str, str]:
    return {"kind": kind, "aad": aad.hex(), "plaintext": content.to_bytes().decode(), "box": sealed.hex()}


def texts() -> dict[str, Any]:
    """An encrypted text: padding, digest, box."""
    name, key = "verslag.pdf", text_key(SEED)
    fields = {
        "name": name,
        "folder": "",
        "type": "application/pdf",
        "size": 12,
        "digest": content_digest(b"Hallo wereld"),
        "purpose": "begeleiding",
        "modified": "2026-11-23T09:00:00Z",
    }
    seam = mock.patch("vault.boxes.secrets.token_bytes", return_value=BOX_NONCE)
    with seam, mock.patch("vault.sdk.keys.sealed_text.new_salt", return_value=SALT):
        digest, sealed = seal_text("document", fields, key=key, dossier=DOSSIER, epoch=1, subject=DOCUMENT)
    salted = {"v": 1, "salt": "VVVVVVVVVVVVVVVVVVVVVQ", **fields}
    text = dump(salted)
    text += b" " * (-len(text) % 256)
    assert text_digest("document", text) == digest
    case = {
        "kind": "document",
        "identity": SEED.hex(),
        "text_key": bytes(key).hex(),
        "dossier": DOSSIER,
        "epoch": 1,
        "subject": DOCUMENT,
        "aad": lp(b"vault/v1/text/document", DOSSIER.encode(), b"1", DOCUMENT.encode()).hex(),
        "text": text.decode(),
        "digest": digest,
        "box": sealed.hex(),
    }
    return {"about": "FORMAT.md, Texts. Bytes are hex; `text` is the padded plaintext.", "cases": [case]}


def plaintext(size: int) -> bytes:
    """Bytes that anybody can make again: 0, 1, … 250, 0, 1, …"""
    return bytes(index % 251 for index in range(size))


def documents(heads: dict[int, str]) -> dict[str, Any]:
    """Bodies at the edges of chunks, with their digests; `heads` are those that were made before."""
    cases = []
    identity = HybridIdentity(SEED)
    for size in SIZES:
        key = FileKey(Secret(FILE_KEY), NONCE)
        content = plaintext(size)
        body = seal_bytes(content, key)
        measured = measure(content, body)
        cases.append(
            {
                "plain_size": size,
                "content": measured.content,
                "size": measured.size,
                "digest": measured.digest,
                "body_sha256": hashlib.sha256(body).hexdigest(),
                "body": bytes(body).hex() if measured.size < 64 else None,
                "head": heads.get(size) or (write_header(FILE_KEY, [identity.recipient()]) + NONCE).hex(),
            }
        )
    segments = [b"\x01" * SEGMENT_SIZE, b"\x02"]
    return {
        "about": "FORMAT.md, Documents. Bytes are hex; plaintext byte i is i modulo 251. Digest of a body by segments.",
        "file_key": FILE_KEY.hex(),
        "nonce": NONCE.hex(),
        "payload_key": payload_key(FILE_KEY, NONCE).hex(),
        "commitment": commitment(FILE_KEY).hex(),
        "identity": SEED.hex(),
        "recipient": identity.recipient().to_string(),
        "cases": cases,
        "two_segments": {
            "about": "8,388,608 bytes 0x01, then one byte 0x02: `digest` as a body, `content` as a plaintext",
            "digest": body_digest(hashlib.sha256(segment).digest() for segment in segments),
            "content": content_digest(b"".join(segments)),
        },
    }


def known_heads() -> dict[int, str]:
    """The heads in the file as it stands."""
    path = FOLDER / "6-documents.json"
    cases = json.loads(path.read_text())["cases"] if path.exists() else []
    return {case["plain_size"]: case["head"] for case in cases}


def write() -> None:
    """Write the three files."""
    for name, value in (("7-links", links()), ("5-texts", texts()), ("6-documents", documents(known_heads()))):
        text = json.dumps(value, ensure_ascii=False, indent=1)
        (FOLDER / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()
