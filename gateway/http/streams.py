"""Streams between the event loop and blocking code, bounded in both directions, so that memory stays flat.

In: `arriving` is a form's body, for the loop; a large body is read by a thread (`direct_body`). Out: `Pieces` answers a
request from a blocking iterator, with one thread hop for each batch; between two batches no thread is held, so a slow
receiver costs none.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import anyio
from anyio import CapacityLimiter, to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.http.failures import Problem
from gateway.http.limits import IDLE_SECONDS, Relays, Turns, deadline
from vault.errors import VaultError

T = TypeVar("T")
logger = logging.getLogger("gateway")


class InterruptedTransferError(VaultError):
    """The sender disconnected or was too slow; nothing it sent is kept."""

    code = "timeout"


async def arriving(request: Request, *, limit: int) -> AsyncIterator[bytes]:
    """The request's body as a stream of at most `limit` bytes.

    Raises Problem `too_large` beyond the limit (at once, if Content-Length says so), Problem `timeout` when the sender
    is silent or too slow, InterruptedTransferError when it disconnects.
    """
    declared = content_length(request)
    if declared is not None and declared > limit:
        raise Problem("too_large")
    received = 0
    last = anyio.current_time() + deadline(limit)
    chunks = request.stream()
    while True:
        with anyio.move_on_after(min(IDLE_SECONDS, last - anyio.current_time())) as patience:
            chunk = await _next(chunks)
        if patience.cancelled_caught:
            raise Problem("timeout", headers={"Connection": "close"})
        if chunk is None:
            return
        received += len(chunk)
        if received > limit:
            raise Problem("too_large", headers={"Connection": "close"})
        if chunk:
            yield chunk


async def _next(chunks: AsyncIterator[bytes]) -> bytes | None:
    try:
        return await anext(chunks)
    except StopAsyncIteration:
        return None
    except ClientDisconnect as gone:
        raise InterruptedTransferError("the sender went away") from gone


def content_length(request: Request) -> int | None:
    """The Content-Length, None when there is none."""
    value = request.headers.get("content-length")
    if value is None:
        return None
    if not value.isascii() or not value.isdigit() or len(value) > 15:  # noqa: PLR2004 - far beyond any body
        raise Problem("bad_request")
    return int(value)


@dataclass(frozen=True, slots=True)
class Threads:
    """The threads that wait for the object store, in turns: one holder's many downloads leave some to others."""

    limiter: CapacityLimiter
    turns: Turns
    holder: str

    async def run(self, act: Callable[[], T]) -> T:
        """What it returns; raises Problem `busy` when the turn does not come."""
        async with self.turns.hold(1, self.holder):
            return await self.last(act)

    async def last(self, act: Callable[[], T]) -> T:
        """As `run`, of what ends a download: without a turn, since it has to be done."""
        return await to_thread.run_sync(act, limiter=self.limiter)


class Pieces(Response):
    """A response of known length from a blocking iterator of bytes.

    The next batch is prefetched while the last one is sent, unless many downloads keep the machine busy anyway. Without
    a first batch the answer is `gone`. When the receiver disconnects, the iterator is closed. When the iterator fails,
    the connection is closed before the announced length, which the receiver notices.
    """

    def __init__(
        self,
        pieces: Iterator[bytes],
        *,
        length: int,
        status_code: int,
        headers: Mapping[str, str],
        threads: Threads,
        relays: Relays,
        gone: Problem,
    ) -> None:
        super().__init__(None, status_code, headers=dict(headers), media_type="application/octet-stream")
        self.headers["Content-Length"] = str(length)
        self._pieces, self._length, self._threads, self._gone = pieces, length, threads, gone
        self._relays = relays

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Send the head, then batch by batch."""
        with self._relays.one():
            await self._answer(receive, send)

    async def _answer(self, receive: Receive, send: Send) -> None:
        failures: list[Exception] = []
        try:
            # Fetch the first batch before sending the head: a failure can still be answered as a problem.
            first = await self._first()
            async with anyio.create_task_group() as group:
                group.start_soon(self._watch, receive, group.cancel_scope)
                await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
                await self._relay(first, send, failures)
                group.cancel_scope.cancel()
        finally:
            with anyio.CancelScope(shield=True):
                await self._threads.last(partial(_close, self._pieces))
        if failures:
            logger.warning("transfer cut short", extra={"fields": {"error": type(failures[0]).__name__}})

    async def _first(self) -> list[bytes]:
        try:
            first = await self._fetch()
        except LookupError:
            raise Problem("integrity") from None
        if not first:
            raise self._gone
        return first

    async def _relay(self, batch: list[bytes], send: Send, failures: list[Exception]) -> None:
        left = self._length
        while batch:
            following: list[list[bytes]] = []
            if self._relays.batch:
                async with anyio.create_task_group() as group:
                    group.start_soon(self._prefetch, following, failures)
                    left = await self._send(batch, send, left)
            else:
                left = await self._send(batch, send, left)
                if left > 0:  # waits until the sent bytes have left: else the server would buffer one more piece
                    await send({"type": "http.response.body", "body": b"", "more_body": True})
                await self._prefetch(following, failures)
            if failures:
                return
            batch = following[0]

    async def _send(self, batch: list[bytes], send: Send, left: int) -> int:
        batch.reverse()
        while batch:
            piece = batch.pop()  # frees the sent pieces, even if the list is still referenced
            left -= len(piece)
            await send({"type": "http.response.body", "body": piece, "more_body": left > 0})
        return left

    async def _prefetch(self, following: list[list[bytes]], failures: list[Exception]) -> None:
        try:
            following.append(await self._fetch())
        except Exception as error:  # noqa: BLE001 - handed to the sender, raised by __call__
            failures.append(error)

    async def _fetch(self) -> list[bytes]:
        return await self._threads.run(partial(_batch, self._pieces, self._relays.batch))

    async def _watch(self, receive: Receive, scope: anyio.CancelScope) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        scope.cancel()


def _batch(pieces: Iterator[bytes], size: int) -> list[bytes]:
    """The next pieces, about `size` bytes in total and at least one; empty at the end."""
    batch: list[bytes] = []
    gathered = 0
    for piece in pieces:
        batch.append(piece)
        gathered += len(piece)
        if gathered >= size:
            break
    return batch


def _close(pieces: Iterator[bytes]) -> None:
    close: Callable[[], None] | None = getattr(pieces, "close", None)
    if close is not None:
        close()
