"""Streams between the event loop and blocking code, bounded in both directions, so that memory stays flat.

In: `Channel` is written by the loop and read, blocking, by a flow in a thread (`Source.read`). Out: `Pieces` answers a
request from a blocking iterator, with one thread hop for each batch; between two batches no thread is held, so a slow
receiver costs none.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from functools import partial
from typing import TypeVar

import anyio
from anyio import CapacityLimiter, to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.http.failures import Problem
from gateway.http.limits import IDLE_SECONDS, KIB, Relays, deadline
from vault.errors import VaultError

T = TypeVar("T")
logger = logging.getLogger("gateway")
AHEAD = 256 * KIB


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


class Channel:
    """A bounded pipe: `put` awaits on the loop, `read` blocks in a thread.

    The writer must end it by `close`, or by `fail`, after which every `read` raises that error: a reader can never
    mistake a truncated body for a complete one.
    """

    def __init__(self, *, ahead: int = AHEAD) -> None:
        self._chunks: deque[memoryview] = deque()
        self._buffered = 0
        self._wanted = 0
        self._ahead = ahead
        self._closed = False
        self._error: BaseException | None = None
        self._filled = threading.Condition()
        self._drained: asyncio.Event | None = None
        self._loop = asyncio.get_running_loop()

    async def put(self, chunk: bytes) -> None:
        """Write one chunk; waits while the buffer is full."""
        drained = None
        with self._filled:
            self._chunks.append(memoryview(chunk))
            self._buffered += len(chunk)
            if self._buffered >= self._wanted:
                self._filled.notify()
            if self._buffered > self._ahead and self._buffered >= self._wanted:
                drained = self._drained = asyncio.Event()
        if drained is not None:
            await drained.wait()

    def close(self) -> None:
        """End the stream: the body is complete."""
        with self._filled:
            self._closed = True
            self._filled.notify()

    def fail(self, error: BaseException) -> None:
        """Break the stream: every `read` raises `error`."""
        with self._filled:
            self._error = self._error or error
            self._filled.notify()

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes, fewer only at the end, b"" after it. Called in a thread."""
        with self._filled:
            self._wanted = size
            while not self._ready(size):
                self._release()
                self._filled.wait()
            if self._error is not None:
                raise self._error
            taken = self._take(self._buffered if size < 0 else size)
            if self._buffered <= self._ahead // 2:
                self._release()
        return taken[0].tobytes() if len(taken) == 1 else b"".join(taken)

    def _ready(self, size: int) -> bool:
        return self._closed or self._error is not None or 0 <= size <= self._buffered

    def _take(self, size: int) -> list[memoryview]:
        taken: list[memoryview] = []
        while size and self._chunks:
            chunk = self._chunks.popleft()
            if len(chunk) > size:
                self._chunks.appendleft(chunk[size:])
                chunk = chunk[:size]
            taken.append(chunk)
            size -= len(chunk)
            self._buffered -= len(chunk)
        return taken

    def _release(self) -> None:
        """Wake the writer; the caller holds the lock."""
        if self._drained is not None:
            drained, self._drained = self._drained, None
            self._loop.call_soon_threadsafe(drained.set)


async def fed(chunks: AsyncIterator[bytes], work: Callable[[Channel], Awaitable[T]]) -> T:
    """The result of `work` on a channel that is fed from `chunks` meanwhile.

    The end of `chunks` closes the channel, its failure fails it. If `work` ends first, feeding stops, and the rest of
    the body is not read.
    """
    channel = Channel()

    async def pour() -> None:
        try:
            async for chunk in chunks:
                await channel.put(chunk)
        except BaseException as error:
            channel.fail(error if isinstance(error, Exception) else InterruptedTransferError("the server is stopping"))
            if not isinstance(error, Exception):
                raise
        else:
            channel.close()

    pouring = asyncio.create_task(pour())
    try:
        return await work(channel)
    finally:
        channel.fail(InterruptedTransferError("the transfer was given up"))
        pouring.cancel()
        await asyncio.wait({pouring})


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
        limiter: CapacityLimiter,
        relays: Relays,
        gone: Problem,
    ) -> None:
        super().__init__(None, status_code, headers=dict(headers), media_type="application/octet-stream")
        self.headers["Content-Length"] = str(length)
        self._pieces, self._length, self._limiter, self._gone = pieces, length, limiter, gone
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
                await to_thread.run_sync(partial(_close, self._pieces), limiter=self._limiter)
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
        return await to_thread.run_sync(_batch, self._pieces, self._relays.batch, limiter=self._limiter)

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
