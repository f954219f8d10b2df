"""The turn: every row under a new generation key, the old key destroyed last (design §3 "Keystore turn").

No clock and no lease: whoever calls `turn` last takes it over by writing its name into the one row of `state`, and
every later commit holds only while that name stands. A call that was overtaken stops with UnavailableError. Numbers
of generations only grow, and the final commit finds no row below `current`: files below it may go, whoever asks.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, Row, bindparam, select, update

from vault.adapters.keystore.generations import GenerationFiles
from vault.adapters.keystore.sealing import open_shred_key, seal_shred_key
from vault.adapters.keystore.tables import shred_key, state
from vault.adapters.sql.factory import writing
from vault.adapters.sql.postgres import Lock
from vault.errors import IntegrityError, UnavailableError
from vault.ports.keystore import Subject

BATCH = 1000
# Those who create keys go on beside one another; a shred or a step of a turn happens alone, so that no key is made for
# a subject while it is shredded, nor under a generation that ends. PostgreSQL lets nobody overtake who waits for it.
_KEYSTORE = 0x76_6C_74_03
ALONE = Lock(_KEYSTORE)
BESIDE = Lock(_KEYSTORE, shared=True)
# Executed for a whole batch in one go: on PostgreSQL a message for each row would hold everybody up ten times longer.
_RESEAL = (
    update(shred_key)
    .where(shred_key.c.kind == bindparam("of"), shred_key.c.id == bindparam("named"))
    .where(shred_key.c.generation == bindparam("was"))
    .values(generation=bindparam("to"), sealed=bindparam("again"))
)


class Turn:
    """One call of `turn`. `step` is told after each durable step; tests stop there."""

    def __init__(self, engine: Engine, generations: GenerationFiles, step: Callable[[str], None]) -> None:
        self._engine = engine
        self._generations = generations
        self._step = step
        self._name = secrets.token_hex(16)

    def run(self) -> int:
        """A whole turn, after the rest of an interrupted one; the generation that every row is sealed under now."""
        unfinished = self._take_over()
        if unfinished:
            # A key shredded since may have been sealed under this generation already: only a further turn ends it.
            self._finish(unfinished)
        generation = self._begin()
        self._finish(generation)
        return generation

    def first(self) -> None:
        """Make the first generation, if there is none: one unit of work, since there is no row to be sealed again.

        As a turn it would be taken over and over by everybody who finds an empty keystore at the same time.
        """
        with writing(self._engine, ALONE) as connection:
            known = connection.execute(select(state)).one()
            if known.turning or known.current:
                return
            generation = max([known.allotted, *self._generations.numbers()]) + 1
            self._generations.make(generation)
            began = {"current": generation, "allotted": generation, "turner": self._name}
            connection.execute(update(state).values(began))

    def _take_over(self) -> int:
        with writing(self._engine, ALONE) as connection:
            connection.execute(update(state).values(turner=self._name))
            turning: int = connection.scalars(select(state.c.turning)).one()
        self._step("taken")
        return turning

    def _begin(self) -> int:
        with self._mine() as connection:
            allotted = connection.scalars(select(state.c.allotted)).one()
            generation: int = max([allotted, *self._generations.numbers()]) + 1
            connection.execute(update(state).values(allotted=generation))
        self._step("allotted")
        self._generations.make(generation)
        self._step("key made")
        with self._mine() as connection:
            connection.execute(update(state).values(turning=generation))
        self._step("turning")
        return generation

    def _finish(self, generation: int) -> None:
        new = self._generations.read(generation)
        if new is None:
            with self._mine():  # gone because another call was faster: that is no harm
                pass
            raise IntegrityError(f"{self._generations.path(generation)} is missing in the middle of a turn")
        while self._reseal_some(generation, new):
            self._step("batch")
        self._step("settled")
        for number in self._generations.numbers():
            if number < generation:
                self._generations.destroy(number)
                self._step("destroyed")

    def _reseal_some(self, generation: int, new: bytes) -> bool:
        """One commit: some rows more, or, when there are none, the end. True while it goes on."""
        row = shred_key.c
        with self._mine() as connection:
            query = select(shred_key).where(row.generation < generation).order_by(row.generation).limit(BATCH)
            rows = connection.execute(query).all()
            keys = {number: self._generations.read(number) for number in {row.generation for row in rows}}
            if rows:
                values = [self._resealed(row, keys[row.generation], generation, new) for row in rows]
                connection.execute(_RESEAL, values)
            else:
                connection.execute(update(state).values(current=generation, turning=0))
        return bool(rows)

    def _resealed(self, row: Row[Any], key: bytes | None, generation: int, new: bytes) -> dict[str, Any]:
        """The values of `_RESEAL`."""
        if key is None:
            raise IntegrityError(f"{self._generations.path(row.generation)} is missing, and rows need it")
        subject = Subject(row.kind, row.id)
        opened = open_shred_key(key, row.generation, subject, row.sealed)
        sealed = seal_shred_key(new, generation, subject, opened)
        return {"of": row.kind, "named": row.id, "was": row.generation, "to": generation, "again": sealed}

    @contextmanager
    def _mine(self) -> Iterator[Connection]:
        """A unit of work that holds only while nobody took the turn over; raises UnavailableError else."""
        with writing(self._engine, ALONE) as connection:
            mine = update(state).where(state.c.turner == self._name).values(turner=self._name)
            if connection.execute(mine).rowcount != 1:
                raise UnavailableError("another process turns the keystore", advice="Nothing is lost; try again later.")
            yield connection
