"""The progress of a long task, in bytes."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """An observer of a task; called from several threads."""

    def expect(self, amount: int) -> None:
        """Add to the expected bytes."""
        ...

    def advance(self, amount: int) -> None:
        """Add to the finished bytes; negative when some must be repeated."""
        ...


class Unwatched:
    """The observer that does nothing."""

    def expect(self, amount: int) -> None:
        """Say nothing."""

    def advance(self, amount: int) -> None:
        """Say nothing."""


UNWATCHED = Unwatched()
