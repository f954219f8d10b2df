"""The turn: seal every row under a new generation key, then destroy the old one (design §3 "Keystore turn").

No clock and no lease: the latest call of `turn` owns the turn. It writes its name into the one row of `state`, and
every later commit checks that name. An overtaken call stops with UnavailableError. Numbers of generations only grow,
and the final commit leaves no row below `current`: so any call may destroy the files below it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, Row, bindparam, insert, select, update

from vault.adapters.keystore.escrowing import KeyEscrow
from vault.adapters.keystore.generations import GenerationFiles
from vault.adapters.keystore.sealing import open_shred_key, seal_shred_key
from vault.adapters.keystore.tables import generation as made
from vault.adapters.keystore.tables import shred_key, state
from vault.adapters.sql.factory import reading, writing
from vault.adapters.sql.postgres import Lock
from vault.errors import IntegrityError, UnavailableError
from vault.ports.errors import DamagedKeyError
from vault.ports.keystore import Subject

BATCH = 1000
# Creators of keys share the lock; a shred or a step of a turn takes it exclusively. So no key is made for a subject
# while it is shredded, nor under a generation that ends. PostgreSQL's lock queue is fair: an exclusive waiter is not
# starved.
_KEYSTORE = 0x76_6C_74_03
ALONE = Lock(_KEYSTORE)
BESIDE = Lock(_KEYSTORE, shared=True)
# Executed for a whole batch at once: on PostgreSQL a message for each row would hold the lock ten times longer.
_RESEAL = (
    update(shred_key)
    .where(shred_key.c.kind == bindparam("of"), shred_key.c.id == bindparam("named"))
    .where(shred_key.c.generation == bindparam("was"))
    .values(generation=bindparam("to"), sealed=bindparam("again"))
)


class Turn:
    """One call of `turn`. `step` is called after each durable step; tests interrupt there."""

    def __init__(
        self, engine: Engine, generations: GenerationFiles, escrow: KeyEscrow, step: Callable[[str], None]
    ) -> None:
        self._engine = engine
        self._generations = generations
        self._escrow = escrow
        self._step = step
        self._name = secrets.token_hex(16)
        self._proven: set[int] = set()  # generations whose key has opened a row in this call

    def run(self) -> int:
        """Finish an interrupted turn, then do a whole one; return the generation that seals every row now."""
        unfinished = self._take_over()
        if unfinished:
            # A key shredded since then may be sealed under this generation already: only a further turn makes it
            # irrecoverable.
            self._finish(unfinished)
        generation = self._begin()
        self._finish(generation)
        return generation

    def first(self) -> None:
        """Make the first generation if there is none, in one unit of work: there is no row to reseal.

        A turn would not do: processes that start on an empty keystore at the same time would keep overtaking each
        other.
        """
        with writing(self._engine, ALONE) as connection:
            known = connection.execute(select(state)).one()
            if known.turning or known.current:
                return
            generation = max([known.allotted, *self._generations.numbers()]) + 1
            self._generations.make(generation)
            began = {"current": generation, "allotted": generation, "turner": self._name}
            connection.execute(update(state).values(began))
            connection.execute(insert(made).values(number=generation, mark=secrets.token_hex(16)))

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
            connection.execute(insert(made).values(number=generation, mark=secrets.token_hex(16)))
        self._step("allotted")
        self._generations.make(generation)
        self._step("key made")
        key = self._generations.read(generation)
        if key is not None and self._escrow.follow(generation, key):  # before a row names it: no copy of rows lacks it
            self._step("escrowed")
        with self._mine() as connection:
            connection.execute(update(state).values(turning=generation))
        self._step("turning")
        return generation

    def _finish(self, generation: int) -> None:
        new = self._generations.read(generation)
        if new is None:
            with self._mine():  # overtaken: then its absence is no fault
                pass
            raise IntegrityError(f"{self._generations.path(generation)} is missing in the middle of a turn")
        while self._reseal_some(generation, new):
            self._step("batch")
        self._step("settled")
        self._escrow.follow(generation, new)  # and read again, before the old key is destroyed
        for number in self._own_before(generation):
            if not self._generations.destroy(number):
                continue  # it stays named: a turn that was overtaken may still make its file
            self._step("destroyed")
            with writing(self._engine, ALONE) as connection:
                connection.execute(update(made).where(made.c.number == number).values(destroyed=True))
        self._escrow.forget(generation)

    def _own_before(self, generation: int) -> list[int]:
        """The older generations that this keystore made: a file that it did not make is not its to destroy."""
        with reading(self._engine) as connection:
            older = select(made.c.number).where(made.c.number < generation, made.c.destroyed.is_(False))
            return list(connection.scalars(older.order_by(made.c.number)))

    def _reseal_some(self, generation: int, new: bytes) -> bool:
        """One commit: reseal a batch of rows, or end the turn when none is left. True while rows were left."""
        row = shred_key.c
        with self._mine() as connection:
            query = select(shred_key).where(row.generation < generation).order_by(row.generation).limit(BATCH)
            rows = connection.execute(query).all()
            keys = {number: self._generations.read(number) for number in {row.generation for row in rows}}
            if rows:
                resealed = [self._resealed(row, keys[row.generation], generation, new) for row in rows]
                damaged = [row for row, again in zip(rows, resealed, strict=True) if again is None]
                values = [again for again in resealed if again is not None]
                connection.execute(_RESEAL, values + [self._carried(row, generation) for row in damaged])
            else:
                connection.execute(update(state).values(current=generation, turning=0))
        return bool(rows)

    def _resealed(self, row: Row[Any], key: bytes | None, generation: int, new: bytes) -> dict[str, Any] | None:
        """The parameters of `_RESEAL` for one row; None for a damaged one."""
        if key is None:
            raise IntegrityError(f"{self._generations.path(row.generation)} is missing, and rows need it")
        subject = Subject(row.kind, row.id)
        try:
            opened = open_shred_key(key, row.generation, subject, row.sealed)
        except DamagedKeyError:
            return None
        self._proven.add(row.generation)
        return _parameters(row, generation, seal_shred_key(new, generation, subject, opened))

    def _carried(self, row: Row[Any], generation: int) -> dict[str, Any]:
        """The parameters of `_RESEAL` for a damaged row, which nothing opens now or later.

        It may not keep the others' old key alive: their shredded keys would never be irrecoverable. Where the old key
        has opened no row at all, the file is the wrong one and the rows may be whole.
        """
        if row.generation not in self._proven:
            path = self._generations.path(row.generation)
            raise IntegrityError(
                f"{path} opens none of the keys that need it", advice="Put the right file back; nothing was destroyed."
            )
        return _parameters(row, generation, row.sealed)

    @contextmanager
    def _mine(self) -> Iterator[Connection]:
        """A unit of work that raises UnavailableError when another call took the turn over."""
        with writing(self._engine, ALONE) as connection:
            mine = update(state).where(state.c.turner == self._name).values(turner=self._name)
            if connection.execute(mine).rowcount != 1:
                raise UnavailableError("another process turns the keystore", advice="Nothing is lost; try again later.")
            yield connection


def _parameters(row: Row[Any], generation: int, sealed: bytes) -> dict[str, Any]:
    """What `_RESEAL` is told of one row."""
    return {"of": row.kind, "named": row.id, "was": row.generation, "to": generation, "again": sealed}
