"""Signs of life for the supervisor: a byte a second into the pipe that it names, from a thread.

A task may be at one step for long, so its thread says nothing of it: it says that this process does not stand still.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from threading import Event, Thread

from vault.settings import ALIVE

EVERY_SECONDS = 1.0


def give_signs(environment: Mapping[str, str], ended: Event | None = None) -> Thread | None:
    """Begin, if a supervisor listens; until `ended`, or for as long as the process lives."""
    if (named := environment.get(ALIVE)) is None:
        return None
    thread = Thread(target=_give, args=(int(named), ended or Event()), name="signs of life", daemon=True)
    thread.start()
    return thread


def _give(pipe: int, ended: Event) -> None:
    os.set_blocking(pipe, False)
    while True:
        with suppress(OSError):  # it is full, or nobody listens any more
            os.write(pipe, b"1")
        if ended.wait(EVERY_SECONDS):
            return
