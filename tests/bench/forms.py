"""A form with a document of 8 MiB: our parser against Starlette's `UploadFile`, both until the handler has the bytes."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Iterator
from functools import partial

from tests.bench import peers
from tests.bench.measuring import alternate, timed
from tests.bench.results import Goal, Result, ratio
from tests.gateway.house import form
from vault.records.types.document import SEGMENT_SIZE

ROW = 4


def run(*, quick: bool = False) -> Iterator[Result]:
    """Twenty documents a round over one connection."""
    count, rounds = (2, 1) if quick else (20, 7)
    parts = [("record", os.urandom(900)), ("head", os.urandom(2000)), ("metadata", os.urandom(600))]
    sent = form([*parts, ("body", os.urandom(SEGMENT_SIZE))], boundary=secrets.token_hex(16))
    with peers.serving() as (port, pid), socket.create_connection(("127.0.0.1", port)) as connection:
        ours, theirs = (
            partial(timed, partial(post, connection, _request(path, sent), count), [pid])
            for path in ("/parser", "/upload")
        )
        compared = alternate(ours, theirs, rounds)
    name = "take in a form of 8 MiB: our parser against Starlette's `UploadFile`, in a bare application"
    yield ratio(ROW, name, compared, Goal(at_least=5), size=count * SEGMENT_SIZE / 1e6)


def _request(path: str, sent: dict[str, object]) -> bytes:
    kind, content = sent["headers"]["Content-Type"], sent["content"]  # type: ignore[index]
    assert isinstance(content, bytes)
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\n\r\n"
    return head.encode() + content


def post(connection: socket.socket, request: bytes, count: int) -> None:
    """The same request, again and again; RuntimeError for another answer than the size of the document."""
    for _ in range(count):
        connection.sendall(request)
        answer = b""
        while not answer.endswith(str(SEGMENT_SIZE).encode()):
            more = connection.recv(4096)
            answer += more
            if not more or len(answer) > 2048:
                raise RuntimeError(f"no answer to a form: {answer[:200]!r}")
