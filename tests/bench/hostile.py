"""One hostile source, a process of its own: `python -m tests.bench.hostile PORT SECONDS ACT…`, its target on stdin.

It calls from 127.0.0.2, a source that no honest user shares, and does what a stranger of THREAT_MODEL does (or a member
who means harm) as often as it can until its time is over. What it is answered does not matter to it. Its last line says
how often it got through.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import uvloop

SOURCE = "127.0.0.2"
MIB = 1 << 20
EDGE = b"grens"


@dataclass
class Target:
    """Where it calls, until when, and what it knows: the session and the dossier of a member, addresses of others."""

    port: int
    until: float
    token: str
    dossier: str
    emails: list[str]
    turns: int = 0

    @property
    def over(self) -> bool:
        return time.monotonic() >= self.until

    def head(self, method: str, path: str, *lines: str, member: bool = False) -> bytes:
        """A request's head."""
        own = [f"Authorization: Dossier-Session {self.token}"] if member else []
        return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: bench", *own, *lines, "", ""]).encode()

    def post(self, path: str, body: bytes, *, member: bool = False) -> bytes:
        """A whole request with a JSON body."""
        lines = ("Content-Type: application/json", f"Content-Length: {len(body)}")
        return self.head("POST", f"/api/v1{path}", *lines, member=member) + body

    async def line(self, receive: int | None = None) -> socket.socket:
        """A connection, which takes no more than so much before it is read."""
        line = socket.socket()
        line.setblocking(False)
        line.bind((SOURCE, 0))
        if receive is not None:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
        await asyncio.get_running_loop().sock_connect(line, ("127.0.0.1", self.port))
        return line

    async def left(self) -> None:
        """Sleep until the time is over."""
        await asyncio.sleep(max(0.0, self.until - time.monotonic()))


async def ask(target: Target, request: bytes) -> None:
    """Send all of it and wait for the beginning of an answer."""
    loop, line = asyncio.get_running_loop(), await target.line()
    with line:
        with suppress(OSError):  # it may have answered before the body
            await loop.sock_sendall(line, request)
        await loop.sock_recv(line, 65536)


async def hold(target: Target, start: bytes, more: bytes = b"", every: float = 1.0) -> None:
    """Send a beginning, then a little more now and then, until the other side hangs up."""
    loop, line = asyncio.get_running_loop(), await target.line()
    with line:
        await loop.sock_sendall(line, start)
        closed = asyncio.create_task(_closed(line))
        try:
            while not target.over and not closed.done():
                await asyncio.wait({closed}, timeout=every)
                if more:
                    await loop.sock_sendall(line, more)
        finally:
            closed.cancel()


async def _closed(line: socket.socket) -> None:
    while await asyncio.get_running_loop().sock_recv(line, 65536):
        pass


async def many(target: Target, count: int, act: Callable[[], Awaitable[None]]) -> None:
    """So many at once, each again and again."""

    async def again() -> None:
        while not target.over:
            with suppress(OSError):
                await asyncio.wait_for(act(), max(0.1, target.until - time.monotonic()))
            target.turns += 1
            await asyncio.sleep(0)

    with suppress(TimeoutError):
        await asyncio.gather(*(again() for _ in range(count)), return_exceptions=True)


async def setup_bodies(target: Target) -> None:
    """Set-ups of 1.4 MB after the set-up."""
    request = target.post("/setup", json.dumps({str(number): [{}] * 10 for number in range(30_000)}).encode())
    await many(target, 16, lambda: ask(target, request))


async def validation(target: Target) -> None:
    """Bodies of nothing but errors, small and large."""
    small = target.post("/session", json.dumps({f"x{number}": number for number in range(250)}).encode())
    wrong = json.dumps({"records": [{"a": 1}] * 60_000, "index": {}}).encode()
    large = target.post(f"/dossiers/{target.dossier}/records", wrong, member=True)
    await asyncio.gather(
        many(target, 8, lambda: ask(target, small)),
        many(target, 8, lambda: ask(target, large)),
    )


