"""A state that lasts is said once, at each change, and once an hour: a worker looks every five seconds."""

from __future__ import annotations

import time

AGAIN_SECONDS = 3600.0


class Repeated:
    """What this process has said last of one thing; the hour is by a clock that nobody sets."""

    def __init__(self) -> None:
        self._said: object = None
        self._when = 0.0

    def due(self, state: object) -> bool:
        """Whether it is to be said; it counts as said then."""
        now = time.monotonic()
        if state == self._said and now - self._when < AGAIN_SECONDS:
            return False
        self._said, self._when = state, now
        return True

    def over(self) -> None:
        """It lasts no longer: when it comes back it is said again."""
        self._said = None
