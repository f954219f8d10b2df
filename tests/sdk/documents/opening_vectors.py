"""Makes `tests/vectors/6-openings.json`: `python -m tests.sdk.documents.opening_vectors` writes it anew.

Heads and bodies that are, or are not, what a record says. Each is the head of `6-documents.json` but for its change.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.records import samples
from tests.records.practice import NOW
from tests.sdk.documents.served import served
from tests.sdk.vectors import FILE_KEY, NONCE, SEED, plaintext
from vault.age.derive import commitment, header_mac, payload_key
from vault.age.format import Header, Stanza, authenticated_part
from vault.age.head import Head
from vault.age.hybrid import HybridIdentity
from vault.age.stream import CHUNK_SIZE, Sealer
from vault.errors import VaultError
from vault.records.types.document import Document, body_digest
from vault.sdk.documents.arrived import Arrived
from vault.sdk.documents.bodies import DamagedDocumentError
from vault.sdk.documents.digests import content_digest, segment_digests
from vault.sdk.documents.fetching import fetch
from vault.sdk.documents.listing import Listed, unlock
from vault.sdk.documents.metadata import Metadata
from vault.sdk.documents.opened import OpenedBody

FOLDER = Path(__file__).parents[2] / "vectors"
FILE = FOLDER / "6-openings.json"
PLAIN = 12
# One chunk: its number, whether it is marked as the last one, and which bytes of the plaintext it holds.
Chunk = tuple[int, bool, int, int]
WHOLE: tuple[Chunk, ...] = ((0, True, 0, PLAIN),)
FULL: Chunk = (0, False, 0, CHUNK_SIZE)


def published_head() -> Head:
    """The head of the first document of `6-documents.json`, which no two makings give alike."""
    return Head.parse(bytes.fromhex(json.loads((FOLDER / "6-documents.json").read_text())["cases"][0]["head"]))


@dataclass(frozen=True)
class Opening:
    name: str
    head: bytes
    chunks: tuple[Chunk, ...] = WHOLE
    behind: bytes = b""
    flip: int | None = None
    record: tuple[tuple[str, Any], ...] = ()

    def body(self) -> bytes:
        """The chunks, sealed, and what stands behind them; in the byte `flip` the lowest bit is another."""
        sealer = Sealer(payload_key(FILE_KEY, NONCE))
        plain = plaintext(3 * CHUNK_SIZE)
        sealed = b"".join(
            sealer.seal(number, plain[start : start + size], last=last) for number, last, start, size in self.chunks
        )
        body = bytearray(sealed + self.behind)
        if self.flip is not None:
            body[self.flip] ^= 1
        return bytes(body)

    def stated(self) -> dict[str, Any]:
        """What the record and its text say: the truth about the body that comes, but for the changes."""
        body = self.body()
        end = max(start + size for _, _, start, size in self.chunks)
        truth = {
            "nonce": NONCE.hex(),
            "commitment": commitment(FILE_KEY).hex(),
            "size": len(body),
            "digest": body_digest(segment_digests(body)),
            "content": content_digest(plaintext(end)),
        }
        return {**truth, **dict(self.record)}


def openings() -> Iterator[Opening]:
    head = published_head()
    good = Opening("as it should be", head.to_bytes())
    yield good
    for name, changed in _headers(head):
        yield replace(good, name=name, head=changed)
    for name, field, value in (
        ("the record commits to another key", "commitment", "00" * 32),
        ("the record has another nonce", "nonce", "00" * 16),
        ("the record says a byte more", "size", PLAIN + 17),
        ("the record says a byte less", "size", PLAIN + 15),
        ("the record has another digest", "digest", "00" * 32),
        ("the text has another digest", "content", "00" * 32),
    ):
        yield replace(good, name=name, record=((field, value),))
    for name, chunks in _bodies():
        yield replace(good, name=name, chunks=chunks)
    yield replace(good, name="a byte behind the last chunk", behind=b"\0")
    yield replace(good, name="a chunk's room of bytes behind the last chunk", behind=bytes(17))
    yield replace(good, name="another bit in the chunk", flip=0)
    yield replace(good, name="another bit in the chunk's tag", flip=PLAIN + 15)


def _headers(head: Head) -> Iterator[tuple[str, bytes]]:
    """Other headers, each with the MAC that its file key gives, but for the first three."""
    (stanza,) = head.parsed().stanzas
    text, nonce = head.header, head.nonce
    mac = text.rindex(b" ") + 1
    other = b"A" if text[mac : mac + 1] != b"A" else b"B"
    yield "another MAC", text[:mac] + other + text[mac + 1 :] + nonce
    yield "no MAC", text[: mac - 1] + b"\n" + nonce
    yield "line ends of two bytes", text.replace(b"\n", b"\r\n") + nonce
    yield "another version of age", _authentic(head, stanza).replace(b"/v1\n", b"/v2\n", 1)
    yield "two stanzas", _authentic(head, stanza, stanza)
    grease = Stanza("a-grease", ("x",), b"")
    yield "an unknown stanza beside it", _authentic(head, stanza, grease)
    yield "an unknown stanza before it", _authentic(head, grease, stanza)
    yield "more than 4,096 bytes", _authentic(head, stanza, Stanza("a-grease", ("x",), bytes(2000)))
    yield "a stanza of another type", _authentic(head, stanza._replace(type="X25519"))
    yield "a stanza with an argument more", _authentic(head, stanza._replace(args=(*stanza.args, "x")))
    yield "a stanza without an argument", _authentic(head, stanza._replace(args=()))
    yield "a stanza whose body has a byte less", _authentic(head, stanza._replace(body=stanza.body[:-1]))
    flipped = bytes([stanza.body[0] ^ 1]) + stanza.body[1:]
    yield "a stanza for somebody else", _authentic(head, stanza._replace(body=flipped))
    yield "another nonce", text + bytes(16)
    yield "a nonce that is cut off", text + nonce[:-1]
    yield "a byte behind the nonce", text + nonce + b"\0"
    yield "a byte before the nonce", text + b"\0" + nonce
    yield "another MAC before the nonce", text + text[text.rindex(b"--- ") :] + nonce
    yield "nothing", b""


def _authentic(head: Head, *stanzas: Stanza) -> bytes:
    authenticated = authenticated_part(stanzas)
    return Header(stanzas, header_mac(FILE_KEY, authenticated), authenticated).to_bytes() + head.nonce


def _bodies() -> Iterator[tuple[str, tuple[Chunk, ...]]]:
    rest: Chunk = (1, True, CHUNK_SIZE, 1)
    yield "an empty plaintext", ((0, True, 0, 0),)
    yield "a last chunk that is not marked", ((0, False, 0, PLAIN),)
    yield "a chunk with the number of the next", ((1, True, 0, PLAIN),)
    yield "two chunks", (FULL, rest)
    yield "a last chunk that is full", ((0, True, 0, CHUNK_SIZE),)
    yield "two full chunks", (FULL, (1, True, CHUNK_SIZE, CHUNK_SIZE))
    yield "without its last chunk", (FULL,)
    yield "an empty last chunk", (FULL, (1, True, CHUNK_SIZE, 0))
    yield "a first chunk that is marked as the last one", ((0, True, 0, CHUNK_SIZE), rest)
    yield "two chunks, neither marked", (FULL, (1, False, CHUNK_SIZE, 1))
    yield "a number left out", (FULL, (2, True, CHUNK_SIZE, 1))
    yield "the first chunk twice", (FULL, FULL, rest)
    yield "two full chunks in another order", ((1, False, CHUNK_SIZE, CHUNK_SIZE), FULL, (2, True, 2 * CHUNK_SIZE, 1))
    yield "a chunk in the middle that is not full", (FULL, (1, False, CHUNK_SIZE, 5), (2, True, CHUNK_SIZE + 5, 1))


def verdict(head: bytes, body: bytes, stated: dict[str, Any]) -> str:
    """`allowed`, or the code of the refusal."""
    fields = {"nonce": bytes.fromhex(stated["nonce"]), "commitment": bytes.fromhex(stated["commitment"])}
    envelope = samples.document(**fields, size=stated["size"], digest=stated["digest"])
    record = Document.read(envelope)
    metadata = Metadata("a", "", "text/plain", 0, stated["content"], "", NOW)
    try:
        file_key = unlock(Listed(record, envelope, head, metadata, "stored"), HybridIdentity(SEED))
        if len(body) != record.size:
            raise DamagedDocumentError("its length")  # `fetch` brings no other: tests/sdk/documents/test_fetching.py
        with tempfile.TemporaryFile(buffering=0) as plain, tempfile.TemporaryFile(buffering=0) as seams:
            files = plain.fileno(), seams.fileno()
            opened = OpenedBody(files, record, file_key, Arrived(record.size), place=Path())
            fetch(served(body), record.size, opened)
            opened.check(stated["content"])
    except VaultError as error:
        return error.code
    return "allowed"


def vectors() -> dict[str, Any]:
    return {
        "about": "FORMAT.md, Documents: which head and body are the document that its record (`stated`) and text "
        "(`content` of it) say. Bytes are hex. A body is its chunks [number, marked as the last, first byte, bytes], "
        "sealed, then `behind`; in the byte `flip` the lowest bit is another. Plaintext byte i is i modulo 251.",
        "identity": SEED.hex(),
        "file_key": FILE_KEY.hex(),
        "nonce": NONCE.hex(),
        "cases": [_case(one) for one in openings()],
    }


def _case(one: Opening) -> dict[str, Any]:
    stated, body = one.stated(), one.body()
    return {
        "name": one.name,
        "head": one.head.hex(),
        "chunks": [list(chunk) for chunk in one.chunks],
        "behind": one.behind.hex(),
        "flip": one.flip,
        "stated": stated,
        "verdict": verdict(one.head, body, stated),
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(vectors(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
