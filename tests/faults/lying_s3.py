"""A proxy between adapter and S3 server that refuses, hangs, cuts connections, loses answers, and lies.

The Host header passes unchanged, so that the server can still check signatures.
"""

from __future__ import annotations

import http.client
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from tests.answering_server import Answer, LostError, QuietServer

_HOP = {"connection", "transfer-encoding", "keep-alive", "content-length"}


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def name(self) -> str:
        """The object's name; "" for a request to the bucket."""
        return unquote(urlsplit(self.path).path).partition("/")[2].partition("/")[2]

    @property
    def act(self) -> str:
        """PUT, GET or HEAD of an object, LIST, VERSIONS, or DELETE of many."""
        if self.name:
            return self.method
        query = parse_qs(urlsplit(self.path).query, keep_blank_values=True)
        return "DELETE" if "delete" in query else "VERSIONS" if "versions" in query else "LIST"


def error(status: int, code: str) -> Answer:
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>as you like</Message></Error>"
    return Answer(status, body.encode(), {"Content-Type": "application/xml"})


class LyingS3:
    """Rules, each replaced by a test: `taken` says after how many bytes a request's body is cut off (None: not),
    `before` may answer or lose a request before the server has it, `after` may change or lose the answer."""

    def __init__(self, endpoint: str) -> None:
        self._place = urlsplit(endpoint)
        self._closing = threading.Event()
        self.requests: list[Request] = []
        self.reset()
        self._server = QuietServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def reset(self) -> None:
        self.taken: Callable[[Request], int | None] = lambda request: None
        self.before: Callable[[Request], Answer | None] = lambda request: None
        self.after: Callable[[Request, Answer], Answer] = lambda request, answer: answer
        self.requests.clear()

    def acts(self, *acts: str) -> list[Request]:
        return [request for request in self.requests if request.act in acts]

    def hang(self) -> Answer:
        """Stay silent until the test is over."""
        self._closing.wait(60)
        raise LostError

    def answer(self, request: Request) -> Answer:
        self.requests.append(request)
        return self.after(request, self.before(request) or self.forward(request))

    def forward(self, request: Request) -> Answer:
        assert self._place.hostname
        connection = http.client.HTTPConnection(self._place.hostname, self._place.port, timeout=30)
        try:
            connection.request(request.method, request.path, request.body, request.headers)
            response = connection.getresponse()
            headers = {name: value for name, value in response.headers.items() if name.lower() not in _HOP}
            said = int(response.headers.get("Content-Length", "0")) if request.method == "HEAD" else None
            return Answer(response.status, response.read(), headers, said)
        finally:
            connection.close()

    def close(self) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _handler(liar: LyingS3) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def _any(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            request = Request(self.command, self.path, dict(self.headers.items()))
            taken = liar.taken(request)
            body = self.rfile.read(length if taken is None else min(length, taken))
            if len(body) < length:
                self.close_connection = True
                return
            try:
                self._say(liar.answer(replace(request, body=body)))
            except (LostError, OSError, http.client.HTTPException):
                self.close_connection = True

        def _say(self, answer: Answer) -> None:
            self.send_response_only(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.status != 204:
                self.send_header("Content-Length", str(len(answer.body) if answer.said is None else answer.said))
            self.end_headers()
            self.wfile.write(answer.body)
            self.wfile.flush()
            self.close_connection = answer.said is not None and self.command != "HEAD"

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _any  # noqa: N815 - the names that http.server looks for

        def log_message(self, *arguments: object) -> None:
            pass

    return Handler


# Faults for answers and requests.


def times(count: int, act: Callable[..., Any], *, of: tuple[str, ...] = ()) -> Callable[..., Any]:
    """Apply `act` to the first `count` of these acts, and nothing afterwards."""
    left = [count]

    def rule(request: Request, answer: Answer | None = None) -> Any:
        if left[0] and (not of or request.act in of):
            left[0] -= 1
            return act(request) if answer is None else act(request, answer)
        return answer

    return rule


def lose(*_: object) -> Any:
    raise LostError


def without(listed: bytes, name: str) -> bytes:
    """A listing that hides one name."""
    return re.sub(_entry(name), b"", listed)


def entry(listed: bytes, name: str) -> bytes:
    """A listing's entry for one name."""
    found = re.search(_entry(name), listed)
    assert found, listed
    return found[0]


def also(listed: bytes, text: bytes) -> bytes:
    """A listing with that entry added, first."""
    at = re.search(rb"<(?:Version|DeleteMarker|Contents)>|</List\w+>", listed)
    assert at, listed
    return listed[: at.start()] + text + listed[at.start() :]


def _entry(name: str) -> bytes:
    key = re.escape(f"<Key>{name}</Key>".encode())
    return rb"<(Version|DeleteMarker|Contents)>(?:(?!</\1>).)*" + key + rb".*?</\1>"
