"""A proxy between client and gateway that counts requests, loses answers, cuts bodies, and lies."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

_HOP = {"connection", "transfer-encoding", "content-length", "keep-alive", "date", "server"}


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body)

    def is_(self, method: str, part: str) -> bool:
        return self.method == method and part in self.path


@dataclass(frozen=True)
class Answer:
    """`said` is a false announced length: the connection is cut after the body."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    said: int | None = None

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body)

    def saying(self, value: dict[str, Any]) -> Answer:
        return replace(self, body=json.dumps(value).encode())


class LostError(Exception):
    """The connection ends without an answer."""


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no error here."""


class Proxy:
    """`before` may answer or lose a request before the gateway has it, `after` may change or lose the answer."""

    def __init__(self, port: int) -> None:
        self.before: Callable[[Request], Answer | None] = lambda request: None
        self.after: Callable[[Request, Answer], Answer] = lambda request, answer: answer
        self.requests: list[Request] = []
        self._port = port
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1

            def _any(self) -> None:
                length = int(self.headers.get("Content-Length", "0"))
                request = Request(self.command, self.path, dict(self.headers.items()), self.rfile.read(length))
                if len(request.body) < length:
                    self.close_connection = True
                    return
                outer.requests.append(request)
                try:
                    answer = outer.after(request, outer.before(request) or outer.forward(request))
                except (LostError, OSError, http.client.HTTPException):
                    self.close_connection = True
                    return
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                if answer.status != 204:
                    self.send_header("Content-Length", str(len(answer.body) if answer.said is None else answer.said))
                self.end_headers()
                self.wfile.write(answer.body)
                self.close_connection = answer.said is not None

            do_GET = do_POST = do_PUT = do_DELETE = _any  # noqa: N815 - the names that http.server looks for

            def log_message(self, *arguments: object) -> None:
                pass

        self._server = _Quiet(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def forward(self, request: Request) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        try:
            headers = {k: v for k, v in request.headers.items() if k.lower() != "connection"}
            connection.request(request.method, request.path, request.body, headers)
            response = connection.getresponse()
            kept = {k: v for k, v in response.headers.items() if k.lower() not in _HOP}
            return Answer(response.status, response.read(), kept)
        finally:
            connection.close()

    def sent(self, method: str, part: str) -> list[Request]:
        return [request for request in self.requests if request.is_(method, part)]

    def reset(self) -> None:
        self.requests.clear()
        self.before = lambda request: None
        self.after = lambda request, answer: answer

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def through(proxy: Proxy) -> dict[str, dict[str, str]]:
    """For `House.run`: the command uses the proxy."""
    return {"env": {"DOSSIER_URL": proxy.url}}
