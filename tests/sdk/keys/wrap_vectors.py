"""Makes `tests/vectors/4-wraps.json`: a dossier's identity for one grantee, as an age file and symmetric.

`python -m tests.sdk.keys.wrap_vectors` writes it anew. An age file holds fresh randomness: one that stands there is
kept while it holds the same text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

from tests.records import practice
from tests.records.practice import COACH, DIRECTOR, DOSSIER, NOW, OTHER, PRACTICE, rosters
from tests.sdk.keys.keyring_vectors import NONCE, keyring
from vault.age import HybridIdentity, decrypt
from vault.boxes import box
from vault.errors import VaultError
from vault.records.encoding import lp
from vault.records.envelope import Envelope
from vault.records.types.wrap import Wrap
from vault.rules.rights import Heads, first_head
from vault.sdk.keys.wraps import age_wrap, open_age_wrap, open_symmetric_wrap, symmetric_wrap
from vault.secret import Secret

FILE = Path(__file__).parents[2] / "vectors" / "4-wraps.json"
IDENTITY, ANOTHER = b"\x44" * 32, b"\x55" * 32
Case = dict[str, Any]


def head() -> Envelope:
    """The head of the dossier whose identity is wrapped."""
    return practice.head(rosters(), recipient=HybridIdentity(IDENTITY).recipient().to_string())


def heads() -> Heads:
    return first_head(head(), rosters())


def wrap(signer: str = COACH, **changes: Any) -> Envelope:
    base = {"dossier": DOSSIER, "epoch": 1, "identity": IDENTITY, "grantee": DIRECTOR}
    content = Wrap(rosters().standing, **{**base, **changes}, at=NOW).content()  # type: ignore[arg-type]
    return practice.write("wrap", content, signer)


def age() -> Iterator[tuple[str, bytes]]:
    """What is in the file."""
    yield "by a holder, for the director", wrap().to_bytes()
    yield "by the director, for herself", wrap(DIRECTOR).to_bytes()
    yield "by one who does not hold the dossier", wrap(OTHER).to_bytes()
    yield "for another grantee", wrap(grantee=COACH).to_bytes()
    yield "of another dossier", wrap(dossier="ff" * 16).to_bytes()
    yield "of another epoch", wrap(epoch=2).to_bytes()
    yield "of another identity", wrap(identity=ANOTHER).to_bytes()
    yield "another record", head().to_bytes()
    yield "no envelope", b"{}"


def symmetric() -> Iterator[tuple[str, str, Case]]:
    """Name, box, and the place that its reader expects."""
    here = {"dossier": DOSSIER, "epoch": 1, "member": DIRECTOR}
    with mock.patch("vault.boxes.secrets.token_bytes", return_value=NONCE):
        good = symmetric_wrap(Secret(IDENTITY), wrap().hash, keyring(), DOSSIER, 1)
        short = box(keyring().wrap, place(here), IDENTITY)
        long = box(keyring().wrap, place(here), IDENTITY + bytes(33))
    yield "one's own", good.hex(), here
    yield "of another dossier", good.hex(), {**here, "dossier": "ff" * 16}
    yield "of another epoch", good.hex(), {**here, "epoch": 2}
    yield "of another member", good.hex(), {**here, "member": COACH}
    yield "a flipped bit", good[:-1].hex() + f"{good[-1] ^ 1:02x}", here
    yield "an end cut off", good[:-1].hex(), here
    yield "without the record's hash", short.hex(), here
    yield "a byte too long", long.hex(), here


def place(where: Case) -> bytes:
    return lp(b"vault/v1/wrap", *(str(where[name]).encode() for name in ("dossier", "epoch", "member")))


def age_verdict(file: bytes) -> str:
    """`allowed`, or the code of the refusal, for the director."""
    try:
        identity, _ = open_age_wrap(file, keyring(), heads(), rosters())
    except VaultError as error:
        return error.code
    assert identity == IDENTITY
    return "allowed"


def symmetric_verdict(sealed: bytes, where: Case) -> str:
    own = keyring()
    object.__setattr__(own, "member", where["member"])
    try:
        identity = open_symmetric_wrap(sealed, own, where["dossier"], where["epoch"])
    except VaultError as error:
        return error.code
    assert identity == IDENTITY
    return "allowed"


def vectors(known: dict[str, str]) -> dict[str, Any]:
    files = {name: known.get(name) or _fresh(text) for name, text in age()}
    return {
        "about": "FORMAT.md, Wraps: whether the director opens them. Bytes are hex.",
        "practice": PRACTICE,
        "member": DIRECTOR,
        "identity": bytes(keyring().identity).hex(),
        "wrap_key": bytes(keyring().wrap).hex(),
        "dossier_identity": IDENTITY.hex(),
        "rosters": [practice.first_roster().to_json()],
        "heads": [head().to_json()],
        "record_hash": wrap().hash,
        "age": [
            {
                "name": name,
                "text": text.decode(),
                "file": files[name],
                "verdict": age_verdict(bytes.fromhex(files[name])),
            }
            for name, text in age()
        ],
        "symmetric": [
            {
                "name": name,
                **where,
                "aad": place(where).hex(),
                "box": sealed,
                "verdict": symmetric_verdict(bytes.fromhex(sealed), where),
            }
            for name, sealed, where in symmetric()
        ],
    }


def _fresh(text: bytes) -> str:
    recipient = HybridIdentity(bytes(keyring().identity)).recipient().to_string()
    envelope = mock.Mock(to_bytes=lambda: text)
    return age_wrap(envelope, recipient).hex()


def known_files() -> dict[str, str]:
    """The age files that stand in the vectors, by their names, where they hold today's text."""
    if not FILE.exists():
        return {}
    texts = dict(age())
    kept = {case["name"]: case["file"] for case in json.loads(FILE.read_text(encoding="utf-8"))["age"]}
    own = HybridIdentity(bytes(keyring().identity))
    return {name: file for name, file in kept.items() if decrypt(bytes.fromhex(file), [own]) == texts.get(name)}


if __name__ == "__main__":
    FILE.write_text(json.dumps(vectors(known_files()), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
