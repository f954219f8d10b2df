"""One HTTP/1.1 connection: uvicorn's, with limits on the size of a request's head and on its time.

With httptools uvicorn limits neither: it would buffer a head of any length, and keep a silent connection for ever. It
would also answer malformed HTTP with plain text; here that is a problem+json like any other. A route may have the body
read by a thread from the socket itself (`direct_body`); then this protocol counts where the body ends.

At every moment one clock runs: for a head, for a request (the routes': `streams.arriving`, `direct_body`), for an
answer that is not taken, or for the next request. What is no body (a head, framing, trailers, empty lines) is limited.
"""

from __future__ import annotations

import asyncio
import os
import socket
from typing import Any

import httptools
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from gateway.http.direct_body import EXTENSION, DirectBody
from gateway.http.failures import Problem
from gateway.http.fair_time import CONNECTION, FairTime, Holder
from gateway.http.limits import IDLE_SECONDS, SLOWEST_BYTES_A_SECOND
from gateway.http.places import Places
from gateway.http.security_headers import ALWAYS, API_POLICY
from gateway.http.streams import InterruptedTransferError

MAX_HEAD = 64 * 1024
HEAD_SECONDS = 20.0
PIPELINED = 8  # requests that wait for the answer to an earlier one; no client of ours sends a second


def _malformed() -> bytes:
    """The complete answer to malformed HTTP, with the headers of every answer."""
    answer = Problem("bad_request").response()
    headers = {**dict(answer.headers), "connection": "close", "content-security-policy": API_POLICY, **ALWAYS}
    lines = [f"{name.lower()}: {value}\r\n".encode("latin-1") for name, value in headers.items()]
    return b"".join([b"HTTP/1.1 400 Bad Request\r\n", *lines, b"\r\n", bytes(answer.body)])


MALFORMED = _malformed()


class BoundedConnection(HttpToolsProtocol):
    """Closes a connection that has no place, or whose head or receiver is too slow; routes limit the body."""

    places = Places()
    fair = FairTime()

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._source: str | None = None
        self._beside = 0  # bytes since the last one that was of a body, or ended a head or a request
        self._moved = False
        self._feeding = False
        self._within_head = True
        self._patience: asyncio.TimerHandle | None = None
        self._untaken: asyncio.TimerHandle | None = None
        self._lent: DirectBody | None = None
        self._surplus = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a place, and start the timer for the first head."""
        super().connection_made(transport)
        self._source = self.places.take("" if self.client is None else self.client[0])
        if self._source is None:
            transport.abort()
            return
        self._await_head(self._pause())

    def data_received(self, data: bytes) -> None:
        """Skip what a thread left of a body; count the bytes that are no part of one."""
        assert self._lent is None, "nothing is read here while a thread reads"
        if self._surplus:
            skipped = min(len(data), self._surplus)
            self._surplus -= skipped
            data = data[skipped:]
            if not self._surplus:
                self._body_ended()
            if not data:
                return
        self._moved, self._feeding = False, True
        super().data_received(data)
        self._feeding = False
        self._beside = 0 if self._moved else self._beside + len(data)
        if self._beside > MAX_HEAD:
            self._leave()

    def on_message_begin(self) -> None:
        """The next request on this connection begins."""
        super().on_message_begin()
        self._await_head()
        super()._unset_keepalive_if_required()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; a trailer (RFC 9110, section 6.5) is not used here."""
        if self._within_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is complete."""
        self._moved, self._within_head = True, False
        self._stop_waiting()
        super()._unset_keepalive_if_required()
        if len(self.pipeline) >= PIPELINED:
            raise Problem("bad_request")  # the parser stops, and the answer is MALFORMED
        super().on_headers_complete()
        self.scope["extensions"] = {EXTENSION: {"lender": Loan(self, self.cycle)}}

    def on_body(self, body: bytes) -> None:
        """A part of the body came."""
        self._moved = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request came whole."""
        self._moved = True
        super().on_message_complete()

    def send_400_response(self, _: str) -> None:
        """Answer and close: the start of the next request is unknown."""
        self.transport.write(MALFORMED)
        self._leave()

    def pause_writing(self) -> None:
        """The receiver does not take what was written: start a timer by its size."""
        super().pause_writing()
        self._wait_for_receiver()

    def resume_writing(self) -> None:
        """The receiver took it."""
        super().resume_writing()
        if not self.transport.is_closing():
            self._receiver_took()

    def timeout_keep_alive_handler(self) -> None:
        """No further request came."""
        self._leave()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timers, and give the place back."""
        self._stop_waiting()
        self._receiver_took()
        if self._source is not None:
            self.places.give_back(self._source)
        super().connection_lost(exc)
        super()._unset_keepalive_if_required()

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

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        watched: Any = self._watched(app)
        super()._start_asgi_task(cycle, watched)

    def _watched(self, app: ASGIApp) -> ASGIApp:
        """The application; when a request has ended and with it the connection, its last bytes have a timer, too."""

        async def watched(scope: Scope, receive: Receive, send: Send) -> None:
            try:
                await app(scope, receive, send)
            finally:
                self.loop.call_soon(self._request_ended)

        return watched

    def _request_ended(self) -> None:
        if self.transport.is_closing() and self in self.connections:
            self._wait_for_receiver()

    def _unset_keepalive_if_required(self) -> None:
        """Bytes alone do not stop the timer for the next request: an empty line or the rest of a body is none."""
        if not self._feeding:
            super()._unset_keepalive_if_required()

    def _leave(self) -> None:
        """Close once the receiver has taken what was written, or after its time."""
        self.transport.close()
        self._wait_for_receiver()

    def _wait_for_receiver(self) -> None:
        self._receiver_took()
        seconds = IDLE_SECONDS + self.transport.get_write_buffer_size() / SLOWEST_BYTES_A_SECOND
        self._untaken = self.loop.call_later(seconds, self.transport.abort)

    def _receiver_took(self) -> None:
        if self._untaken is not None:
            self._untaken.cancel()
            self._untaken = None

    def _pause(self) -> float:
        """Read nothing while this source owes time; for how long. A proxy's connections are many sources'."""
        if not self._source:
            return 0.0
        holder = Holder(self._source)
        self.fair.spend(holder, CONNECTION)
        seconds = self.fair.wait(holder)
        if seconds > 0:
            self.loop.call_soon(self._stop_reading)  # the loop begins to read only after this, whatever it was told
            self.loop.call_later(seconds, self._read_on)
        return seconds

    def _stop_reading(self) -> None:
        if not self.transport.is_closing():
            self.flow.pause_reading()

    def _read_on(self) -> None:
        if not self.transport.is_closing():
            self.flow.resume_reading()

    def _await_head(self, later: float = 0.0) -> None:
        self._stop_waiting()
        self._within_head = True
        self._patience = self.loop.call_later(HEAD_SECONDS + later, self._leave)

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
