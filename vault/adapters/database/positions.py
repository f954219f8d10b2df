"""Where the records stand, on SQL; contracts are those of `vault.ports.positions.PositionStore`."""
# ruff: noqa: D102  the port says it

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import func, select, update

from vault.adapters.database.rows import Rows
from vault.adapters.database.tables import audit, chain, practice, told
from vault.adapters.database.tables import installation as identity
from vault.adapters.sql.factory import insert_into
from vault.domain.positions import RecordsPosition, ToldRow
from vault.ports.errors import ConflictError

_NEWEST = select(chain.c.kind, func.max(chain.c.version)).where(chain.c.kind.in_(("tombstone", "roster")))
_NEWEST = _NEWEST.group_by(chain.c.kind)


class SqlPositionStore(Rows):
    """Implements `vault.ports.positions.PositionStore`."""

    def position(self) -> RecordsPosition:
        ask = self._connection.execute
        mine = ask(select(identity.c.id, identity.c.generation)).one_or_none()
        newest: dict[str, int] = {row[0]: row[1] for row in ask(_NEWEST)}
        return RecordsPosition(
            installation=None if mine is None else mine.id,
            set_up=ask(select(practice.c.id)).first() is not None,
            ledger=newest.get("tombstone", 0),
            roster=newest.get("roster", 0),
            audit=ask(select(func.max(audit.c.number))).scalar_one() or 0,
            generation=0 if mine is None else mine.generation,
            told=ask(select(told.c.hash).where(told.c.taken.is_(False)).limit(1)).first() is not None,
        )

    def adopt(self, installation: str) -> None:
        row = {"only": 1, "id": installation, "generation": 0, "mark": ""}
        self._changed(insert_into(self._connection, identity).values(row).on_conflict_do_nothing())
        there: str = self._connection.execute(select(identity.c.id)).scalar_one()
        if there != installation:
            raise ConflictError(f"the records are of the installation {there}")

    def seen_mark(self) -> str:
        return self._connection.execute(select(identity.c.mark)).scalar_one_or_none() or ""

    def tell(self, rows: Sequence[ToldRow]) -> None:
        if rows:
            statement = insert_into(self._connection, told).on_conflict_do_nothing()
            self._connection.execute(statement, [asdict(row) for row in rows])

    def told(self, limit: int = 500) -> list[ToldRow]:
        query = select(told).where(told.c.taken.is_(False)).order_by(told.c.kind, told.c.version)
        return self._all(ToldRow, query.limit(limit))

    def take_told(self) -> None:
        self._changed(update(told).values(taken=True))

    def note_generation(self, generation: int, mark: str) -> None:
        self._changed(update(identity).values(generation=generation, mark=mark))
