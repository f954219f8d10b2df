"""A proxy between client and gateway that counts requests, loses answers, cuts bodies, and lies."""

from __future__ import annotations

import http.client
from collections.abc import Callable

from tests.answering_server import Answer, AnsweringServer, Request

_HOP = {"connection", "transfer-encoding", "content-length", "keep-alive", "date", "server"}


class Proxy(AnsweringServer):
    """`before` may answer or lose a request before the gateway has it, `after` may change or lose the answer."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._set_honest()
        super().__init__(lambda request: self.after(request, self.before(request) or self.forward(request)))

    def _set_honest(self) -> None:
        self.before: Callable[[Request], Answer | None] = lambda _: None
        self.after: Callable[[Request, Answer], Answer] = lambda _, answer: answer

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

    def reset(self) -> None:
        self.requests.clear()
        self._set_honest()


def through(proxy: Proxy) -> dict[str, dict[str, str]]:
    """For `House.run`: the command uses the proxy."""
    return {"env": {"DOSSIER_URL": proxy.url}}
