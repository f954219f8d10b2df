"""How a long task tells how far it is: bytes of bytes, one file after another."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Somebody who watches; called from several threads."""

    def expect(self, amount: int) -> None:
        """So many bytes more are to come."""
        ...

    def advance(self, amount: int) -> None:
        """So many bytes more are done; negative when some have to be done again."""
        ...


class Unwatched:
    """Nobody watches."""

    def expect(self, amount: int) -> None:
        """Say nothing."""

    def advance(self, amount: int) -> None:
        """Say nothing."""


UNWATCHED = Unwatched()
