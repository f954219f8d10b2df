"""Where the records stand, for comparing the four stores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from vault.domain.positions import RecordsPosition, ToldRow


class PositionStore(Protocol):
    """The identity of the installation and the position of its records."""

    def position(self) -> RecordsPosition: ...
    def adopt(self, installation: str) -> None:
        """Write the identity; raises ConflictError over another one."""

    def seen_mark(self) -> str:
        """The mark of the keystore's generation that was noted last; empty before the first."""

    def tell(self, rows: Sequence[ToldRow]) -> None:
        """Keep what a device has seen, each hash once: also what was taken before stays as it is."""

    def told(self, limit: int = 500) -> list[ToldRow]:
        """What is not taken yet, ascending by kind and version."""

    def take_told(self) -> None:
        """A director has decided on all of it."""

    def note_generation(self, generation: int, mark: str) -> None:
        """Keep the keystore's generation and its mark; before the adoption it changes nothing."""
