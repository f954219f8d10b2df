"""The escrow of the keystore's generations: written before a row names one, removed once no row can.

Losing every key file loses no document while an escrow is there. So nothing is removed because a key file is gone, but
only what the final commit of a turn has left behind.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection, Engine, select

from vault.adapters.escrow import EscrowFiles, seal_to
from vault.adapters.keystore.generations import GenerationFiles
from vault.adapters.keystore.tables import generation as made
from vault.adapters.keystore.tables import state
from vault.adapters.sql.factory import reading
from vault.domain.escrows import Escrowed
from vault.errors import InvalidInputError
from vault.records.escrow import Escrow, info


class KeyEscrow:
    """Joins the generations' files with those of their escrow."""

    def __init__(self, engine: Engine, generations: GenerationFiles, files: EscrowFiles) -> None:
        self._engine = engine
        self._generations = generations
        self._files = files

    def kept(self) -> Escrowed | None:
        """Whom the newest escrow of this installation that can be read is sealed to; None before the first."""
        installation, _, marks = self._state()
        escrows = {number: self._files.read(number) for number in reversed(self._files.numbers())}
        known = next(
            (each for each in escrows.values() if each is not None and each.installation == installation), None
        )
        if known is None:
            return None
        return replace(
            _of(known), whole=all(_is_of(escrows.get(number), mark, known) for number, mark in marks.items())
        )

    def keep(self, to: Escrowed) -> Escrowed:
        """Seal the key of every generation in use anew; those recipients that it could be sealed to."""
        installation, settled, marks = self._state()
        done = to
        for number, mark in marks.items():
            key = self._generations.read(number)
            if installation is not None and key is not None:
                done = self._write(installation, number, mark, key, to)
        self.forget(settled)
        return done

    def follow(self, generation: int, key: bytes) -> bool:
        """Seal a new generation's key to the recipients of the newest escrow; False while there is none.

        Before the set-up there is nobody to seal to.
        """
        installation, to = self._state()[0], self.kept()
        if installation is None or to is None:
            return False
        with reading(self._engine) as connection:
            mark = connection.scalars(select(made.c.mark).where(made.c.number == generation)).one()
        known = self._files.read(generation)
        if known is None or known.mark != mark or _of(known) != to:
            self._write(installation, generation, mark, key, to)
        return True

    def forget(self, settled: int) -> None:
        """Remove the escrows of this installation's generations before `settled`: no row names them any more."""
        installation = self._state()[0]
        for number in self._files.numbers():
            if number < settled:
                escrow = self._files.read(number)
                if escrow is None or escrow.installation == installation:
                    self._files.remove(number)

    def _write(self, installation: str, number: int, mark: str, key: bytes, to: Escrowed) -> Escrowed:
        sealed = seal_to(to.recipients, key, info(installation, number, mark))
        if not sealed:
            raise InvalidInputError("the keystore's keys can be sealed to no director and no recovery sheet")
        escrow = Escrow(installation, to.practice, number, mark, to.roster, to.at, sealed)
        self._files.write(escrow)
        return _of(escrow)

    def _state(self) -> tuple[str | None, int, dict[int, str]]:
        """The identity; the generation before which no row is; and the marks of those from it on that are in use."""
        with reading(self._engine) as connection:
            known = connection.execute(select(state)).one()
            return known.installation, known.current, marks_of(connection)


def marks_of(connection: Connection) -> dict[int, str]:
    """The marks of the generations in use: during a turn rows are under the old generation and under the new one."""
    known = connection.execute(select(state.c.current, state.c.turning)).one()
    numbers = {known.current, known.turning} - {0}
    chosen = select(made).where(made.c.number.in_(numbers), made.c.destroyed.is_(False))
    return {row.number: row.mark for row in connection.execute(chosen)}


def _of(escrow: Escrow) -> Escrowed:
    return Escrowed(escrow.practice, escrow.roster, tuple(each.to for each in escrow.sealed), escrow.at)


def _is_of(escrow: Escrow | None, mark: str, other: Escrow) -> bool:
    """Whether it is of the generation of that mark, and sealed to the same as the other one."""
    return escrow is not None and escrow.mark == mark and _of(escrow) == _of(other)
