"""The inline deposit's form (RFC 7578), streamed: events, never a buffered file.

The parser's `finalize` accepts a body without its closing boundary. So the end is its own event here: a form is
complete only after `Closed`.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from gateway.http.failures import Problem
from gateway.http.gathered_body import Gathered

MAX_HEADERS = 4
MAX_HEADER = 512
_BOUNDARY = re.compile(rb"[A-Za-z0-9'()+_,./:=?-]{1,70}\Z")


@dataclass(frozen=True, slots=True)
class Opened:
    """A part begins."""

    name: str


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes of the current part."""

    chunk: bytes


@dataclass(frozen=True, slots=True)
class Ended:
    """A part ends."""


@dataclass(frozen=True, slots=True)
class Closed:
    """The closing boundary: the form is complete."""


Event = Opened | Content | Ended | Closed


def read_boundary(content_type: str) -> bytes:
    """The boundary of a `multipart/form-data`; raises Problem `unsupported_type`."""
    kind, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not _BOUNDARY.match(boundary):
        raise Problem("unsupported_type")
    return boundary


class Form:
    """Chunks in, events out; no I/O."""

    def __init__(self, boundary: bytes) -> None:
        self._events: list[Event] = []
        self._headers: dict[str, str] = {}
        self._field = self._value = b""
        callbacks: dict[str, Callable[..., None]] = {
            "on_part_begin": self._begin,
            "on_header_field": self._on_field,
            "on_header_value": self._on_value,
            "on_header_end": self._header,
            "on_headers_finished": self._open,
            "on_part_data": lambda chunk, start, end: self._events.append(Content(chunk[start:end])),
            "on_part_end": lambda: self._events.append(Ended()),
            "on_end": lambda: self._events.append(Closed()),
        }
        self._parser = MultipartParser(
            boundary,
            callbacks,  # type: ignore[arg-type]
            max_header_count=MAX_HEADERS,
            max_header_size=MAX_HEADER,
        )

    def feed(self, chunk: bytes) -> list[Event]:
        """The events in a chunk; raises Problem `invalid` for a malformed form."""
        self._events = []
        try:
            self._parser.write(chunk)
        except FormParserError:
            raise Problem("invalid", "The multipart form is malformed.") from None
        return self._events

    def _begin(self) -> None:
        self._headers = {}

    def _on_field(self, chunk: bytes, start: int, end: int) -> None:
        self._field += chunk[start:end]

    def _on_value(self, chunk: bytes, start: int, end: int) -> None:
        self._value += chunk[start:end]

    def _header(self) -> None:
        name = self._field.decode("latin-1").lower()
        if name in self._headers:
            raise Problem("invalid", "A header stands twice in a part of the form.")
        self._headers[name] = self._value.decode("latin-1")
        self._field = self._value = b""

    def _open(self) -> None:
        kind, options = parse_options_header(self._headers.get("content-disposition", ""))
        encoding = self._headers.get("content-transfer-encoding", "binary").lower()
        if kind != b"form-data" or encoding not in {"binary", "8bit", "7bit"}:
            raise Problem("invalid", "A part of the form has unknown headers.")
        self._events.append(Opened(options.get(b"name", b"").decode("latin-1")))


async def events(chunks: AsyncIterator[bytes], boundary: bytes) -> AsyncIterator[Event]:
    """The events of a whole form; raises Problem `invalid` when it ends without its closing boundary."""
    form = Form(boundary)
    closed = False
    async for chunk in chunks:
        for event in form.feed(chunk):
            yield event
            closed = closed or isinstance(event, Closed)
    if not closed:
        raise Problem("invalid", "The multipart form ends without its closing boundary.")


class Parts:
    """A form with its parts in a fixed order, each once and within its limit."""

    def __init__(self, stream: AsyncIterator[Event]) -> None:
        self._stream = stream
        self._ahead: Event | None = None

    async def collect(self, name: str, limit: int, *, beyond: str = "too_large") -> bytes:
        """The whole next part, which must be `name`; raises Problem `invalid`, or `beyond` when it is too long."""
        return (await self.gather(name, limit, beyond=beyond)).whole()

    async def gather(self, name: str, limit: int, *, beyond: str = "too_large") -> Gathered:
        """As `collect`, without joining the pieces: joining 8 MiB took longer than parsing them."""
        await self._expect(name)
        content = Gathered()
        while isinstance(event := await self._next(), Content):
            content.add(event.chunk)
            if len(content) > limit:
                raise Problem(beyond)
        return content

    async def closed(self) -> bool:
        """Whether the closing boundary comes next."""
        self._ahead = await self._next()
        return isinstance(self._ahead, Closed)

    async def begins(self, name: str) -> bool:
        """Whether that part comes next."""
        self._ahead = await self._next()
        return self._ahead == Opened(name)

    async def finish(self) -> None:
        """Read the closing boundary and ignore an epilogue; raises Problem for a surplus part."""
        if not isinstance(await self._next(), Closed):
            raise Problem("invalid", "The form has a part too many.")
        async for _ in self._stream:
            pass

    async def _expect(self, name: str) -> None:
        event = await self._next()
        if not isinstance(event, Opened) or event.name != name:
            raise Problem(
                "invalid", f"The form's parts are record, head, metadata, body, index, in this order; {name} is due."
            )

    async def _next(self) -> Event:
        if self._ahead is not None:
            event, self._ahead = self._ahead, None
            return event
        try:
            return await anext(self._stream)
        except StopAsyncIteration:
            raise Problem("invalid", "The multipart form ends without its closing boundary.") from None
