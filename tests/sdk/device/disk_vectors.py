"""Makes `tests/vectors/11-disk.json`: `python -m tests.sdk.device.disk_vectors` writes it anew.

One sealed file of each kind that a device keeps, with its key, its place and what it holds.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

from tests.records import samples
from tests.records.practice import DOSSIER, NOW, first_roster, policy, rosters
from tests.sdk.keys.keyring_vectors import EMAIL, PASSWORD, SALT, keyring
from vault.boxes import unbox
from vault.records.encoding import from_base64url, lp
from vault.sdk.device.home import Home
from vault.sdk.device.journal import Journal
from vault.sdk.device.list_cache import CachedDossier, ListCache
from vault.sdk.device.names_cache import Named, save_names
from vault.sdk.device.pin_kinds import Mark, SeenDossier, SeenIndex
from vault.sdk.device.pins import Pins
from vault.sdk.device.pins_file import open_pins, seal_pins
from vault.sdk.device.source_file import SourceFile
from vault.sdk.device.spool import Ticket, Wanted, open_ticket, seal_ticket
from vault.sdk.keys.password_key import Parameters, derive
from vault.sdk.people.pending_setup import Pending, keep_pending
from vault.sdk.people.session_file import StoredSession, open_session, seal_session
from vault.sdk.people.shown_before import ShownBefore, open_shown
from vault.secret import Secret

FILE = Path(__file__).parents[2] / "vectors" / "11-disk.json"
NONCE, SESSION_KEY, LIST_KEY = b"\x44" * 24, b"\x55" * 32, b"\x66" * 32
INDEX, SHORT = "1d" * 32, "1d" * 8
Json = dict[str, Any]


def pins() -> bytes:
    """A device's pins, in the form of its file."""
    head = samples.every()["dossier"].hash
    seen = SeenDossier(2, head, SeenIndex(14, INDEX, "3e" * 32, 5, 1))
    known = Pins(
        (first_roster(),),
        (policy(rosters()),),
        {DOSSIER: seen},
        {"ledger": Mark(3, "70" * 32)},
        {DOSSIER: {"7a" * 16: Mark(1, "7b" * 32)}},
        {DOSSIER: frozenset({"e5" * 32})},
        terms_roster={DOSSIER: 1},
    )
    sealed = seal_pins(known, keyring().pins_key)
    assert open_pins(sealed, keyring().pins_key).dossiers == {DOSSIER: seen}
    return sealed


def seen() -> bytes:
    """What the installation signed, and this device has seen: a checkpoint, and a tombstone without its evidence."""
    known = samples.every()
    entry = {"tombstone": known["tombstone"].to_json(), "evidence": None}
    shown = ShownBefore(known["checkpoint"], (entry,))
    sealed = shown.seal(keyring().pins_key)
    assert open_shown(sealed, keyring().pins_key) == shown
    return sealed


def ticket() -> bytes:
    """An unfinished deposit."""
    intent = samples.intent()
    kept = Ticket(intent, b"a head", Wanted("a.pdf", "scans", ""), SourceFile("/tmp/a.pdf", 1000, 10**18, 7), NOW)
    sealed = seal_ticket(keyring().spool_key, kept)
    assert open_ticket(keyring().spool_key, samples.DOCUMENT, sealed) == kept
    return sealed


def claims() -> bytes:
    """The journal of two blocks."""
    with tempfile.TemporaryFile(buffering=0) as file:
        journal = Journal(file.fileno(), keyring().spool_key, samples.DOCUMENT)
        assert journal.claim(0, b"0" * 32)
        assert journal.claim(1, b"1" * 32)
        assert not Journal(file.fileno(), keyring().spool_key, samples.DOCUMENT).claim(1, b"2" * 32)
        return os.pread(file.fileno(), 1000, 0)


def session() -> bytes:
    """A signed-in device."""
    stored = StoredSession("a token", keyring(), Secret(LIST_KEY), "https://kluis.example")
    sealed = seal_session(stored, SESSION_KEY)
    assert open_session(sealed, SESSION_KEY) == stored
    return sealed


def in_home(write: Callable[[Home], None], file: str) -> bytes:
    """What a command leaves in that file of a new home."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        write(home)
        return (Path(folder) / file).read_bytes()


def names(home: Home) -> None:
    save_names(home, keyring().names_key, DOSSIER, INDEX, [Named(samples.DOCUMENT, "scans", "verslag \u00e9.pdf")])


def listed(home: Home) -> None:
    row = CachedDossier("Jan de Vries", "client", "begeleiding", 2, 14, SHORT, "2031-11-23", SHORT, "2031-11-23")
    ListCache({DOSSIER: row}, {"ab": "m" * 22}).write(home, keyring().cache_key)


def init(home: Home) -> None:
    parameters = Parameters(SALT)
    keep_pending(
        home, Pending({"v": 1}, parameters, {"name": "De Brug"}, "5e" * 32), derive(PASSWORD, EMAIL, parameters), EMAIL
    )


def files() -> Iterator[tuple[str, bytes, bytes, bytes]]:
    """Name, key, place (AAD) and content of each."""
    own, document = keyring(), samples.DOCUMENT.encode()
    yield "pins", own.pins_key, b"vault/v1/pins", pins()
    yield "seen", own.pins_key, b"vault/v1/seen", seen()
    yield "list", own.cache_key, b"vault/v1/cache", in_home(listed, "list")
    place = lp(b"vault/v1/names", DOSSIER.encode(), INDEX.encode())
    yield f"names/{DOSSIER}.{SHORT}", own.names_key, place, in_home(names, f"names/{DOSSIER}.{SHORT}")
    yield f"spool/{samples.DOCUMENT}/sealed", own.spool_key, lp(b"vault/v1/spool", document), ticket()
    yield "session", SESSION_KEY, b"vault/v1/session", session()


def vectors() -> Json:
    with mock.patch("vault.boxes.secrets.token_bytes", return_value=NONCE):
        pending = json.loads(in_home(init, "init"))
        password = derive(PASSWORD, EMAIL, Parameters(SALT)).keyring
        return {
            "about": "FORMAT.md, On the client's disk: what a device keeps, by the keyring of `4-keyring.json`, whose `wrap` "
            "secret is `wrap`. Bytes are hex; a plaintext is the JSON text itself.",
            "wrap": bytes(keyring().wrap).hex(),
            "dossier": DOSSIER,
            "document": samples.DOCUMENT,
            "index": INDEX,
            "files": [_file(name, key, aad, content) for name, key, aad, content in files()],
            "claims": {
                "key": bytes(keyring().spool_key).hex(),
                "content": claims().hex(),
                "blocks": [(b"0" * 32).hex(), (b"1" * 32).hex()],
            },
            "init": {
                "email": EMAIL,
                "password": PASSWORD,
                "file": pending,
                "plaintext": bytes(unbox(password, b"vault/v1/init", from_base64url(pending["request"]))).decode(),
            },
        }


def _file(name: str, key: bytes, aad: bytes, content: bytes) -> Json:
    return {
        "file": name,
        "key": bytes(key).hex(),
        "aad": aad.hex(),
        "plaintext": bytes(unbox(key, aad, content)).decode(),
        "content": content.hex(),
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(vectors(), indent=1) + "\n", encoding="ascii")
