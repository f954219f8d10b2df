"""Sending a body, whole or in part: the same for members and receivers.

The strong ETag is the digest signed in the document's record. It is a hash of segment hashes; a plain SHA-256 of the
content (`Content-Digest`, `Repr-Digest`) would be known only after the last byte, so it is not sent. A receiver checks
the body against the record.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Depends, Header
from starlette.requests import Request
from starlette.responses import Response

from gateway.declared_codes import declares
from gateway.dependencies.state import holder_of, state_of
from gateway.http.carried import Carried, asks_for_segments, is_carried
from gateway.http.failures import Problem
from gateway.http.ranges import asked, resolve, strong_etag
from gateway.http.streams import Pieces, Threads
from vault.flows.documents.reading import Body
from vault.records.types.document import SEGMENT_SIZE

_HEADERS = {
    "ETag": "the digest in the document's record, quoted",
    "Accept-Ranges": "bytes",
    "Content-Range": "with 206: first-last/size",
}
_BYTES = {
    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    "headers": {name: {"description": text, "schema": {"type": "string"}} for name, text in _HEADERS.items()},
}
BODY: dict[str, Any] = {"response_class": Response, "responses": {200: _BYTES, 206: _BYTES}}


class BodySender:
    """Answers a GET of a body: Range, If-Range and If-None-Match."""

    def __init__(self, request: Request) -> None:
        self._request = request

    async def __call__(self, read_range: Callable[[int, int | None], Awaitable[Body]], gone: Problem) -> Response:
        """The answer; `gone` when the first byte is no longer available.

        `read_range` is lazy: getting the size from it reads no bytes.
        """
        headers, state = self._request.headers, state_of(self._request)
        carried = is_carried(self._request.scope)
        threads = Threads(state.download_threads, state.downloads, holder_of(self._request).key)
        step = SEGMENT_SIZE if carried and asks_for_segments(headers) else None
        body = await read_range(*asked(headers, step))
        etag = strong_etag(body.digest)
        span = resolve(headers, body.size, etag, step)
        if (span.start, span.length) != (body.start, body.length):
            body = await read_range(span.start, span.length)
        if step and span.partial:
            address = await threads.run(body.address)
            if address is not None:
                return Carried(address, span, etag)
        return Pieces(
            body.pieces,
            length=span.length,
            status_code=span.status,
            headers=span.headers(etag),
            threads=threads,
            relays=state.relays,
            gone=gone,
        )


@declares("range_unsatisfiable", "integrity")
async def _sender(
    request: Request,
    _range: Annotated[str | None, Header(alias="Range", description="one byte range, RFC 9110 section 14")] = None,
    _if_range: Annotated[
        str | None, Header(alias="If-Range", description="an ETag; another one gives the whole body")
    ] = None,
    _prefer: Annotated[
        str | None,
        Header(alias="Prefer", description="`segment`: may answer a range with the part in its first segment"),
    ] = None,
) -> BodySender:
    return BodySender(request)


SendBody = Annotated[BodySender, Depends(_sender)]
