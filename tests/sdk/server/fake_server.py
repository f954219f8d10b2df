"""An HTTP server on 127.0.0.1 whose answers a test writes: honest, broken or hostile."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from vault.sdk.server.api import Api


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body)


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False


def ok(value: dict[str, Any], status: int = 200) -> Answer:
    return Answer(status, json.dumps(value).encode(), {"Content-Type": "application/json"})


def problem(status: int, code: str, headers: dict[str, str] | None = None, **extra: Any) -> Answer:
    value = {"type": "about:blank", "title": code, "status": status, "detail": f"it is {code}", "code": code, **extra}
    kind = {"Content-Type": "application/problem+json"}
    return Answer(status, json.dumps(value).encode(), {**kind, **(headers or {})})


class FakeServer:
    def __init__(self, respond: Callable[[Request], Answer]) -> None:
        self.requests: list[Request] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _any(self) -> None:
                length = int(self.headers.get("Content-Length", "0"))
                request = Request(self.command, self.path, dict(self.headers.items()), self.rfile.read(length))
                outer.requests.append(request)
                answer = respond(request)
                self.send_response(answer.status)
                size = len(answer.body) + (100 if answer.cut else 0)
                for name, value in {"Content-Length": str(size), **answer.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                with contextlib.suppress(OSError):  # a client that has read enough hangs up
                    self.wfile.write(answer.body)
                self.close_connection = answer.cut

            do_GET = do_POST = do_PUT = do_DELETE = _any  # noqa: N815 - the names that http.server looks for

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Switch:
    """A server whose answer the test sets."""

    def __init__(self) -> None:
        self.respond: Callable[[Request], Answer] = lambda _: ok({})
        self.server = FakeServer(self._answer)

    def _answer(self, request: Request) -> Answer:
        return self.respond(request)

    def always(self, answer: Answer) -> Api:
        self.respond = lambda _: answer
        return Api(self.server.url, "secret-token")
