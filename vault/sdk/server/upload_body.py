"""The body of an upload: raw bytes from a source that may fail, or the parts of `multipart/form-data`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

PIECE = 256 * 1024

Octets = bytes | memoryview
Body = Iterable[Octets] | IO[bytes]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a multipart request, in the order it is sent."""

    name: str
    content: Octets
    type: str = "application/octet-stream"


class Source:
    """A body that remembers its read error, so that a bad disk is not reported as a bad connection."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self.error: Exception | None = None

    def __iter__(self) -> Iterator[Octets]:
        read = getattr(self._body, "read", None)
        pieces: Iterable[Octets] = self._body if read is None else iter(lambda: read(PIECE), b"")
        try:
            yield from pieces
        except Exception as error:
            self.error = error
            raise OSError("the body cannot be read") from error


def multipart(boundary: str, parts: Iterable[Part]) -> Iterator[Octets]:
    """The bytes of `multipart/form-data` with these parts, in this order."""
    for part in parts:
        yield (
            f"--{boundary}\r\n"
            f'Content-Disposition: form-data; name="{part.name}"; filename="{part.name}"\r\n'
            f"Content-Type: {part.type}\r\n\r\n"
        ).encode("ascii")
        yield part.content
        yield b"\r\n"
    yield f"--{boundary}--\r\n".encode("ascii")
