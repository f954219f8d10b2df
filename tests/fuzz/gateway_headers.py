"""What the gateway reads from headers: ranges, digests, proofs, tokens, boundaries: a Problem, or a value within bounds.

Promise: only Problem comes out; a span lies within the body and says its own length; a digest has 32 bytes; proofs
have 32 bytes each; what `asked` guesses before the size is known is never beyond what `resolve` gives.
"""

# ruff: noqa: PT017 - a harness looks at what comes out, whichever way it comes
from __future__ import annotations

import base64

from starlette.datastructures import Headers
from starlette.requests import Request

from gateway.http.credentials import PublicUrl, read_proofs, read_token
from gateway.http.digests import read_content_digest
from gateway.http.failures import Problem
from gateway.http.multipart import read_boundary
from gateway.http.ranges import asked, resolve
from gateway.http.streams import content_length
from tests.fuzz.pieces import Reader
from vault.records.encoding import to_base64url

LONGEST = 65_536
ETAG = '"' + "0d" * 32 + '"'
PUBLIC = PublicUrl("https://dossier.example")


def check(data: bytes) -> None:
    reader = Reader(data)
    way, size, value = reader.number(), 16 + reader.number(3), reader.rest()
    if any(byte in value for byte in b"\0\r\n"):
        return  # no server hands such a header on
    text = value.decode("latin-1")
    (check_range, check_digest, check_proofs, check_token, check_boundary, check_length)[way % 6](text, size)


def check_range(text: str, size: int) -> None:
    value, _, condition = text.partition("#")
    headers = Headers({"range": value, **({"if-range": condition} if condition else {})})
    start, length = asked(headers)
    assert start >= 0
    assert length is None or length >= 0
    try:
        span = resolve(headers, size, ETAG)
    except Problem as problem:
        assert problem.failure.code == "range_unsatisfiable"
        assert problem.headers["Content-Range"] == f"bytes */{size}"
        return
    assert 0 <= span.start < size
    assert 0 < span.length <= size - span.start
    assert span.partial or (span.start, span.length) == (0, size)
    if span.partial and length:
        assert start == span.start
        assert length >= span.length


def check_digest(text: str, _size: int) -> None:
    try:
        assert len(read_content_digest(text)) == 32
    except Problem as problem:
        assert problem.failure.code == "invalid"


def check_proofs(text: str, _size: int) -> None:
    try:
        proofs = read_proofs(text)
    except Problem as problem:
        assert problem.failure.code == "link_unavailable"
        return
    assert len(proofs.possess) == 32
    assert to_base64url(proofs.possess) in text
    assert proofs.open is None or (len(proofs.open) == 32 and to_base64url(proofs.open) in text)


def request(name: str, text: str) -> Request:
    scope = {"type": "http", "method": "POST", "path": "/", "headers": [(name.encode(), text.encode("latin-1"))]}
    return Request(scope)


def check_token(text: str, _size: int) -> None:
    for name in ("authorization", "cookie"):
        try:
            token = read_token(request(name, text), PUBLIC)
        except Problem as problem:
            assert problem.failure.code == "origin_wrong"
            continue
        assert token is None or (token.isascii() and 16 <= len(token) <= 128)


def check_boundary(text: str, _size: int) -> None:
    try:
        assert 1 <= len(read_boundary(text)) <= 70
    except Problem as problem:
        assert problem.failure.code == "unsupported_type"


def check_length(text: str, _size: int) -> None:
    try:
        length = content_length(request("content-length", text))
    except Problem as problem:
        assert problem.failure.code == "bad_request"
        return
    assert length is not None
    assert 0 <= length < 10**15


def seeds() -> dict[str, bytes]:
    proof = to_base64url(b"p" * 32)
    digest = base64.b64encode(bytes(32)).decode()
    texts = {
        "range-first": (0, "bytes=0-99"),
        "range-open": (0, "bytes=500-"),
        "range-suffix": (0, "bytes=-500#" + ETAG),
        "ranges": (0, "bytes=0-1,3-4"),
        "digest": (1, f"sha-256=:{digest}:"),
        "digests": (1, f"md5=:AAAA:, sha-256=:{digest}:"),
        "proofs": (2, f'Dossier-Link possess="{proof}", open="{proof}"'),
        "possess": (2, f'Dossier-Link possess="{proof}"'),
        "token": (3, "Dossier-Session " + "t" * 43),
        "cookies": (3, 'a=1; __Host-dossier="' + "\\" * 40 + '"; __Host-dossier=' + "t" * 43),
        "cookie": (3, "__Host-dossier=" + "t" * 43),
        "boundary": (4, "multipart/form-data; boundary=grens"),
        "quoted": (4, 'multipart/form-data; boundary="een grens"'),
        "length": (5, "8388608"),
    }
    return {name: bytes([way]) + b"\x00\x10\x00" + text.encode() for name, (way, text) in texts.items()}
