"""Slots, memory and places for requests: given back whatever happens, and the next one turned away, not kept."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.http import limits
from gateway.http.failures import Problem
from gateway.http.limits import FairSemaphore, InFlight, InlineMemory, Relays, UploadSlots
from vault.adapters.sql.patience import WORKING


def test_a_slot_is_given_back_whatever_happens() -> None:
    async def play() -> None:
        slots = UploadSlots(1, seconds=0.01)
        with pytest.raises(ZeroDivisionError):
            async with slots.one():
                raise ZeroDivisionError
        async with slots.one():
            with pytest.raises(Problem):
                await slots.one().__aenter__()
        assert slots.free == 1

    asyncio.run(play())


def test_the_line_for_a_slot_is_not_endless() -> None:
    async def play() -> None:
        slots = UploadSlots(0, seconds=60)
        waiting = [asyncio.create_task(slots.one().__aenter__()) for _ in range(limits.UPLOADS_WAITING)]
        await asyncio.sleep(0)
        with pytest.raises(Problem):
            await slots.one().__aenter__()
        for each in waiting:
            each.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    asyncio.run(play())


@pytest.mark.parametrize(
    ("under_way", "batch"), [(1, limits.MIB), (16, limits.MIB), (64, limits.SMALLEST_BATCH), (65, 0), (200, 0)]
)
def test_the_more_downloads_there_are_the_less_each_holds(under_way: int, batch: int) -> None:
    relays = Relays()
    relays.under_way = under_way - 1
    with relays.one():
        assert relays.batch == batch
        assert 2 * batch * under_way <= limits.RELAYED_BYTES
    assert relays.under_way == under_way - 1


def test_inline_bodies_wait_for_memory_in_turn() -> None:
    async def play() -> list[str]:
        memory, order = InlineMemory(10, seconds=60), []

        async def one(name: str, size: int, leave: asyncio.Event) -> None:
            async with memory.hold(size):
                order.append(name)
                await leave.wait()

        first, rest = asyncio.Event(), asyncio.Event()
        rest.set()
        tasks = [asyncio.create_task(one("a", 8, first)), asyncio.create_task(one("b", 8, rest))]
        tasks.append(asyncio.create_task(one("c", 2, rest)))
        cancelled = asyncio.create_task(one("d", 1, rest))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert order == ["a"]
        cancelled.cancel()
        first.set()
        await asyncio.gather(*tasks)
        assert memory.free == 10
        memory._seconds = 0.01
        async with memory.hold(10):
            with pytest.raises(Problem):
                await one("late", 1, rest)
        assert memory.free == 10
        return order

    assert asyncio.run(play()) == ["a", "b", "c"]


def test_who_has_her_share_waits_for_herself_and_keeps_nobody_out() -> None:
    """Twenty-four forms that trickle: three quarters of the slots are one member's, the rest is for others."""

    async def play() -> list[str]:
        slots, order = UploadSlots(8, seconds=60), []

        async def one(name: str, by: str, leave: asyncio.Event) -> None:
            async with slots.one(by):
                order.append(name)
                await leave.wait()

        trickling, at_once = asyncio.Event(), asyncio.Event()
        at_once.set()
        hers = [asyncio.create_task(one("hers", "member", trickling)) for _ in range(24)]
        await asyncio.sleep(0)
        assert (order, slots.free) == (["hers"] * 6, 2)
        others = [asyncio.create_task(one("other", f"member {number}", at_once)) for number in range(20)]
        await asyncio.gather(*others)
        assert order == ["hers"] * 6 + ["other"] * 20
        trickling.set()
        await asyncio.gather(*hers)
        assert (slots.free, slots._held) == (8, {})
        return order

    assert asyncio.run(play()).count("hers") == 24


def test_half_of_the_queue_is_for_others_than_its_longest_holder() -> None:
    async def play() -> None:
        turns = FairSemaphore(1, seconds=60, queue=4)
        async with turns.hold(1, "a"):
            waiting = [asyncio.create_task(turns.hold(1, "a").__aenter__()) for _ in range(3)]
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            assert [each.done() for each in waiting] == [False, False, True]
            assert isinstance(waiting[2].exception(), Problem)
            other = asyncio.create_task(turns.hold(1, "b").__aenter__())
            await asyncio.sleep(0)
            assert not other.done()
            for each in (*waiting, other):
                each.cancel()
            await asyncio.gather(*waiting, other, return_exceptions=True)
        assert (turns.free, len(turns._waiting)) == (1, 0)

    asyncio.run(play())


def test_one_alone_may_hold_more_than_a_share() -> None:
    async def play() -> None:
        memory = InlineMemory(8, seconds=60)
        async with memory.hold(8, "a"):
            assert memory.free == 0

    asyncio.run(play())


@pytest.mark.parametrize(
    ("most", "requests", "refused"),
    [
        (1, [("a", "/x"), ("a", "/x")], 1),
        (4, [("a", "/x")] * 4, 1),
        (4, [("a", "/x")] * 3 + [("b", "/x")], 0),
        (4, [(f"2001:db8::{number}", "/x") for number in range(4)], 1),
        (4, [("a", "/x")] * 3 + [("a", "/healthz"), ("a", "/readyz")], 0),
    ],
)
def test_beyond_so_many_requests_the_next_is_turned_away(
    most: int, requests: list[tuple[str, str]], refused: int
) -> None:
    """No one source takes all the places, and health is always answered."""

    async def play() -> list[int]:
        statuses: list[int] = []
        gate = asyncio.Event()

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await gate.wait()

        limited = InFlight(app, most=most)

        async def send(message: Any) -> None:
            statuses.extend([message["status"]] if "status" in message else [])

        async def receive() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        scopes = [{"type": "http", "path": path, "client": (source, 1)} for source, path in requests]
        held = [asyncio.create_task(limited(scope, receive, send)) for scope in scopes]
        await asyncio.sleep(0)
        gate.set()
        await asyncio.gather(*held)
        assert (limited.count, limited.by_source) == (0, {})
        return statuses

    assert asyncio.run(play()) == [503] * refused


def test_one_holder_has_no_more_turns_than_half_of_the_connections_to_a_database() -> None:
    assert WORKING.connections >= 2 * limits.FLOWS_OF_ONE

    async def play() -> None:
        turns = limits.Turns(share=limits.FLOWS_OF_ONE)
        hers = [asyncio.create_task(turns.hold(1, "hers").__aenter__()) for _ in range(400)]
        await asyncio.sleep(0)
        assert turns.free == limits.FLOW_THREADS - limits.FLOWS_OF_ONE
        async with turns.hold(1, "other"):
            pass
        for each in hers:
            each.cancel()
        await asyncio.gather(*hers, return_exceptions=True)

    asyncio.run(play())
