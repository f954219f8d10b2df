"""Retries when no answer came, for idempotent requests only."""

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
    """The result of `ask`, called up to four times while no answer comes.

    An error with a reason or a waiting time is raised at once; only a busy server is retried, at the times it names,
    for `patience` seconds.
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
    """Seconds to wait before the next attempt; None for no further attempt."""
    if error.reason is None and error.retry_after is None:
        return next(pauses, None)
    if error.reason != BUSY or error.retry_after is None or error.retry_after > left:
        return None
    # Jitter: clients refused at the same moment must not all retry at the same moment.
    return error.retry_after * random.uniform(0.5, 1.0)  # noqa: S311 - not a secret
