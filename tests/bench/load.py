"""Many requests over a few connections that stay open, the next one when the answer to the last is whole."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Iterator
from typing import cast

import uvloop

_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)
_PATIENCE = 240


class _Caller(asyncio.Protocol):
    def __init__(self, requests: Iterator[bytes], over: asyncio.Future[None]) -> None:
        self._requests, self._over = requests, over
        self._answer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by name
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head = self._answer.find(b"\r\n\r\n") + 4
        length = _LENGTH.search(self._answer)
        if head < 4 or (length is not None and len(self._answer) < head + int(length[1])):
            return
        if not self._answer.startswith(b"HTTP/1.1 20"):
            self._end(RuntimeError(f"answered: {self._answer[:300]!r}"))
            return
        self._answer = b""
        self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(exc or RuntimeError("the server closed the connection"))

    def _ask(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._end(None)
        else:
            self._transport.write(request)

    def _end(self, error: Exception | None) -> None:
        if not self._over.done():
            self._over.set_exception(error) if error else self._over.set_result(None)
        self._transport.close()


def hammer(port: int, requests: Iterable[bytes], connections: int) -> None:
    """Send all of them; RuntimeError for an answer that is no success."""
    uvloop.run(_hammer(port, iter(requests), connections))


async def _hammer(port: int, requests: Iterator[bytes], connections: int) -> None:
    loop = asyncio.get_running_loop()
    ends: list[asyncio.Future[None]] = []
    for _ in range(connections):
        over = loop.create_future()
        await loop.create_connection(lambda over=over: _Caller(requests, over), "127.0.0.1", port)
        ends.append(over)
    await asyncio.wait_for(asyncio.gather(*ends), _PATIENCE)
