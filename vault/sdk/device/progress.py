"""The progress of a long task, in bytes."""

from __future__ import annotations

import threading
from typing import Protocol


class Progress(Protocol):
    """An observer of a task; called from several threads."""

    def expect(self, amount: int) -> None:
        """Add to the expected bytes."""
        ...

    def advance(self, amount: int) -> None:
        """Add to the finished bytes; negative when some must be repeated."""
        ...


class Tally:
    """An observer that hands on what it is told, and knows how much it was: for who must take it back."""

    def __init__(self, progress: Progress) -> None:
        self.amount = 0
        self._progress, self._lock = progress, threading.Lock()

    def expect(self, amount: int) -> None:
        """Hand it on."""
        self._progress.expect(amount)

    def advance(self, amount: int) -> None:
        """Count it and hand it on."""
        with self._lock:
            self.amount += amount
        self._progress.advance(amount)


class Unwatched:
    """The observer that does nothing."""

    def expect(self, amount: int) -> None:
        """Say nothing."""

    def advance(self, amount: int) -> None:
        """Say nothing."""


UNWATCHED = Unwatched()
