"""Where the records stand, for comparing the four stores."""

from __future__ import annotations

from typing import Protocol

from vault.domain.positions import RecordsPosition


class PositionStore(Protocol):
    """The identity of the installation and the position of its records."""

    def position(self) -> RecordsPosition: ...
    def adopt(self, installation: str) -> None:
        """Write the identity; raises ConflictError over another one."""

    def seen_mark(self) -> str:
        """The mark of the keystore's generation that was noted last; empty before the first."""

    def note_generation(self, generation: int, mark: str) -> None:
        """Keep the keystore's generation and its mark; before the adoption it changes nothing."""
