"""One HTTP/1.1 connection: uvicorn's, with limits on the size of a request's head and on its time.

With httptools uvicorn limits neither: it would buffer a head of any length, and keep a silent connection for ever. It
would also answer malformed HTTP with plain text; here that is a problem+json like any other.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gateway.http.failures import Problem
from gateway.http.security_headers import ALWAYS, API_POLICY

MAX_HEAD = 64 * 1024
HEAD_SECONDS = 20.0


def _malformed() -> bytes:
    """The complete answer to malformed HTTP, with the headers of every answer."""
    answer = Problem("bad_request").response()
    headers = {**dict(answer.headers), "connection": "close", "content-security-policy": API_POLICY, **ALWAYS}
    lines = [f"{name.lower()}: {value}\r\n".encode("latin-1") for name, value in headers.items()]
    return b"".join([b"HTTP/1.1 400 Bad Request\r\n", *lines, b"\r\n", bytes(answer.body)])


MALFORMED = _malformed()


class BoundedConnection(HttpToolsProtocol):
    """Closes a connection whose request head is too long or too slow; routes limit the body."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._head = 0
        self._within_head = True
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the timer for the first head."""
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """Count the bytes of an incomplete head."""
        super().data_received(data)
        self._head = self._head + len(data) if self._within_head else 0
        if self._head > MAX_HEAD:
            self.transport.close()

    def on_message_begin(self) -> None:
        """The next request on this connection begins."""
        super().on_message_begin()
        self._await_head()

    def on_headers_complete(self) -> None:
        """The head is complete."""
        self._within_head = False
        self._stop_waiting()
        super().on_headers_complete()

    def send_400_response(self, _: str) -> None:
        """Answer and close: the start of the next request is unknown."""
        self.transport.write(MALFORMED)
        self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timer."""
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
