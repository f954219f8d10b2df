"""Asking again when no answer came: only for requests that say the same when they are repeated."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from vault.sdk.errors import ServerUnreachableError

PAUSES = (0.1, 0.5, 2.0)
T = TypeVar("T")


def again(ask: Callable[[], T]) -> T:
    """What `ask` answers; it is asked up to four times while no answer comes.

    A server that says how long to wait, or why it will not answer, is believed at once.
    """
    for pause in PAUSES:
        try:
            return ask()
        except ServerUnreachableError as error:
            if error.reason is not None or error.retry_after is not None:
                raise
        time.sleep(pause)
    return ask()
