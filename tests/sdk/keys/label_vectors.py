"""Makes `tests/vectors/4-labels.json` from fixed keys: `python -m tests.sdk.keys.label_vectors` writes it anew."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any
from unittest import mock

from tests.records.practice import COACH, DIRECTOR, DOSSIER
from tests.sdk.keys.keyring_vectors import NONCE, keyring
from vault.boxes import box
from vault.errors import VaultError
from vault.records.encoding import lp
from vault.sdk.keys.labels import Label, open_label, seal_label

FILE = Path(__file__).parents[2] / "vectors" / "4-labels.json"
ANNA = Label(2, "5e" * 32, 3, "client", "Anna Bakker", "begeleiding")
LONG = Label(1, "5e" * 32, 1, "commissioner", "Zoë " * 20, "")
FRONT = (1).to_bytes(4, "big") + bytes.fromhex("5e" * 32) + (1).to_bytes(4, "big")


def place(dossier: str, member: str) -> bytes:
    return lp(b"vault/v1/label", dossier.encode(), member.encode())


def padded(front: bytes, *texts: bytes, more: bytes = b"") -> bytes:
    said = lp(*texts)
    return front + said + bytes(-len(said) % 64) + more


def plaintexts() -> Iterator[tuple[str, bytes]]:
    """What is no label, though the box opens."""
    anna = (b"client", b"Anna", b"")
    yield "nothing", b""
    yield "no texts", FRONT
    yield "two texts, and no more", FRONT + lp(*anna[:2])
    yield "a text that is cut off", FRONT + lp(*anna)[:-5] + bytes.fromhex("0000ffff")
    yield "a text that is not UTF-8", padded(FRONT, b"client", b"\xff", b"")
    yield "no name", padded(FRONT, b"client", b"", b"")
    yield "no kind", padded(FRONT, b"", b"Anna", b"")
    yield "head of version 0", padded(bytes(4) + FRONT[4:], *anna)
    yield "profile of version 0", padded(FRONT[:-4] + bytes(4), *anna)
    yield "64 zero bytes more", padded(FRONT, *anna, more=bytes(64))
    yield "something behind", padded(FRONT, *anna)[:-1] + b"x"


def cases() -> Iterator[tuple[str, bytes, str, str]]:
    """Name, box, and the place that its reader expects."""
    with mock.patch("vault.boxes.secrets.token_bytes", return_value=NONCE):
        anna, long = (seal_label(each, keyring(), DOSSIER) for each in (ANNA, LONG))
        none = [(name, box(keyring().label_key, place(DOSSIER, DIRECTOR), raw)) for name, raw in plaintexts()]
    yield "her own", anna, DOSSIER, DIRECTOR
    yield "a long one", long, DOSSIER, DIRECTOR
    yield "of another dossier", anna, "ff" * 16, DIRECTOR
    yield "of another member", anna, DOSSIER, COACH
    yield "a flipped bit", anna[:-1] + bytes([anna[-1] ^ 1]), DOSSIER, DIRECTOR
    yield from ((name, sealed, DOSSIER, DIRECTOR) for name, sealed in none)


def opened(sealed: bytes, dossier: str, member: str) -> dict[str, Any]:
    """The label, or the code of the refusal."""
    own = keyring()
    object.__setattr__(own, "member", member)
    try:
        return {"verdict": "allowed", "label": asdict(open_label(sealed, own, dossier))}
    except VaultError as error:
        return {"verdict": error.code}


def vectors() -> dict[str, Any]:
    return {
        "about": "FORMAT.md, The list: what a label says. Bytes are hex.",
        "wrap_key": bytes(keyring().wrap).hex(),
        "label_key": bytes(keyring().label_key).hex(),
        "cases": [
            {"name": name, "dossier": dossier, "member": member, "box": sealed.hex(), **opened(sealed, dossier, member)}
            for name, sealed, dossier, member in cases()
        ],
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(vectors(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
