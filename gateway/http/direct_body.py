"""A request's body that a flow's thread reads from the socket itself, into the buffer that it sends on.

Through the event loop every byte was copied five times. So the loop reads the head of the request, and with it the
beginning of the body, and then nothing until the thread has ended.
"""

from __future__ import annotations

import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Protocol

from starlette.requests import Request
from starlette.types import Scope

from gateway.http.failures import Problem
from gateway.http.limits import IDLE_SECONDS, deadline
from gateway.http.streams import InterruptedTransferError

EXTENSION = "dossier.body"


class DirectBody:
    """A body of known size; a `vault.ports.objects.Source`, read by one thread.

    Reading raises Problem `timeout` when the sender is silent or too slow, InterruptedTransferError when it
    disconnects: a reader can never mistake a truncated body for a complete one.
    """

    def __init__(self, begun: bytes, connection: socket.socket | None, size: int) -> None:
        """Take the bytes that have arrived, and a socket that is this object's own for the others."""
        self._begun = memoryview(begun)
        self._socket = connection
        self._last = time.monotonic() + deadline(size)
        self.size = size
        self.left = size - len(begun)
        if connection is not None:
            connection.settimeout(IDLE_SECONDS)

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill the buffer; fewer bytes only at the end, 0 after it."""
        filled = min(len(buffer), len(self._begun))
        buffer[:filled] = self._begun[:filled]
        self._begun = self._begun[filled:]
        while self.left and filled < len(buffer):
            filled += self._receive(buffer[filled:])
        return filled

    def interrupt(self) -> None:
        """Wake a thread that waits for the sender: it finds the connection closed."""
        if self._socket is not None:
            with suppress(OSError):  # the sender closed it first
                self._socket.shutdown(socket.SHUT_RD)

    def close(self) -> None:
        """Close this object's socket; the connection itself stays. Repeatable."""
        if self._socket is not None:
            self._socket.close()

    def __del__(self) -> None:
        self.close()

    def _receive(self, buffer: memoryview) -> int:
        assert self._socket is not None, "bytes are missing only where there is a socket"
        patience = self._last - time.monotonic()
        if patience <= 0:
            raise _slow()
        try:
            if patience < IDLE_SECONDS:
                self._socket.settimeout(patience)
            got = self._socket.recv_into(buffer, min(len(buffer), self.left))
        except TimeoutError:
            raise _slow() from None
        except OSError as gone:
            raise InterruptedTransferError("the sender went away") from gone
        if not got:
            raise InterruptedTransferError("the sender went away")
        self.left -= got
        return got


class Lender(Protocol):
    """A connection that lends the body of its request; `received` bytes were read of it."""

    received: int

    def lend(self, size: int) -> DirectBody:
        """The body; the event loop reads nothing until it is taken back."""

    def take_back(self, body: DirectBody) -> None:
        """Go on after the body; its bytes that were not read are skipped."""

    def break_off(self) -> None:
        """Close the connection."""


def lender_of(scope: Scope) -> Lender:
    """The connection of this request."""
    lender: Lender = scope["extensions"][EXTENSION]["lender"]
    return lender


@asynccontextmanager
async def direct_body(request: Request, size: int) -> AsyncIterator[DirectBody]:
    """The body of a request with that Content-Length, for a thread that ends within the block."""
    lender = lender_of(request.scope)
    body = lender.lend(size)
    try:
        yield body
    except Exception:
        lender.take_back(body)
        raise
    except BaseException:  # cancelled, because the server stops: the thread may still be reading
        body.interrupt()
        lender.break_off()
        raise
    else:
        lender.take_back(body)


def _slow() -> Problem:
    return Problem("timeout", headers={"Connection": "close"})
