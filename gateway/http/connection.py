"""One HTTP/1.1 connection: uvicorn's, with a limit on the size of a request's head and on how long it may take.

uvicorn bounds neither with httptools: a head of any length would be gathered in memory, and a connection that says
nothing would be kept for ever. What is no HTTP at all it would answer as plain text; here it is a problem like others.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gateway.http.failures import Problem
from gateway.http.headers import ALWAYS, API_POLICY

MAX_HEAD = 64 * 1024
HEAD_SECONDS = 20.0


def _malformed() -> bytes:
    """The whole answer to bytes that are no request, with the headers that stand on every answer."""
    answer = Problem("bad_request").response()
    headers = {**dict(answer.headers), "connection": "close", "content-security-policy": API_POLICY, **ALWAYS}
    lines = [f"{name.lower()}: {value}\r\n".encode("latin-1") for name, value in headers.items()]
    return b"".join([b"HTTP/1.1 400 Bad Request\r\n", *lines, b"\r\n", bytes(answer.body)])


MALFORMED = _malformed()


class BoundedConnection(HttpToolsProtocol):
    """Closes a connection whose request head is too long or too slow; what follows the head is the routes' business."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._head = 0
        self._within_head = True
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A head is awaited from the first moment."""
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """Count what belongs to a head that is not complete."""
        super().data_received(data)
        self._head = self._head + len(data) if self._within_head else 0
        if self._head > MAX_HEAD:
            self.transport.close()

    def on_message_begin(self) -> None:
        """The next request on this connection begins."""
        super().on_message_begin()
        self._await_head()

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._within_head = False
        self._stop_waiting()
        super().on_headers_complete()

    def send_400_response(self, _: str) -> None:
        """Where the next request would begin is not known, so the connection ends with the answer."""
        self.transport.write(MALFORMED)
        self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is awaited any more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _await_head(self) -> None:
        self._stop_waiting()
        self._within_head = True
        self._patience = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
