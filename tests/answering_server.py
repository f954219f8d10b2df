"""An HTTP server on 127.0.0.1 whose answers a function gives: honest, broken or hostile."""

from __future__ import annotations

import contextlib
import http.client
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


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

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    said: int | None = None

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body)

    def saying(self, value: dict[str, Any]) -> Answer:
        return replace(self, body=json.dumps(value).encode())


class LostError(Exception):
    """The connection ends without an answer."""


class QuietServer(ThreadingHTTPServer):
    """One thread a connection; it waits for none of them at its end."""

    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no error here."""


class AnsweringServer:
    """Keeps every request; `respond` answers it, or raises LostError."""

    def __init__(self, respond: Callable[[Request], Answer]) -> None:
        self.requests: list[Request] = []
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
                    answer = respond(request)
                except (LostError, OSError, http.client.HTTPException):
                    self.close_connection = True
                    return
                self._send(answer)

            do_GET = do_POST = do_PUT = do_DELETE = _any  # noqa: N815 - the names that http.server looks for

            def _send(self, answer: Answer) -> None:
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                if answer.status != 204:
                    self.send_header("Content-Length", str(len(answer.body) if answer.said is None else answer.said))
                self.end_headers()
                with contextlib.suppress(OSError):  # a client that has read enough hangs up
                    self.wfile.write(answer.body)
                self.close_connection = answer.said is not None

            def log_message(self, *arguments: object) -> None:
                pass

        self._server = QuietServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def sent(self, method: str, part: str) -> list[Request]:
        return [request for request in self.requests if request.is_(method, part)]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
