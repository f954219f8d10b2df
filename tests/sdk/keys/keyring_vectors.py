"""Makes `tests/vectors/4-keyring.json` from fixed keys: `python -m tests.sdk.keys.keyring_vectors` writes it anew.

An age file holds randomness of its own: the one that stands in the file is kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

from tests.records.practice import DIRECTOR, KEYS, NOW, PRACTICE, ROOT, rosters
from tests.rules.verdicts import verdict_of
from vault.boxes import box
from vault.records.encoding import lp
from vault.records.envelope import Envelope, write
from vault.records.strict_json import dump
from vault.records.types.lock import Lock
from vault.sdk.keys.keyring import Keyring, open_keyring, seal_keyring
from vault.sdk.keys.locks import open_sheet_lock, password_lock, sheet_lock
from vault.sdk.keys.password_key import Parameters, derive, normalise
from vault.sdk.keys.sheet import Sheet
from vault.secret import Secret

FILE = Path(__file__).parents[2] / "vectors" / "4-keyring.json"
EMAIL, PASSWORD = " Dirk@Brug.Example", "cafe\u0301 Ⅷ op de hoek"
SALT, KEY, NONCE = b"s" * 16, b"\x66" * 32, b"\x44" * 24
SHEET = Sheet(Secret(b"\x77" * 32))


def keyring() -> Keyring:
    """The director of the fixed practice."""
    signing, identity, wrap = (Secret(secret) for secret in (bytes(KEYS[DIRECTOR]), b"\x33" * 32, b"\x22" * 32))
    return Keyring(PRACTICE, DIRECTOR, signing, identity, wrap, bytes(ROOT.verify_key), rosters().standing)


def lock_record() -> Envelope:
    """The signed record in the sheet's lock."""
    content = Lock(rosters().standing, KEY, NOW).content()
    return write("lock", content, practice=PRACTICE, signer=DIRECTOR, key=KEYS[DIRECTOR])


def plaintexts() -> Iterator[tuple[str, bytes]]:
    """What lies in a box under the keyring's key: such as is a keyring, and such as is none."""
    own = json.loads(bytes(keyring().to_bytes()))
    yield "4,096 bytes", dump(own).ljust(4096)
    yield "a byte more", dump(own).ljust(4097)
    yield "a member that is not known", dump({**own, "more": 1})
    yield "of another member", dump({**own, "member": "0" * 32})
    yield "of no member", dump({name: value for name, value in own.items() if name != "member"})
    yield "another version", dump({**own, "v": 2})
    yield "a version that is no number", dump({**own, "v": True})
    for name in ("practice", "signing", "identity", "wrap", "root", "roster"):
        yield f"without {name}", dump({key: value for key, value in own.items() if key != name})
        yield f"{name} with something behind", dump({**own, name: f"{own[name]}A"})
    yield "a roster of version 0", dump({**own, "roster": {**own["roster"], "version": 0}})


def boxes() -> Iterator[dict[str, str]]:
    """The same, sealed, with the verdict."""
    for name, plaintext in plaintexts():
        with mock.patch("vault.boxes.secrets.token_bytes", return_value=NONCE):
            sealed = box(KEY, lp(b"vault/v1/keyring", DIRECTOR.encode()), plaintext)
        found = verdict_of(lambda sealed=sealed: open_keyring(sealed, KEY, DIRECTOR))
        yield {"name": name, "box": sealed.hex(), "verdict": found}


def vectors(sheet_file: str | None) -> dict[str, Any]:
    """Plaintext, sealed form, both locks, and every value in between."""
    own, parameters = keyring(), Parameters(SALT)
    password = derive(PASSWORD, EMAIL, parameters)
    with mock.patch("vault.boxes.secrets.token_bytes", return_value=NONCE):
        sealed = seal_keyring(own, KEY)
        lock = password_lock(KEY, password.keyring, DIRECTOR, parameters)
    file = sheet_file or sheet_lock(lock_record(), SHEET.identity.recipient().to_string()).hex()
    return {
        "about": "FORMAT.md, Keyring. Bytes are hex; plaintexts of JSON are the text itself.",
        "member": DIRECTOR,
        "keyring": {
            "key": KEY.hex(),
            "aad": lp(b"vault/v1/keyring", DIRECTOR.encode()).hex(),
            "plaintext": bytes(own.to_bytes()).decode(),
            "box": sealed.hex(),
        },
        "boxes": list(boxes()),
        "password": {
            "email": EMAIL,
            "password": PASSWORD,
            "normalised": normalise(PASSWORD).hex(),
            "parameters": parameters.text().decode(),
            "salt": parameters.salt_of(EMAIL).hex(),
            "login": bytes(password.login).hex(),
            "keyring": bytes(password.keyring).hex(),
            "aad": lp(b"vault/v1/lock/password", DIRECTOR.encode(), parameters.text()).hex(),
            "lock": lock.hex(),
        },
        "sheet": {
            "seed": bytes(SHEET.seed).hex(),
            "root": bytes(SHEET.root).hex(),
            "login": bytes(SHEET.login).hex(),
            "recipient": SHEET.identity.recipient().to_string(),
            "envelope": lock_record().to_bytes().decode(),
            "file": file,
        },
        "refused": [
            {"name": "a lock of other parameters", "parameters": Parameters(b"t" * 16).text().decode()},
            {"name": "a lock of another member", "member": "0" * 32},
        ],
    }


def known_file() -> str | None:
    """The age file that stands in the vectors, while it holds the lock: another one would be other random bytes."""
    if not FILE.exists():
        return None
    file = str(json.loads(FILE.read_text(encoding="utf-8"))["sheet"]["file"])
    return file if open_sheet_lock(bytes.fromhex(file), SHEET.identity).to_bytes() == lock_record().to_bytes() else None


if __name__ == "__main__":
    FILE.write_text(json.dumps(vectors(known_file()), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
