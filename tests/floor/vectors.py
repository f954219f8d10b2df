"""Makes `tests/vectors/8-sealing.json`: `python -m tests.floor.vectors` writes it anew.

What the server seals and derives: one case of each formula, and what does not open.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

from tests.records import samples
from vault.adapters.keystore.sealing import open_shred_key, open_value, seal_shred_key, seal_value
from vault.boxes import BoxError
from vault.flows.erasures.ledger import LedgerEntry, ledger_name
from vault.ports.errors import DamagedKeyError
from vault.ports.keystore import Subject, SubjectKind
from vault.records.encoding import fold_address
from vault.records.standing import salted_digest
from vault.records.strict_json import dump
from vault.records.types.tombstone import retention_id

FILE = Path(__file__).parents[1] / "vectors" / "8-sealing.json"
KEY, OTHER_KEY, LOOKUP, PARAMETERS, SALT = (bytes([each]) * 32 for each in (0x11, 0x12, 0x13, 0x14, 0x15))
DOSSIER, MEMBER, DOCUMENT, SHARE, HASH = "ab" * 16, "c0" * 16, "d1" * 16, "5a" * 16, "7e" * 32
FIELDS: dict[str, tuple[SubjectKind, str, str]] = {
    **{
        f"member.{each}": (SubjectKind.MEMBER, MEMBER, MEMBER)
        for each in ("details", "login", "totp", "keyring", "lock", "recovery")
    },
    "session.details": (SubjectKind.MEMBER, MEMBER, MEMBER),
    "invitation.joined": (SubjectKind.MEMBER, MEMBER, MEMBER),
    **{
        f"wrap.{each}": (SubjectKind.DOSSIER, DOSSIER, f"{DOSSIER}/1/{MEMBER}")
        for each in ("wrap", "symmetric", "label")
    },
    "record.text": (SubjectKind.DOSSIER, DOSSIER, HASH),
    **{f"document.{each}": (SubjectKind.DOCUMENT, DOCUMENT, DOCUMENT) for each in ("head", "metadata")},
    "share.cover": (SubjectKind.SHARE, SHARE, SHARE),
    **{f"entry.{each}": (SubjectKind.DOCUMENT, DOCUMENT, f"{SHARE}/{DOCUMENT}") for each in ("entry", "capsule")},
}
Json = dict[str, Any]


def _value(name: str, kind: SubjectKind, subject: str, row: str, sealed: bytes, field: str) -> Json:
    opened: str | None
    try:
        opened = bytes(open_value(KEY, Subject(kind, subject), field, row, sealed)).decode()
    except BoxError:
        opened = None
    return {
        "name": name,
        "field": field,
        "subject": {"kind": kind.value, "id": subject},
        "row": row,
        "box": sealed.hex(),
        "opened": opened,
    }


def _values() -> Iterator[Json]:
    for field, (kind, subject, row) in FIELDS.items():
        sealed = seal_value(KEY, Subject(kind, subject), field, row, b"what lies in " + field.encode())
        yield _value(field, kind, subject, row, sealed, field)
    kind, subject, row = FIELDS["document.head"]
    sealed = seal_value(KEY, Subject(kind, subject), "document.head", row, b"x")
    yield _value("in another field", kind, subject, row, sealed, "document.metadata")
    yield _value("in another row", kind, subject, SHARE, sealed, "document.head")
    yield _value("of another subject", kind, SHARE, row, sealed, "document.head")
    yield _value("of another kind of subject", SubjectKind.SHARE, subject, row, sealed, "document.head")
    yield _value("cut off", kind, subject, row, sealed[:-1], "document.head")
    yield _value("of another version", kind, subject, row, b"\x02" + sealed[1:], "document.head")


def _keys() -> Iterator[Json]:
    given = Subject(SubjectKind.DOSSIER, DOSSIER)
    sealed = seal_shred_key(KEY, 12, given, OTHER_KEY)
    for name, kind, subject, generation in (
        ("a dossier's key", SubjectKind.DOSSIER, DOSSIER, 12),
        ("of another generation", SubjectKind.DOSSIER, DOSSIER, 1),
        ("of another dossier", SubjectKind.DOSSIER, DOCUMENT, 12),
        ("of another kind of subject", SubjectKind.MEMBER, DOSSIER, 12),
    ):
        opened: str | None
        try:
            opened = bytes(open_shred_key(KEY, generation, Subject(kind, subject), sealed)).hex()
        except DamagedKeyError:
            opened = None
        where = {"kind": kind.value, "id": subject}
        yield {"name": name, "subject": where, "generation": generation, "box": sealed.hex(), "opened": opened}


def _addresses() -> Iterator[Json]:
    for email in ("dirk@brug.example", " Dirk@Brug.Example\n", "\uff24irk@brug.example", "i\u0307@\u0130.example"):
        looked, made = (hmac.digest(key, fold_address(email).encode(), hashlib.sha256) for key in (LOOKUP, PARAMETERS))
        yield {"email": email, "lookup": looked.hex(), "salt": made[:16].hex()}


def _cards() -> Iterator[Json]:
    for name, email in (("Dirk de Vries", "dirk@brug.example"), ("Zo\u00eb", "ZO\u00cb@Brug.Example")):
        card = salted_digest("card", SALT[:16], name.encode(), email.lower().encode())
        yield {"name": name, "email": email, "salt": SALT[:16].hex(), "card": card}


def vectors() -> Json:
    stone = samples.tombstone()
    entry = dump(LedgerEntry(stone, samples.evidence()).to_json())
    with mock.patch("vault.boxes.secrets.token_bytes", return_value=b"\x44" * 24):
        return {
            "about": "FORMAT.md, Sealing by the server, and the formulas of sections 3 and 9 that a server computes. Bytes are hex.",
            "shred_key": KEY.hex(),
            "values": list(_values()),
            "generation_key": KEY.hex(),
            "keys": list(_keys()),
            "secrets": {"lookup": LOOKUP.hex(), "parameters": PARAMETERS.hex()},
            "addresses": list(_addresses()),
            "cards": list(_cards()),
            "retention": [{"dossier": each, "erasure": retention_id(each)} for each in (DOSSIER, DOCUMENT)],
            "ledger": [
                {
                    "sequence": stone.fields["sequence"],
                    "object": ledger_name(1),
                    "text": entry.decode(),
                    "hash": stone.hash,
                },
                *({"sequence": each, "object": ledger_name(each), "text": None, "hash": None} for each in (99, 10**9)),
            ],
        }


if __name__ == "__main__":
    FILE.write_text(json.dumps(vectors(), indent=1) + "\n", encoding="ascii")
