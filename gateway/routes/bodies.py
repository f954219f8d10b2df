"""Sending a body, whole or in part: one way for members and for receivers.

A strong ETag names the bytes: the digest that the document's record signs. It is a hash of segment hashes, so a plain
SHA-256 of the content (`Content-Digest`, `Repr-Digest`) is not known before the last byte and is not sent; a receiver
checks the body against the record.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Header, Request
from starlette.responses import Response

from gateway.dependencies import House
from gateway.http.failures import Problem
from gateway.http.ranges import asked, resolve, strong_etag
from gateway.http.streams import Pieces
from vault.flows.documents.deposit import Body

BODY_CODES = ("range_unsatisfiable", "integrity")
BODY_HEADERS = {
    "ETag": "the digest in the document's record, quoted",
    "Accept-Ranges": "bytes",
    "Content-Range": "with 206: first-last/size",
}
Range = Annotated[str | None, Header(alias="Range", description="one byte range, RFC 9110 section 14")]
IfRange = Annotated[str | None, Header(alias="If-Range", description="an ETag; another one gives the whole body")]


async def send_body(
    request: Request, house: House, stretch: Callable[[int, int | None], Awaitable[Body]], gone: Problem
) -> Response:
    """The answer to a GET of a body; `gone` when its first byte cannot be had any more.

    `stretch` reads nothing until its pieces are asked for, so asking it for the size costs no bytes.
    """
    body = await stretch(*asked(request.headers))
    etag = strong_etag(body.digest)
    span = resolve(request.headers, body.size, etag)
    if (span.start, span.length) != (body.start, body.length):
        body = await stretch(span.start, span.length)
    return Pieces(
        body.pieces,
        length=span.length,
        status_code=span.status,
        headers=span.headers(etag),
        limiter=house.flows,
        relays=house.relays,
        gone=gone,
    )
