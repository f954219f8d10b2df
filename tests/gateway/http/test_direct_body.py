"""A body that a thread reads from the socket itself: every byte in order, and no end where there was none."""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.http import direct_body as module
from gateway.http.direct_body import DirectBody
from gateway.http.failures import Problem
from gateway.http.streams import InterruptedTransferError

CONTENT = random.Random(1).randbytes(300_000)


@pytest.fixture
def pair(socket_enabled: None) -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def drained(body: DirectBody, size: int = 1000) -> bytes:
    buffer, whole = memoryview(bytearray(size)), bytearray()
    while got := body.readinto(buffer):
        whole += buffer[:got]
    return bytes(whole)


@given(
    begun=st.integers(0, len(CONTENT)),
    sizes=st.lists(st.integers(1, 100_000), min_size=1, max_size=4),
    step=st.integers(1, 200_000),
)
def test_every_byte_is_read_in_order_and_none_beyond(begun: int, sizes: list[int], step: int) -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        body = DirectBody(CONTENT[:begun], ours, len(CONTENT))

        def send() -> None:
            rest = memoryview(CONTENT + b"GET /next")[begun:]
            while rest:
                rest = rest[theirs.send(rest[:step]) :]

        sender = threading.Thread(target=send)
        sender.start()
        whole, number = bytearray(), 0
        while got := body.readinto(buffer := memoryview(bytearray(sizes[number % len(sizes)]))):
            assert got == min(len(buffer), len(CONTENT) - len(whole))
            whole += buffer[:got]
            number += 1
        sender.join()
        assert whole == CONTENT
        assert ours.recv(100) == b"GET /next"
        body.close()


def test_a_body_that_came_with_its_head_needs_no_socket() -> None:
    body = DirectBody(CONTENT, None, len(CONTENT))
    body.interrupt()
    assert drained(body) == CONTENT
    assert body.left == 0


@pytest.mark.parametrize("sent", [0, 1, 5_000])
def test_a_sender_that_goes_away_is_never_the_end(pair: tuple[socket.socket, socket.socket], sent: int) -> None:
    ours, theirs = pair
    theirs.sendall(CONTENT[:sent])
    theirs.close()
    with pytest.raises(InterruptedTransferError):
        drained(DirectBody(b"begun", ours, 5 + len(CONTENT)))


def test_a_sender_that_resets_is_never_the_end(socket_enabled: None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        theirs = socket.create_connection(listener.getsockname())
        ours, _ = listener.accept()
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    theirs.close()
    body = DirectBody(b"", ours, 10)
    with pytest.raises(InterruptedTransferError):
        drained(body)
    body.interrupt()


def test_a_silent_sender_is_not_waited_for(
    pair: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "IDLE_SECONDS", 0.05)
    pair[1].sendall(b"some")
    with pytest.raises(Problem, match="timeout"):
        drained(DirectBody(b"", pair[0], 5))


@pytest.mark.parametrize("seconds", [0.05, -1.0])
def test_a_sender_that_trickles_beyond_the_deadline_is_not_waited_for(
    pair: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    monkeypatch.setattr(module, "deadline", lambda _: seconds)
    with pytest.raises(Problem, match="timeout"):
        drained(DirectBody(b"some", pair[0], 5))


def test_a_reader_that_waits_can_be_woken(pair: tuple[socket.socket, socket.socket]) -> None:
    body, told = DirectBody(b"", pair[0], 5), list[type[BaseException]]()

    def wait() -> None:
        try:
            drained(body)
        except InterruptedTransferError as error:
            told.append(type(error))

    reader = threading.Thread(target=wait)
    reader.start()
    started = time.monotonic()
    body.interrupt()
    reader.join()
    assert told == [InterruptedTransferError]
    assert time.monotonic() - started < module.IDLE_SECONDS / 2
