"""Every connection has a clock at every moment, and what is no body has a limit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from gateway.http.connection import MALFORMED, MAX_HEAD, PIPELINED, BoundedConnection
from gateway.http.places import Places

GET = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
CHUNKED = GET + b"Transfer-Encoding: chunked\r\n\r\n"


class Wire:
    """A transport of which the test is the other side."""

    def __init__(self, host: str = "203.0.113.7") -> None:
        self.peer = (host, 4711)
        self.written = b""
        self.closing = self.aborted = False

    def get_extra_info(self, name: str) -> Any:
        return self.peer if name == "peername" else None

    def write(self, data: bytes) -> None:
        self.written += data

    def get_write_buffer_size(self) -> int:
        return len(self.written)

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        self.closing = True

    def abort(self) -> None:
        self.closing = self.aborted = True

    def pause_reading(self) -> None: ...
    def resume_reading(self) -> None: ...


async def answering(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def waiting(_scope: Any, receive: Any, _send: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class Served:
    """A connection that an application serves, and the timers that run on it."""

    def __init__(self, app: Any, places: Places | None = None, host: str = "203.0.113.7") -> None:
        self.wire = Wire(host)
        config = uvicorn.Config(app, ws="none", lifespan="off", log_config=None)
        self.connection = BoundedConnection(config=config, server_state=ServerState(), app_state={})
        self.connection.places = places or Places()
        self.connection.connection_made(self.wire)  # type: ignore[arg-type]

    async def sends(self, data: bytes) -> None:
        """The bytes arrive, and whatever the application does then is done."""
        if not self.wire.closing:
            self.connection.data_received(data)
        for _ in range(10):
            await asyncio.sleep(0)

    @property
    def clocks(self) -> set[str]:
        found = {
            "head": self.connection._patience,
            "next": self.connection.timeout_keep_alive_task,
            "receiver": self.connection._untaken,
        }
        return {name for name, timer in found.items() if timer is not None and not timer.cancelled()}


def play(scene: Callable[[], Awaitable[None]]) -> None:
    async def quiet() -> None:
        await scene()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    asyncio.run(quiet())


@pytest.mark.parametrize(
    ("start", "endless"),
    [
        (CHUNKED + b"0\r\n", b"a: " + b"b" * 1000 + b"\r\n"),
        (CHUNKED + b"0\r\na: ", b"b" * 1000),
        (CHUNKED + b"1;", b"b" * 1000),
        (GET + b"\r\n", b"\r\n" * 500),
        (GET + b"Connection: upgrade\r\nUpgrade: websocket\r\n\r\n", b"b" * 1000),
    ],
    ids=["trailers", "a trailer", "an extension", "empty lines", "another protocol"],
)
def test_what_is_no_body_has_a_limit(start: bytes, endless: bytes) -> None:
    async def scene() -> None:
        served = Served(answering)
        await served.sends(start)
        sent = 0
        while not served.wire.closing and sent < 10 * MAX_HEAD:
            await served.sends(endless)
            sent += len(endless)
        assert sent <= MAX_HEAD + len(endless)
        assert b"a" not in dict(served.connection.headers or ())

    play(scene)


def test_a_long_body_in_small_chunks_is_not_taken_for_its_framing() -> None:
    async def scene() -> None:
        served = Served(waiting)
        await served.sends(CHUNKED)
        for _ in range(MAX_HEAD // 4):
            served.connection.data_received(b"1\r\nx\r\n")
        assert not served.wire.closing

    play(scene)


@pytest.mark.parametrize("rest", [b"", b"x", b"xy", b"xy\r\n", b"\r\n\r\n"])
def test_after_an_answer_bytes_that_begin_nothing_stop_no_clock(rest: bytes) -> None:
    async def scene() -> None:
        served = Served(answering)
        await served.sends(GET + b"Content-Length: 2\r\n\r\n")
        assert served.clocks == {"next"}
        first = served.connection.timeout_keep_alive_task
        await served.sends(rest)
        assert (served.clocks, served.connection.timeout_keep_alive_task) == ({"next"}, first)
        served.connection.timeout_keep_alive_handler()
        assert served.wire.closing
        assert "receiver" in served.clocks

    play(scene)


def test_a_request_under_way_is_not_cut_by_the_clock_of_the_one_before() -> None:
    async def scene() -> None:
        served = Served(answering)
        assert served.clocks == {"head"}
        await served.sends(GET + b"\r\n")
        assert served.clocks == {"next"}
        await served.sends(b"GET ")
        assert served.clocks == {"head"}
        served.connection.app = waiting
        await served.sends(b"/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n")
        assert served.clocks == set()

    play(scene)


def test_requests_that_do_not_wait_for_an_answer_are_few() -> None:
    async def scene() -> None:
        served = Served(waiting)
        await served.sends((GET + b"\r\n") * (PIPELINED + 1))
        assert not served.wire.closing
        await served.sends((GET + b"\r\n") * 10_000)
        assert served.wire.closing
        assert served.wire.written == MALFORMED
        assert len(served.connection.pipeline) == PIPELINED

    play(scene)


def test_a_receiver_who_stops_reading_is_let_go() -> None:
    async def scene() -> None:
        served = Served(waiting)
        await served.sends(GET + b"\r\n")
        served.connection.pause_writing()
        assert served.clocks == {"receiver"}
        served.connection.resume_writing()
        assert served.clocks == set()
        served.connection.pause_writing()
        untaken = served.connection._untaken
        assert untaken is not None
        untaken._run()
        assert served.wire.aborted

    play(scene)


def test_the_last_bytes_of_an_ended_connection_have_a_clock() -> None:
    async def cut(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9")]})

    async def scene() -> None:
        for app, request in ((cut, GET + b"\r\n"), (answering, GET + b"Connection: close\r\n\r\n")):
            served = Served(app)
            await served.sends(request)
            assert served.wire.closing
            assert "receiver" in served.clocks
            served.connection.connection_lost(None)
            assert served.clocks == set()

    play(scene)


def test_a_connection_without_a_place_is_dropped_and_an_ended_one_leaves_its_place() -> None:
    async def scene() -> None:
        places = Places(4)
        first = [Served(answering, places, f"2001:db8::{number}") for number in range(3)]
        assert not any(each.wire.closing for each in first)
        assert Served(answering, places, "2001:db8::4").wire.aborted, "its /64 has three quarters already"
        other = Served(answering, places, "2001:db8:0:1::1")
        assert not other.wire.closing
        assert Served(answering, places, "198.51.100.4").wire.aborted
        for each in (*first, other):
            each.connection.connection_lost(None)
        assert (places.taken, places.by_source) == (0, {})

    play(scene)
