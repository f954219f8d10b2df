"""The requested part of a body: a single byte range (RFC 9110, section 14) and If-Range (13.1.5)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from starlette.datastructures import Headers

from gateway.http.failures import Problem

_SINGLE = re.compile(r"bytes=[ \t]*(\d{0,15})-(\d{0,15})[ \t]*\Z", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Span:
    """`length` bytes from `start` of `size`; `partial` when a range was asked for."""

    start: int
    length: int
    size: int
    partial: bool

    @property
    def status(self) -> int:
        """206 for a part, 200 for the whole."""
        return 206 if self.partial else 200

    def headers(self, etag: str) -> dict[str, str]:
        """The answer's headers for this span."""
        headers = {"Accept-Ranges": "bytes", "ETag": etag}
        if self.partial:
            headers["Content-Range"] = f"bytes {self.start}-{self.start + self.length - 1}/{self.size}"
        return headers


def strong_etag(digest: str) -> str:
    """The body's digest in the record, as a strong validator: equal means the same bytes."""
    return f'"{digest}"'


def asked(headers: Headers, step: int | None = None) -> tuple[int, int | None]:
    """Start and length of the likely span, before the size is known; empty for a suffix range.

    It keeps a resumed download from being audited as a read from the beginning. `step`: see `resolve`.
    """
    match = _SINGLE.match(headers.get("range", ""))
    if match is None or not (match[1] or match[2]):
        return 0, None
    if not match[1]:
        return 1, 0
    start, length = int(match[1]), None
    if match[2]:
        if int(match[2]) < start:
            return 0, None
        length = int(match[2]) - start + 1
    return start, length if step is None else _within(start, length, step)


def _within(start: int, length: int | None, step: int) -> int:
    """The length of a span that does not go beyond the next multiple of `step`."""
    room = step - start % step
    return room if length is None else min(length, room)


def resolve(headers: Headers, size: int, etag: str, step: int | None = None) -> Span:
    """The span to send. Several ranges, other units and malformed ones are ignored, as the RFC allows.

    With a `step` a range ends at the next multiple of it: less than was asked for is sent, as the RFC allows, too.
    Raises Problem `range_unsatisfiable` for a range beyond the end.
    """
    whole = Span(0, size, size, partial=False)
    match = _SINGLE.match(headers.get("range", ""))
    if match is None or headers.get("if-range", etag) != etag:
        return whole
    first, last = match.groups()
    if not first and not last:
        return whole
    if first and last and int(last) < int(first):
        return whole
    if not first:
        length = min(int(last), size)
        start = size - length
    else:
        start = int(first)
        length = min(int(last) + 1 if last else size, size) - start
    if step is not None and first and length > 0:
        length = _within(start, length, step)
    if length <= 0:
        raise Problem("range_unsatisfiable", headers={"Content-Range": f"bytes */{size}"})
    return Span(start, length, size, partial=True)
