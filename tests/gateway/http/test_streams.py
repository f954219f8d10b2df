"""A channel between a request and a flow: every byte in order, never far ahead, and no end where there was none."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator

import pytest

from gateway.http.failures import Problem
from gateway.http.streams import AHEAD, Channel, fed


async def trickle(pieces: list[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        await asyncio.sleep(0)
        yield piece


@pytest.mark.parametrize("ahead", [1, 1000, 2**20])
def test_a_channel_carries_every_byte_in_order(ahead: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Channel.__init__, "__kwdefaults__", {"ahead": ahead})
    pieces = [secrets.token_bytes(secrets.randbelow(5000)) for _ in range(200)]

    def drain(channel: Channel) -> bytes:
        taken, size = b"", 1
        while piece := channel.read(size):
            assert len(piece) <= size
            taken, size = taken + piece, size * 3 % 20_011 + 1
        assert channel.read(10) == b""
        return taken

    async def play() -> bytes:
        return await fed(trickle(pieces), lambda channel: asyncio.to_thread(drain, channel))

    assert asyncio.run(play()) == b"".join(pieces)


def test_a_channel_whose_sender_fails_never_ends() -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"some"
        raise Problem("timeout")

    async def play() -> bytes:
        return await fed(broken(), lambda channel: asyncio.to_thread(channel.read, -1))

    with pytest.raises(Problem):
        asyncio.run(play())


def test_a_channel_does_not_run_ahead_of_its_reader() -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 65_536
            yield b"x" * 65_536

    async def lazy(_: object) -> None:
        for _turn in range(1000):
            await asyncio.sleep(0)

    asyncio.run(fed(endless(), lazy))
    assert sent <= AHEAD + 2 * 65_536
