"""What is opened while it comes is the plaintext that was signed, whatever its size, in any order, and after a kill."""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.records import samples
from tests.sdk.documents.served import served
from vault.age.derive import commitment, payload_key
from vault.age.stream import CHUNK_SIZE, SEALED_SIZE, Sealer, body_size
from vault.records.types import document as module
from vault.records.types.document import Document, body_digest
from vault.sdk.documents import block_digests, digests, fetching, opened
from vault.sdk.documents.arrived import Arrived
from vault.sdk.documents.bodies import DamagedDocumentError
from vault.sdk.documents.digests import content_digest
from vault.sdk.documents.fetching import fetch
from vault.sdk.documents.opened import OpenedBody

KEY, NONCE = b"k" * 16, b"n" * 16
SIZES = (0, 1, CHUNK_SIZE, CHUNK_SIZE + 1, 7 * CHUNK_SIZE - 1, 7 * CHUNK_SIZE, 20 * CHUNK_SIZE + 5)


@dataclass
class Sealed:
    content: bytes
    body: bytes
    record: Document

    @property
    def digest(self) -> str:
        return content_digest(self.content)


def sealed(content: bytes, segment: int = module.SEGMENT_SIZE) -> Sealed:
    out = memoryview(bytearray(body_size(len(content))))
    body = bytes(Sealer(payload_key(KEY, NONCE)).seal_chunks(0, memoryview(content), out, last=True))
    pieces = digests.PieceDigests(segment)
    pieces.update(body)
    record = samples.document(
        nonce=NONCE, commitment=commitment(KEY), size=len(body), digest=body_digest(pieces.finish())
    )
    return Sealed(content, body, Document.read(record))


@pytest.fixture
def files() -> Iterator[tuple[int, int, int]]:
    with tempfile.TemporaryFile() as one, tempfile.TemporaryFile() as other, tempfile.TemporaryFile() as third:
        yield one.fileno(), other.fileno(), third.fileno()


def opening(files: tuple[int, int, int], one: Sealed) -> OpenedBody:
    plain, seams, journal = files
    return OpenedBody((plain, seams), one.record, KEY, Arrived(one.record.size, journal), place=Path())


def segment_of(monkeypatch: pytest.MonkeyPatch, size: int) -> int:
    for where in (module, fetching, opened):
        monkeypatch.setattr(where, "SEGMENT_SIZE", size)
    return size


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("segment", [20_000, SEALED_SIZE, 100_000, 3 * SEALED_SIZE])
def test_it_is_the_plaintext_whatever_the_segments_part(
    files: tuple[int, int, int], monkeypatch: pytest.MonkeyPatch, size: int, segment: int
) -> None:
    one = sealed(os.urandom(size), segment_of(monkeypatch, segment))
    monkeypatch.setattr(block_digests, "BLOCK_CHUNKS", 3)
    monkeypatch.setattr(block_digests, "BLOCK_SIZE", 3 * CHUNK_SIZE)
    blocks = digests.PieceDigests(3 * CHUNK_SIZE)
    blocks.update(one.content)
    os.write(files[0], b"what was there before" * 10)
    body = opening(files, one)
    fetch(served(one.body, cut=150_001), len(one.body), body)
    assert body.check(body_digest(blocks.finish())) == size
    assert os.pread(files[0], size + 1000, 0) == one.content


def test_it_is_the_plaintext_at_the_size_of_real_segments(files: tuple[int, int, int]) -> None:
    one = sealed(os.urandom(2 * module.SEGMENT_SIZE + 70_000))
    body = opening(files, one)
    fetch(served(one.body), len(one.body), body)
    assert body.check(one.digest) == len(one.content)
    assert os.pread(files[0], len(one.content), 0) == one.content


@pytest.mark.parametrize("seed", range(12))
def test_after_a_kill_at_any_piece_the_rest_makes_it_whole(
    files: tuple[int, int, int], monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """What was in memory is gone: pieces of a segment that did not end, and seams that were not joined."""
    chance = random.Random(seed)
    segment = segment_of(monkeypatch, chance.choice([20_000, 100_000, SEALED_SIZE]))
    one = sealed(chance.randbytes(15 * CHUNK_SIZE + 3), segment)

    class KilledError(BaseException):
        pass

    for steps in chance.choices(range(1, 30), k=3):
        body, left = opening(files, one), [steps]

        def step(real: Any, left: list[int] = left) -> Any:
            def call(*arguments: Any) -> Any:
                left[0] -= 1
                if left[0] < 0:
                    raise KilledError
                return real(*arguments)

            return call

        with monkeypatch.context() as patched:
            patched.setattr(opened, "write_at", step(opened.write_at))
            patched.setattr(Arrived, "add", step(Arrived.add))
            try:
                fetch(served(one.body), len(one.body), body)
            except KilledError:
                continue
    body = opening(files, one)
    fetch(served(one.body), len(one.body), body)
    assert body.check(one.digest) == len(one.content)
    assert os.pread(files[0], len(one.content), 0) == one.content


@pytest.mark.parametrize("what", ["a byte", "the plaintext", "the digest of the body", "a seam", "the key"])
def test_what_was_not_signed_is_damaged(
    files: tuple[int, int, int], monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    segment = segment_of(monkeypatch, 100_000)
    one, body, content, key = sealed(os.urandom(300_000), segment), None, None, KEY
    match what:
        case "a byte":
            body = one.body[:-1] + bytes([one.body[-1] ^ 1])
        case "the plaintext":
            content = "0" * 64
        case "the digest of the body":
            one.record = Document.read(samples.document(nonce=NONCE, commitment=commitment(KEY), size=len(one.body)))
        case "a seam":
            body = one.body[:100_001] + bytes([one.body[100_001] ^ 1]) + one.body[100_002:]
        case _:
            key = b"x" * 16

    def bring() -> None:
        plain, seams, _ = files
        sink = OpenedBody((plain, seams), one.record, key, Arrived(one.record.size), place=Path())
        fetch(served(body or one.body), len(one.body), sink)
        sink.check(content or one.digest)

    with pytest.raises(DamagedDocumentError):
        bring()


def test_a_size_that_no_body_has_is_damaged(files: tuple[int, int, int]) -> None:
    one = sealed(b"x")
    one.record = Document.read(samples.document(nonce=NONCE, commitment=commitment(KEY), size=SEALED_SIZE + 16))
    with pytest.raises(DamagedDocumentError):
        opening(files, one)