async def unfinished(target: Target) -> None:
    """Bodies of which the last byte never comes."""
    size = ("Content-Type: application/json", f"Content-Length: {MIB}")
    large = target.head("POST", "/api/v1/dossiers", *size, member=True) + b"x" * (900 << 10)
    size = ("Content-Type: application/json", "Content-Length: 8000")
    small = target.head("POST", "/api/v1/session", *size) + b"x" * 7999
    await asyncio.gather(
        many(target, 150, lambda: hold(target, large)),
        many(target, 300, lambda: hold(target, small)),
    )


async def trailers(target: Target) -> None:
    """Trailers without end."""
    chunked = ("Content-Type: application/json", "Transfer-Encoding: chunked")
    start = target.head("POST", "/api/v1/session", *chunked) + b"2\r\n{}\r\n0\r\n"
    await many(target, 32, lambda: hold(target, start, b"a: " + b"b" * 8000 + b"\r\n", every=0.001))


async def get_bodies(target: Target) -> None:
    """Bodies of GET, a byte at a time."""
    start = target.head("GET", "/healthz", "Content-Length: 1000000")
    await many(target, 400, lambda: hold(target, start, b"x"))


async def deaf(target: Target) -> None:
    """Receivers who ask for much and read nothing."""
    asked = target.head("GET", "/openapi.json") * 8

    async def act() -> None:
        loop, line = asyncio.get_running_loop(), await target.line(receive=4096)
        with line:
            await loop.sock_sendall(line, asked)
            await target.left()

    await many(target, 300, act)


async def connections(target: Target) -> None:
    """Connections that say nothing, as many as it gets."""
    await many(target, 5000, lambda: hold(target, b""))


async def trickling_forms(target: Target) -> None:
    """Twice 24 forms, a byte a second."""
    lines = (f"Content-Type: multipart/form-data; boundary={EDGE.decode()}", "Content-Length: 5000000")
    start = target.head("POST", f"/api/v1/dossiers/{target.dossier}/documents", *lines, member=True)
    part = b"--" + EDGE + b'\r\nContent-Disposition: form-data; name="record"\r\n\r\n'
    await many(target, 48, lambda: hold(target, start + part, b"x"))


async def large_heads(target: Target) -> None:
    """Sixty heads of a megabyte, again and again."""
    body = json.dumps({"head": {"record": "A" * 950_000, "signatures": []}, "wraps": [], "index": {}}).encode()
    request = target.post(f"/dossiers/{target.dossier}/head", body, member=True)
    await many(target, 60, lambda: ask(target, request))


async def crowd(target: Target) -> None:
    """400 requests at once of one member, again and again."""
    request = target.head("GET", "/api/v1/dossiers", member=True)
    await many(target, 400, lambda: ask(target, request))


async def passwords(target: Target) -> None:
    """Wrong passwords for everybody's address."""
    made = [
        {"email": email, "login": "A" * 43, "code": "123456", "seen": {"roster": 0, "ledger": 0, "checkpoint": 0}}
        for email in (*target.emails, "nobody@debrug.example")
    ]
    requests = iter([target.post("/session", json.dumps(body).encode()) for body in made] * 100_000)
    await many(target, 32, lambda: ask(target, next(requests)))


async def strangers(target: Target) -> None:
    """Requests of nobody, for what costs the most without a sign-in."""
    page, wrong = target.head("GET", "/openapi.json"), target.head("GET", "/api/v1/dossiers", "Authorization: x")
    await asyncio.gather(
        many(target, 50, lambda: ask(target, page)),
        many(target, 50, lambda: ask(target, wrong)),
    )


ACTS: dict[str, Callable[[Target], Awaitable[None]]] = {
    act.__name__.replace("_", "-"): act
    for act in (
        setup_bodies,
        validation,
        unfinished,
        trailers,
        get_bodies,
        deaf,
        connections,
        trickling_forms,
        large_heads,
        crowd,
        passwords,
        strangers,
    )
}


def main(words: list[str]) -> int:
    """Do one thing after another, each for so many seconds."""
    known: dict[str, Any] = json.load(sys.stdin)
    turns = 0
    for name in words[2:]:
        target = Target(int(words[0]), time.monotonic() + float(words[1]), **known)
        uvloop.run(_bounded(ACTS[name], target))
        turns += target.turns
    print(turns)
    return 0


async def _bounded(act: Callable[[Target], Awaitable[None]], target: Target) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(act(target), max(0.0, target.until - time.monotonic()) + 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
