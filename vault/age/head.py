"""The cut between Head and Body: an age file is its head (header and payload nonce), then the sealed chunks."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from vault.age.derive import NONCE_SIZE, committed_payload_key
from vault.age.errors import HeaderError
from vault.age.format import Header, read_header, read_header_prefix
from vault.age.stream import OpenStream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_READ_SIZE = 65536


class Head(NamedTuple):
    """The part before the chunks: the header as bytes, and the payload's nonce of 16 bytes."""

    header: bytes
    nonce: bytes

    @classmethod
    def parse(cls, content: bytes) -> Head:
        """Return `content` as a head; raise HeaderError unless it is exactly one."""
        head, offset = split(content)
        if offset != len(content):
            raise HeaderError("something follows the head")
        return head

    def to_bytes(self) -> bytes:
        """Return the head as it stands in the file."""
        return self.header + self.nonce

    def parsed(self) -> Header:
        """Return the header, parsed."""
        return read_header(self.header)


def split(content: bytes) -> tuple[Head, int]:
    """Return the head at the start of a file, and the offset where its body begins. Raises HeaderError."""
    return _split(content, read_header(content))


def _split(content: bytes, header: Header) -> tuple[Head, int]:
    size = header.size
    nonce = content[size : size + NONCE_SIZE]
    if len(nonce) != NONCE_SIZE:
        raise HeaderError("the file ends before its payload's nonce")
    return Head(header.to_bytes(), nonce), size + NONCE_SIZE


def read_head(read: Callable[[int], bytes]) -> tuple[Head, bytes]:
    """Read a head; return it and the first bytes of the body, which were read along with it.

    `read(size)` returns at most `size` bytes and none at the end. Raises HeaderError.
    """
    content = b""
    header = None
    while header is None or len(content) < header.size + NONCE_SIZE:
        # Each read doubles the size, so that a long header is parsed only a few times.
        piece = _read_up_to(read, max(_READ_SIZE, len(content)))
        content += piece
        header = header or read_header_prefix(content)
        if not piece:
            break
    head, offset = _split(content, header or read_header(content))
    return head, content[offset:]


def _read_up_to(read: Callable[[int], bytes], size: int) -> bytes:
    pieces = []
    while size > 0 and (piece := read(size)):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def join(head: Head, body: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the ordinary age file that a head and a body make, in pieces."""
    yield head.to_bytes()
    yield from body


def open_body(nonce: bytes, body: Iterable[bytes], file_key: bytes, expected: bytes) -> Iterator[bytes]:
    """Yield the verified plaintext of a body, by a given file key instead of one unwrapped from a header.

    The key's commitment is compared with `expected`, from the signed record, before anything is opened: else one body
    could open as two texts. Raises CommitmentError, PayloadError. The plaintext is complete only when the iterator has
    ended without an error.
    """
    stream = OpenStream(committed_payload_key(file_key, nonce, expected))
    for piece in body:
        yield stream.update(piece)
    yield stream.finish()
