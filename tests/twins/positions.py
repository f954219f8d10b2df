"""Where the records stand; contracts are those of `vault.ports.positions.PositionStore`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tests.twins.rows import Rows
from vault.domain.positions import RecordsPosition, ToldRow
from vault.ports.errors import ConflictError


class MemoryPositionStore(Rows):
    """Implements `vault.ports.positions.PositionStore`."""

    def position(self) -> RecordsPosition:
        mine = self._tables.installation[0] if self._tables.installation else (None, 0, "")
        return RecordsPosition(
            installation=mine[0],
            set_up=bool(self._tables.practice),
            ledger=self._newest("tombstone"),
            roster=self._newest("roster"),
            audit=len(self._tables.audit),
            generation=mine[1],
            told=bool(self.told(1)),
        )

    def adopt(self, installation: str) -> None:
        if not self._tables.installation:
            self._tables.installation.append((installation, 0, ""))
        if self._tables.installation[0][0] != installation:
            raise ConflictError("the records are of another installation")

    def seen_mark(self) -> str:
        return self._tables.installation[0][2] if self._tables.installation else ""

    def tell(self, rows: Sequence[ToldRow]) -> None:
        for row in rows:
            self._tables.told.setdefault(row.hash, row)

    def told(self, limit: int = 500) -> list[ToldRow]:
        left = [row for row in self._tables.told.values() if not row.taken]
        return sorted(left, key=lambda row: (row.kind, row.version))[:limit]

    def take_told(self) -> None:
        for hash_, row in self._tables.told.items():
            self._tables.told[hash_] = replace(row, taken=True)

    def note_generation(self, generation: int, mark: str) -> None:
        noted = [(installation, generation, mark) for installation, _, _ in self._tables.installation]
        self._tables.installation[:] = noted

    def _newest(self, kind: str) -> int:
        return max((version for named, version in self._tables.chain if named == kind), default=0)
