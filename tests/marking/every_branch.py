"""Every kind of branch there is in our packages: the sample by which marks are held to coverage.py."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator


def choose(number: int) -> str:
    """Return early, late and in the middle."""
    if number == 0:
        return "none"
    if number < 0:
        word = "less"
    elif number == 1:
        word = "one"
    else:
        word = "many"
    if number > 5 and bool(
        number % 2,
    ):
        word += "!"
    return word


def loop(numbers: list[int]) -> int:
    total = 0
    for number in numbers:
        if number < 0:
            break
        if number == 7:
            continue
        total += number
    else:
        total += 1000
    while total > 10:
        total -= 7
        if total == 12:
            break
    return sum(
        [each for each in [total] if each],
        0,
    )


def fail(number: int) -> str:
    try:
        if number:
            raise {1: ValueError, 2: KeyError, 3: TypeError}[number]
    except (ValueError, OverflowError):
        word = "value"
    except KeyError as error:
        word = type(error).__name__
    else:
        word = "nothing"
    finally:
        number += 1
    return word


def fit(value: object) -> str:
    match value:
        case int() | float() if value:
            return "number"
        case [first, *_]:
            word = str(first)
        case {"name": str(name)}:
            word = name
    match value:
        case None:
            return "nothing"
        case other:
            return f"{word}{other}" if isinstance(value, list) else "else"


def twice(function):
    return lambda number: function(
        function(number),
    )


@twice
@twice
def more(number: int) -> int:
    return number + 1


@contextlib.contextmanager
def held(number: int) -> Iterator[int]:
    try:
        yield number
    finally:
        number += 1


async def stream(number: int) -> AsyncIterator[int]:
    for each in range(number):
        yield each


async def wait(number: int) -> int:
    total = 0
    with contextlib.suppress(OverflowError), held(number) as there:
        async for each in stream(there):
            if each == 3:
                raise OverflowError
            total += each
    return total


class Numbers:
    """A class with a body."""

    known: int = 7
    large = known > 3

    @property
    def half(self) -> float:
        """A docstring."""
        assert self.known, "never nought"
        return self.known / 2


def count(number: int) -> Iterator[int]:
    yield number
    if number:
        yield from count(number - 1)


def endless(number: int) -> int:
    while True:
        number += 1
        if number > 3:
            return number


CALLS = {
    "nothing": lambda: None,
    "choose-0": lambda: choose(0),
    "choose-1": lambda: choose(1),
    "choose-less": lambda: choose(-1),
    "choose-2": lambda: choose(2),
    "choose-7": lambda: choose(7),
    "loop-none": lambda: loop([]),
    "loop-all": lambda: loop([3, 7, 1]),
    "loop-broken": lambda: loop([19, -1]),
    "fail-0": lambda: fail(0),
    "fail-1": lambda: fail(1),
    "fail-2": lambda: fail(2),
    "fail-3": lambda: _failing(3),
    "fit-0": lambda: fit(0),
    "fit-1": lambda: fit(1),
    "fit-list": lambda: fit([1]),
    "fit-name": lambda: fit({"name": "a"}),
    "fit-none": lambda: fit(None),
    "more": lambda: more(1),
    "wait-0": lambda: asyncio.run(wait(0)),
    "wait-2": lambda: asyncio.run(wait(2)),
    "wait-9": lambda: asyncio.run(wait(9)),
    "half": lambda: Numbers().half,
    "count-0": lambda: list(count(0)),
    "count-2": lambda: next(count(2)),
    "count-all": lambda: list(count(2)),
    "endless": lambda: endless(1),
}


def _failing(number: int) -> None:
    with contextlib.suppress(TypeError):
        fail(number)
