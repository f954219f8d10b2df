"""Makes `tests/vectors/7-pickups.json`: `python -m tests.sdk.shares.pickup_vectors` writes it anew.

Whole pick-ups: a link, what is typed, what a server gives, and what is saved under which name, or why nothing is.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast
from unittest import mock

from tests.records import practice, samples
from tests.sdk.documents.served import served
from tests.sdk.vectors import plaintext
from vault.age.derive import commitment, payload_key
from vault.age.stream import CHUNK_SIZE, Sealer, body_size
from vault.errors import VaultError
from vault.records.encoding import parse_instant, to_base64url
from vault.records.envelope import write
from vault.records.types.document import body_digest
from vault.sdk.documents.digests import content_digest, segment_digests
from vault.sdk.keys.words import check_locator, normalise_passphrase
from vault.sdk.server.api import Api, Download
from vault.sdk.shares.capsules import Capsule, Cover, Covered, Entry, seal_capsule, seal_cover, seal_entry
from vault.sdk.shares.links import NO_PASSPHRASE, Link, LinkKeys, derive, parse_link, stretch
from vault.sdk.shares.pickup import pick_up
from vault.secret import Secret

FILE = Path(__file__).parents[2] / "vectors" / "7-pickups.json"
SHARE, SECRET = "000102030405060708090a0b0c0d0e0f", bytes(range(32))
PASSPHRASE, LOCATOR = "witlof gemeente project aambeeld simpel cement", "appel fiets kaas molen oven zwembad dirigent"
SCAN, NOTE = "10" * 16, "20" * 16
Json = dict[str, Any]


@dataclass(frozen=True)
class Sent:
    """A document behind a link: what its sender sealed, and what the server makes of it."""

    id: str
    folder: str
    name: str
    size: int
    file_key: bytes
    nonce: bytes
    record: bytes | None = None
    covered: tuple[tuple[str, Any], ...] = ()
    entry: tuple[tuple[str, Any], ...] = ()
    flip: int | None = None

    @property
    def plain(self) -> bytes:
        return plaintext(self.size)

    def body(self) -> bytes:
        sealer, plain = Sealer(payload_key(self.file_key, self.nonce)), self.plain
        sealed = bytearray()
        for number, (_, last, start, size) in enumerate(self.chunks()):
            sealed += sealer.seal(number, plain[start : start + size], last=last)
        if self.flip is not None:
            sealed[self.flip] ^= 1
        return bytes(sealed)

    def chunks(self) -> list[tuple[int, bool, int, int]]:
        starts = range(0, max(1, self.size), CHUNK_SIZE)
        return [(n, n == len(starts) - 1, at, min(CHUNK_SIZE, self.size - at)) for n, at in enumerate(starts)]

    def capsule(self) -> Capsule:
        return Capsule(Secret(self.file_key), self.record or signed(self))

    def cover_row(self) -> Covered:
        row = {"record": self.capsule().hash, "size": body_size(self.size), **dict(self.covered)}
        return Covered(self.id, **row)

    def sealed_entry(self, keys: LinkKeys) -> bytes:
        facts = {"size": self.size, "digest": content_digest(self.plain), **dict(self.entry)}
        return seal_entry(keys.cover, SHARE, self.id, Entry(self.name, self.folder, "text/plain", **facts))

    def sealed_capsule(self, keys: LinkKeys) -> bytes:
        return seal_capsule(keys.capsule, SHARE, self.id, self.capsule())


def signed(document: Sent, **changes: Any) -> bytes:
    """The exact bytes of the record of such a document."""
    body = replace(document, flip=None).body()
    truth = {
        "id": document.id,
        "nonce": document.nonce,
        "commitment": commitment(document.file_key),
        "size": len(body),
        "digest": body_digest(segment_digests(body)),
    }
    return samples.document(**{**truth, **changes}).record


A_SCAN = Sent(SCAN, "scans", "verslag é.pdf", CHUNK_SIZE + 1, b"\x11" * 16, b"\x22" * 16)
A_NOTE = Sent(NOTE, "", "CON.txt", 12, b"\x12" * 16, b"\x23" * 16)


@dataclass(frozen=True)
class Case:
    name: str
    sent: tuple[Sent, ...] = (A_SCAN, A_NOTE)
    mode: str = "plain"
    typed: str = ""
    missing: tuple[str, ...] = ()
    unreleased: tuple[str, ...] = ()
    swapped: bool = False
    uncovered: tuple[str, ...] = ()

    @property
    def link(self) -> str:
        secret = None if self.mode == "locator" else Secret(SECRET)
        return Link("https://dossier.example.nl", SHARE, secret).to_string()

    def keys(self) -> LinkKeys:
        """Those of the sender."""
        if self.mode == "locator":
            return derive(stretch(check_locator(LOCATOR), SHARE))
        locked = self.mode == "passphrase"
        return derive(SECRET, stretch(normalise_passphrase(PASSPHRASE), SHARE) if locked else NO_PASSPHRASE)

    def served(self) -> Json:
        """What the server gives: the boxes, and how the bodies are made."""
        keys = self.keys()
        there = [one for one in self.sent if one.id not in self.missing]
        released = [one for one in there if one.id not in self.unreleased]
        capsules = [one.sealed_capsule(keys).hex() for one in released]
        cover = _cover([one.cover_row() for one in self.sent if one.id not in self.uncovered])
        return {
            "cover": seal_cover(keys.cover, SHARE, cover).hex(),
            "entries": [{"document": one.id, "entry": one.sealed_entry(keys).hex()} for one in there],
            "capsules": [
                {"document": one.id, "capsule": capsule}
                for one, capsule in zip(released, capsules[::-1] if self.swapped else capsules, strict=True)
            ],
            "bodies": [
                {
                    "document": one.id,
                    "key": payload_key(one.file_key, one.nonce).hex(),
                    "chunks": [list(chunk) for chunk in one.chunks()],
                    "flip": one.flip,
                }
                for one in there
            ],
        }


def _cover(documents: list[Covered]) -> Cover:
    return Cover(
        practice=practice.PRACTICE,
        name="Praktijk De Brug",
        sender="Dana de Vries",
        kind="copy",
        note="",
        root=b"p" * 32,
        record="80" * 32,
        expires_at=parse_instant("2026-12-04T16:00:00Z"),
        max=3,
        documents=tuple(documents),
    )


def cases() -> Iterator[Case]:
    yield Case("two documents")
    yield Case("by a passphrase", mode="passphrase", typed=" Witlof gemeente  PROJ-aamb simpel cement\n")
    yield Case("by a locator", mode="locator", typed="Appel fiets kaas molen oven zwem dirigent")
    yield Case("by a locator with a wrong word", mode="locator", typed="appel fiets kaas molen oven zwembad appel")
    yield Case("one is not given any more", missing=(SCAN,))
    yield Case("one is not released", unreleased=(SCAN,))
    yield Case("each capsule in the place of the other", swapped=True)
    yield Case("a document that the cover does not name", uncovered=(NOTE,))
    for name, note in _notes():
        yield Case(name, (A_NOTE if note is None else note,))


def _notes() -> Iterator[tuple[str, Sent | None]]:
    """One document that is not what its link says."""
    note = A_NOTE
    yield "the cover has another hash", replace(note, covered=(("record", "00" * 32),))
    yield "the cover has another size", replace(note, covered=(("size", 29),))
    yield "cover and entry have another size", replace(note, covered=(("size", 29),), entry=(("size", 13),))
    yield "the entry has another size", replace(note, entry=(("size", 13),))
    yield "the entry has another digest", replace(note, entry=(("digest", "00" * 32),))
    yield "the record has another id", replace(note, record=signed(note, id=SCAN))
    yield "the record commits to another key", replace(note, record=signed(note, commitment=bytes(32)))
    yield "the record has another nonce", replace(note, record=signed(note, nonce=bytes(16)))
    yield "the record has another digest", replace(note, record=signed(note, digest="00" * 32))
    yield "a record without the fields of a document", replace(note, record=b'{"v":1,"type":"document"}')
    yield "a record of another type", replace(note, record=samples.profile().record)
    other = {
        name: value
        for name, value in samples.document().fields.items()
        if name not in ("v", "type", "practice", "signer")
    }
    stranger = {**other, **_said(note)}
    elsewhere = write(
        "document", stranger, practice="ff" * 16, signer=practice.COACH, key=practice.KEYS[practice.COACH]
    )
    yield "a record of another practice than the cover's", replace(note, record=elsewhere.record)
    yield "another bit in the body", replace(note, flip=0)


def _said(note: Sent) -> Json:
    """What the record of that document says of it."""
    fields = json.loads(signed(note))
    return {name: fields[name] for name in ("document", "nonce", "commitment", "size", "digest")}


class Gateway:
    """Gives what a case says, whoever asks."""

    def __init__(self, case: Json) -> None:
        self._case = case

    def post(self, _path: str, **_: Any) -> Json:
        entries = [{**one, "entry": _spelled(one["entry"])} for one in self._case["entries"]]
        return {"mode": self._case["mode"], "cover": _spelled(self._case["cover"]), "entries": entries, "left": 3}

    def put(self, _path: str, **_: Any) -> Json:
        return {"capsules": [{**one, "capsule": _spelled(one["capsule"])} for one in self._case["capsules"]]}

    def download(self, path: str, start: int, stop: int | None, headers: Mapping[str, str]) -> Download:
        document = path.split("/")[-2]
        (found,) = [one for one in self._case["bodies"] if one["document"] == document]
        return served(sealed(found))(start, stop, headers)


def _spelled(text: str) -> str:
    return to_base64url(bytes.fromhex(text))


def sealed(made: Json) -> bytes:
    """A body by its payload key and chunks."""
    sealer, plain = Sealer(bytes.fromhex(made["key"])), plaintext(2 * CHUNK_SIZE)
    body = bytearray()
    for number, last, start, size in made["chunks"]:
        body += sealer.seal(number, plain[start : start + size], last=last)
    if made["flip"] is not None:
        body[made["flip"]] ^= 1
    return bytes(body)


def picked_up(case: Json) -> Json:
    """What is saved, by path, or the code of the refusal."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        for name in case["there"]:
            (out / name).write_bytes(b"")
        api = cast("Api", Gateway(case))
        try:
            done = pick_up(parse_link(case["link"]), out, ask=lambda _: str(case["typed"]), api=api)
        except VaultError as error:
            return {"verdict": error.code, "saved": []}
        saved = [{"path": one.name, "digest": content_digest((out / one.name).read_bytes())} for one in done.files]
        return {"verdict": "allowed", "saved": saved}


def vectors() -> Json:
    return {
        "about": "FORMAT.md, Links and Names when saving: what a receiver saves of what a server gives, in a folder "
        "where the files `there` are. Bytes are hex; bodies are made as in `6-openings.json`, by their payload key.",
        "cases": [_case(one) for one in cases()],
    }


def _case(one: Case) -> Json:
    given = {"name": one.name, "link": one.link, "mode": one.mode, "typed": one.typed, "there": ["_con.TXT"]}
    with mock.patch("vault.boxes.secrets.token_bytes", return_value=b"\x44" * 24):
        whole = {**given, **one.served()}
    return {**whole, **picked_up(whole)}


if __name__ == "__main__":
    FILE.write_text(json.dumps(vectors(), indent=1, ensure_ascii=True) + "\n", encoding="ascii")
