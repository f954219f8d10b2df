"""One HTTP/1.1 connection: uvicorn's, with limits on the size of a request's head and on its time.

With httptools uvicorn limits neither: it would buffer a head of any length, and keep a silent connection for ever. It
would also answer malformed HTTP with plain text; here that is a problem+json like any other. A route may have the body
read by a thread from the socket itself (`direct_body`); then this protocol counts where the body ends.
"""

from __future__ import annotations

import asyncio
import os
import socket
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from gateway.http.direct_body import EXTENSION, DirectBody
from gateway.http.failures import Problem
from gateway.http.security_headers import ALWAYS, API_POLICY
from gateway.http.streams import InterruptedTransferError

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
        self._lent: DirectBody | None = None
        self._surplus = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the timer for the first head."""
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """Skip what a thread left of a body; count the bytes of an incomplete head."""
        assert self._lent is None, "nothing is read here while a thread reads"
        if self._surplus:
            skipped = min(len(data), self._surplus)
            self._surplus -= skipped
            data = data[skipped:]
            if not self._surplus:
                self._body_ended()
            if not data:
                return
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
        self.scope["extensions"] = {EXTENSION: {"lender": Loan(self, self.cycle)}}

    def send_400_response(self, _: str) -> None:
        """Answer and close: the start of the next request is unknown."""
        self.transport.write(MALFORMED)
        self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timer."""
        self._stop_waiting()
        super().connection_lost(exc)

    def lend(self, cycle: RequestResponseCycle, size: int) -> DirectBody:
        """See `Lender.lend`."""
        begun = bytes(cycle.body)
        cycle.body.clear()
        if not cycle.more_body:
            return DirectBody(begun, None, size)
        if cycle.disconnected or self.transport.is_closing():
            raise InterruptedTransferError("the sender went away")
        self.flow.pause_reading()
        if cycle.waiting_for_100_continue:
            cycle.waiting_for_100_continue = False
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        number = self.transport.get_extra_info("socket").fileno()
        self._lent = DirectBody(begun, socket.socket(fileno=os.dup(number)), size)
        return self._lent

    def take_back(self, body: DirectBody) -> None:
        """See `Lender.take_back`."""
        body.close()
        if self._lent is not body:
            return
        self._lent = None
        self._surplus = body.left
        if not self._surplus and not self.transport.is_closing():
            self._body_ended()

    def _body_ended(self) -> None:
        """Expect the next request: the parser saw only the beginning of this one's body."""
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn has it
        self.on_message_complete()

    def _await_head(self) -> None:
        self._stop_waiting()
        self._within_head = True
        self._patience = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None


class Loan:
    """A request's way to its body: a `gateway.http.direct_body.Lender`."""

    def __init__(self, connection: BoundedConnection, cycle: RequestResponseCycle) -> None:
        self._connection, self._cycle = connection, cycle
        self.received = 0

    def lend(self, size: int) -> DirectBody:
        """See `Lender.lend`."""
        return self._connection.lend(self._cycle, size)

    def take_back(self, body: DirectBody) -> None:
        """See `Lender.take_back`."""
        self.received += body.size - body.left
        self._connection.take_back(body)

    def break_off(self) -> None:
        """See `Lender.break_off`."""
        self._connection.transport.abort()
