"""Asking again when no answer came: only for requests that say the same when they are repeated."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from vault.sdk.errors import ServerUnreachableError

PAUSES = (0.1, 0.5, 2.0)
BUSY = "busy"
T = TypeVar("T")


def again(ask: Callable[[], T], *, patience: float = 0.0) -> T:
    """What `ask` answers; it is asked up to four times while no answer comes.

    A server that says how long to wait, or why it will not answer, is believed at once; but one that is only busy is
    asked again for `patience` seconds, when it says.
    """
    until = time.monotonic() + patience
    pauses = iter(PAUSES)
    while True:
        try:
            return ask()
        except ServerUnreachableError as error:
            pause = _pause(error, pauses, until - time.monotonic())
            if pause is None:
                raise
        time.sleep(pause)


def _pause(error: ServerUnreachableError, pauses: Iterator[float], left: float) -> float | None:
    """Seconds to wait before the next attempt; None when there should be none."""
    if error.reason is None and error.retry_after is None:
        return next(pauses, None)
    if error.reason != BUSY or error.retry_after is None or error.retry_after > left:
        return None
    # Not all of those who were turned away together come back together.
    return error.retry_after * random.uniform(0.5, 1.0)  # noqa: S311 - not a secret
