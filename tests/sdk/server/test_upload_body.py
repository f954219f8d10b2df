"""Bodies are sent in their order and with their length; a source that fails is no bad connection."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest

from tests.sdk.server.fake_server import Switch, ok
from vault.sdk.server.upload_body import Part


def test_uploads_stream_with_their_length(switch: Switch) -> None:
    api = switch.always(ok({}))
    api.upload("PUT", "/s", iter([b"ab", b"c"]), 3, {"Content-Digest": "d"})
    api.upload("PUT", "/s", io.BytesIO(b"file"), 4)
    first, second = switch.server.requests
    assert (first.body, first.headers["Content-Length"], first.headers["Content-Digest"]) == (b"abc", "3", "d")
    assert second.body == b"file"


def test_a_source_that_fails_is_not_taken_for_a_bad_connection(switch: Switch) -> None:
    def broken() -> Iterator[bytes]:
        yield b"a"
        raise LookupError("the disk")

    with pytest.raises(LookupError):
        switch.always(ok({})).upload("PUT", "/s", broken(), 3)


def test_parts_are_sent_in_their_order(switch: Switch) -> None:
    switch.always(ok({})).multipart("/m", [("record", b"{}"), Part("body", b"\r\n--x", "text/plain")])
    request = switch.server.requests[-1]
    assert request.body.index(b'name="record"') < request.body.index(b'name="body"')
    boundary = request.headers["Content-Type"].partition("boundary=")[2]
    assert request.body.endswith(f"--{boundary}--\r\n".encode())
