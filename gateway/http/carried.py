"""Letting the proxy before us carry a segment: we decide, it fetches from the store, and the client sees neither.

A proxy that can do so says it in a header of its own, which counts from a trusted proxy alone, and where the operator
says so (`DOSSIER_PROXY_CARRIES`). The answer then has no content but the segment's address, which the proxy takes out:
`infra/proxy/Caddyfile`. A client that takes what it asked for segment by segment says `Prefer: segment`.
"""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Scope

from gateway.http.ranges import Span
from vault.flows.documents.reading import Address

FROM_PROXY = b"dossier-carries"
# For the proxy alone: the segment's path in the store, the host that it was signed for, the bytes of it, and of the
# presigned URL's query what is not the same each time. Caddy writes the rest, and escapes what it fills in.
WHERE, HOST, RANGE = "Dossier-Carry", "Dossier-Carry-Host", "Dossier-Carry-Range"
SIGNED = {name: f"Dossier-Carry-{name}" for name in ("Credential", "Date", "Expires", "Signature")}
_MARK = "dossier.carried"


def mark(scope: Scope) -> None:
    """Note that a trusted proxy carries what is asked for, if it says so; not for a request with a body."""
    names = {name for name, _ in scope["headers"]}
    scope[_MARK] = FROM_PROXY in names and not names & {b"content-length", b"transfer-encoding"}


def is_carried(scope: Scope) -> bool:
    """Whether `mark` noted it."""
    return scope["method"] == "GET" and bool(scope.get(_MARK))


def asks_for_segments(headers: Headers) -> bool:
    """Whether the client takes less than the range that it asked for (RFC 7240)."""
    return any(word.strip().lower() == "segment" for line in headers.getlist("prefer") for word in line.split(","))


class Carried(Response):
    """The answer for the proxy: the headers that the client gets, and where the proxy finds the content."""

    def __init__(self, address: Address, span: Span, etag: str) -> None:
        super().__init__(None, span.status, headers=span.headers(etag), media_type="application/octet-stream")
        url = urlsplit(address.url)
        query = parse_qs(url.query, strict_parsing=True)
        self.headers[WHERE], self.headers[HOST] = url.path, url.netloc
        for name, header in SIGNED.items():
            (self.headers[header],) = query[f"X-Amz-{name}"]
        self.headers[RANGE] = f"bytes={address.start}-{address.start + span.length - 1}"
