"""Whoever takes much of the process's time waits while others are there, and nobody else does."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from anyio import CapacityLimiter

from gateway.http import fair_time
from gateway.http.fair_time import (
    ACTIVE,
    BURST,
    DEPOSIT,
    HOLDERS,
    LONGEST,
    REQUEST,
    SHARE,
    FairTime,
    Holder,
    Paced,
    in_thread,
)

HOSTILE, OFFICE = Holder("203.0.113.7"), Holder("198.51.100.1")
ANNA, BERT = Holder("198.51.100.1", "anna"), Holder("198.51.100.1", "bert")


class Clock:
    """Seconds, and who slept for how many of them."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def fair(clock: Clock) -> FairTime:
    return FairTime(clock, clock.sleep)


def test_what_is_beyond_a_burst_is_waited_for_at_the_pace_of_a_share(fair: FairTime) -> None:
    fair.wait(OFFICE)
    fair.spend(HOSTILE, BURST)
    assert fair.wait(HOSTILE) == 0
    fair.spend(HOSTILE, 1)
    assert fair.wait(HOSTILE) == pytest.approx(1 / SHARE)
    assert fair.wait(OFFICE) == 0


def test_a_debt_is_paid_by_time(fair: FairTime, clock: Clock) -> None:
    fair.spend(HOSTILE, BURST + 1)
    clock.now += 1 / SHARE
    fair.wait(OFFICE)
    assert fair.wait(HOSTILE) == pytest.approx(0)


def test_no_debt_is_longer_than_the_longest_wait(fair: FairTime) -> None:
    fair.wait(OFFICE)
    fair.spend(HOSTILE, 1000)
    assert fair.wait(HOSTILE) == pytest.approx(LONGEST)


def test_who_is_alone_waits_for_nothing_and_owes_nothing_afterwards(fair: FairTime, clock: Clock) -> None:
    fair.wait(OFFICE)
    clock.now += ACTIVE + 1
    for _ in range(100):
        fair.spend(HOSTILE, 1)
        assert fair.wait(HOSTILE) == 0
    fair.wait(OFFICE)
    assert fair.wait(HOSTILE) == 0


@pytest.mark.parametrize(
    ("who", "other", "apart"),
    [
        (HOSTILE, OFFICE, True),
        (HOSTILE, HOSTILE, False),
        (ANNA, BERT, True),
        (ANNA, ANNA, False),
        (ANNA, OFFICE, False),  # behind her own address somebody is not signed in: it may be her
        (OFFICE, ANNA, False),
        (ANNA, HOSTILE, True),
        (ANNA, Holder(HOSTILE.source, "anna"), False),  # she herself, elsewhere
        (HOSTILE, ANNA, True),
    ],
)
def test_who_counts_as_another(fair: FairTime, who: Holder, other: Holder, *, apart: bool) -> None:
    fair.wait(other)
    fair.spend(who, BURST + 1)
    assert (fair.wait(who) > 0) is apart


def test_a_member_pays_for_herself_and_not_for_her_office(fair: FairTime) -> None:
    fair.wait(HOSTILE)
    fair.spend(ANNA, 10)
    assert fair.wait(ANNA) > 0
    assert fair.wait(Holder("192.0.2.1", "anna")) > 0
    assert fair.wait(BERT) == fair.wait(OFFICE) == 0


def test_debts_and_those_who_are_there_are_bounded(fair: FairTime, clock: Clock) -> None:
    for number in range(HOLDERS + 10):
        fair.spend(Holder(f"source {number}"), 1)
        fair.wait(Holder(f"source {number}"))
        clock.now += 1
    assert len(fair._debts) == HOLDERS
    fair.spend(HOSTILE, 10)
    fair.wait(HOSTILE)
    assert len(fair._there) <= ACTIVE + 2


def test_every_request_is_counted_before_anything_is_done_for_it(fair: FairTime, clock: Clock) -> None:
    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        clock.slept.append(-1)
        assert scope

    paced = Paced(app, fair=fair)
    fair.wait(OFFICE)
    fair.spend(HOSTILE, BURST)

    async def play() -> None:
        await paced({"type": "http", "client": (HOSTILE.source, 1)}, None, None)  # type: ignore[arg-type]
        await paced({"type": "http", "client": (OFFICE.source, 1)}, None, None)  # type: ignore[arg-type]

    asyncio.run(play())
    assert clock.slept == [pytest.approx(DEPOSIT / SHARE), -1, -1]
    assert fair._debts[HOSTILE.source][0] == pytest.approx(BURST + REQUEST), "the deposit was given back"


def test_what_comes_at_the_same_moment_is_not_taken_for_nothing(fair: FairTime, clock: Clock) -> None:
    many, going = int(2 * BURST / DEPOSIT), 0

    async def app(*_: Any) -> None:
        nonlocal going
        going += 1
        if going == many:
            everybody.set()
        await everybody.wait()

    fair.wait(OFFICE)
    paced, everybody = Paced(app, fair=fair), asyncio.Event()

    async def play() -> None:
        scope: Any = {"type": "http", "client": (HOSTILE.source, 1)}
        await asyncio.gather(*(paced(scope, None, None) for _ in range(many)))  # type: ignore[arg-type]

    asyncio.run(play())
    assert len(clock.slept) == pytest.approx(many / 2, abs=1)
    assert clock.slept[-1] == pytest.approx(BURST / SHARE)
    assert fair._debts[HOSTILE.source][0] == pytest.approx(many * REQUEST)


def test_the_time_of_a_thread_is_its_holders_also_when_it_fails() -> None:
    fair = FairTime(Clock(), Clock().sleep)

    def work() -> None:
        for _ in range(100_000):
            pass
        raise ZeroDivisionError

    async def play() -> None:
        await in_thread(fair, CapacityLimiter(1), HOSTILE, work)

    with pytest.raises(ZeroDivisionError):
        asyncio.run(play())
    assert fair._debts[HOSTILE.source][0] > 0
    assert list(fair._debts) == [HOSTILE.source]


def test_a_share_is_smaller_while_the_event_loop_comes_late(clock: Clock) -> None:
    late, strains = [0.0, 1.0, 1.0, 0.0], list[float]()

    async def sleep(seconds: float) -> None:
        if not late:
            raise asyncio.CancelledError
        clock.now += seconds + late.pop(0)
        strains.append(fair.strain)

    fair = FairTime(clock, sleep)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(fair.watch())
    assert strains == [1, pytest.approx(1), fair_time.MOST_STRAIN, fair_time.MOST_STRAIN]
    fair.wait(OFFICE)
    fair.spend(HOSTILE, BURST + 0.1)
    assert fair.wait(HOSTILE) == pytest.approx(0.1 * fair.strain / SHARE)
