"""STREAM (age v1, "Payload"): chunks of 64 KiB, each sealed under its number and a mark on the last one.

Chunks can be sealed and opened in any order; `SealStream` and `OpenStream` do it in order, with flat memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from vault.age.errors import PayloadError

if TYPE_CHECKING:
    pass

CHUNK_SIZE = 65536
TAG_SIZE = 16
SEALED_SIZE = CHUNK_SIZE + TAG_SIZE

_COUNTER_SIZE = 11

Buffer = bytes | bytearray | memoryview


def chunk_count(plain_size: int) -> int:
    """How many chunks a plaintext takes: an empty one takes one."""
    return max(1, -(-plain_size // CHUNK_SIZE))


def body_size(plain_size: int) -> int:
    """How many bytes the sealed chunks of a plaintext of this size take."""
    if plain_size < 0:
        raise ValueError("a size cannot be negative")
    return plain_size + chunk_count(plain_size) * TAG_SIZE


def plain_size(body_size: int) -> int:
    """How many bytes of plaintext a body of this size holds; raises PayloadError when no body has this size.

    Only a file's only chunk may be empty.
    """
    chunks = -(-body_size // SEALED_SIZE)
    last = body_size - (chunks - 1) * SEALED_SIZE
    if chunks < 1 or last < TAG_SIZE or (last == TAG_SIZE and chunks > 1):
        raise PayloadError("the encrypted file was cut off: no file has this size")
    return body_size - chunks * TAG_SIZE


def _nonce(index: int, *, last: bool) -> bytes:
    return index.to_bytes(_COUNTER_SIZE, "big") + (b"\x01" if last else b"\x00")


class Sealer:
    """Seals the chunks of one plaintext, in any order, from several threads.

    A payload key serves one plaintext: never seal different bytes under the same number.
    """

    __slots__ = ("_aead",)

    def __init__(self, payload_key: bytes) -> None:
        self._aead = ChaCha20Poly1305(payload_key)

    def seal(self, index: int, chunk: Buffer, *, last: bool) -> bytes:
        """Return the sealed chunk number `index`, counted from 0."""
        return self._aead.encrypt(_nonce(index, last=last), chunk, None)

    def seal_chunks(self, first: int, plain: memoryview, out: memoryview, *, last: bool) -> memoryview:
        """Seal consecutive chunks from number `first` into `out`; return the written part of it.

        Only the file's last chunk may be short: unless `last`, `plain` is a multiple of CHUNK_SIZE.
        """
        encrypt_into = self._aead.encrypt_into
        count = chunk_count(len(plain))
        for number in range(count):
            chunk = plain[number * CHUNK_SIZE : (number + 1) * CHUNK_SIZE]
            start = number * SEALED_SIZE
            nonce = _nonce(first + number, last=last and number == count - 1)
            encrypt_into(nonce, chunk, None, out[start : start + len(chunk) + TAG_SIZE])
        return out[: len(plain) + count * TAG_SIZE]


class Opener:
    """Opens the chunks of one body, in any order, from several threads; raises PayloadError for a forged one."""

    __slots__ = ("_aead",)

    def __init__(self, payload_key: bytes) -> None:
        self._aead = ChaCha20Poly1305(payload_key)

    def open(self, index: int, sealed: Buffer, *, last: bool) -> bytes:
        """Return the plaintext of chunk number `index`, counted from 0."""
        out = memoryview(bytearray(max(0, len(sealed) - TAG_SIZE)))
        return bytes(self.open_chunks(index, memoryview(sealed), out, last=last))

    def open_chunks(self, first: int, body: memoryview, out: memoryview, *, last: bool) -> memoryview:
        """Open consecutive chunks from number `first` into `out`; return the written part of it.

        Unless `last`, `body` is a multiple of SEALED_SIZE. When this raises, nothing in `out` may be used.
        """
        decrypt_into = self._aead.decrypt_into
        size = plain_size(len(body))
        count = chunk_count(size)
        try:
            for number in range(count):
                sealed = body[number * SEALED_SIZE : (number + 1) * SEALED_SIZE]
                start = number * CHUNK_SIZE
                nonce = _nonce(first + number, last=last and number == count - 1)
                decrypt_into(nonce, sealed, None, out[start : start + len(sealed) - TAG_SIZE])
        except InvalidTag:
            raise PayloadError("a part of the encrypted file is damaged, missing or not its own") from None
        if last and first and not size:
            raise PayloadError("the encrypted file ends with an empty part")
        return out[:size]


class SealStream:
    """Seals a plaintext piece by piece; `finish` seals the last chunk."""

    def __init__(self, payload_key: bytes) -> None:
        self._sealer = Sealer(payload_key)
        self._pending = bytearray()
        self._index = 0

    def update(self, piece: Buffer) -> bytes:
        """Take the next piece of plaintext; return the sealed chunks that cannot be the last one."""
        self._pending += piece
        count = (len(self._pending) - 1) // CHUNK_SIZE
        return self._take(count, last=False) if count > 0 else b""

    def finish(self) -> bytes:
        """Return the last chunk."""
        return self._take(1, last=True)

    def _take(self, count: int, *, last: bool) -> bytes:
        out = memoryview(bytearray(count * SEALED_SIZE))
        with memoryview(self._pending) as pending, pending[: count * CHUNK_SIZE] as plain:
            sealed = bytes(self._sealer.seal_chunks(self._index, plain, out, last=last))
        del self._pending[: count * CHUNK_SIZE]
        self._index += count
        return sealed


class OpenStream:
    """Opens a body piece by piece and releases every verified chunk; the body is complete once `finish` has returned.

    A forged chunk raises only after all chunks before it were released, however the pieces were cut.
    """

    def __init__(self, payload_key: bytes) -> None:
        self._opener = Opener(payload_key)
        self._pending = bytearray()
        self._index = 0
        self._ended = False

    def update(self, piece: Buffer) -> bytes:
        """Take the next piece of the body; return the plaintext of its whole chunks. Raises PayloadError."""
        self._pending += piece
        count = len(self._pending) // SEALED_SIZE
        out = memoryview(bytearray(count * CHUNK_SIZE))
        opened = 0
        with memoryview(self._pending) as pending:
            while opened < count and not self._ended:
                sealed = pending[opened * SEALED_SIZE : (opened + 1) * SEALED_SIZE]
                try:
                    self._open(sealed, out[opened * CHUNK_SIZE :])
                except PayloadError:
                    if not opened:
                        raise
                    break
                finally:
                    sealed.release()
                opened += 1
        del self._pending[: opened * SEALED_SIZE]
        if self._ended and self._pending and not opened:
            raise PayloadError("something follows the end of the encrypted file")
        return bytes(out[: opened * CHUNK_SIZE])

    def finish(self) -> bytes:
        """Return the plaintext of a last chunk that is not whole. Raises PayloadError when the body is not complete."""
        self.update(b"")
        if self._ended:
            return b""
        out = memoryview(bytearray(CHUNK_SIZE))
        sealed = memoryview(self._pending)
        return bytes(self._opener.open_chunks(self._index, sealed, out, last=True))

    def _open(self, sealed: memoryview, out: memoryview) -> None:
        """Open a whole chunk. A full chunk may be the last one: only its mark tells."""
        try:
            self._opener.open_chunks(self._index, sealed, out, last=False)
        except PayloadError:
            self._opener.open_chunks(self._index, sealed, out, last=True)
            self._ended = True
        self._index += 1
