"""The keystore on SQL; contracts are those of `vault.ports.keystore.Keystore`."""
# ruff: noqa: D102  the port says it

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Executable,
    Row,
    Table,
    and_,
    bindparam,
    delete,
    func,
    or_,
    select,
    update,
)

from vault.adapters.escrow import EscrowFiles
from vault.adapters.keystore.escrowing import KeyEscrow
from vault.adapters.keystore.generation_turn import ALONE, BESIDE, Turn
from vault.adapters.keystore.generations import GenerationFiles
from vault.adapters.keystore.sealing import (
    ShredKey,
    open_layers,
    open_shred_key,
    seal_shred_key,
    seal_value,
    usable,
)
from vault.adapters.keystore.tables import generation, ledger, shred_key, state, tombstone
from vault.adapters.sql.factory import insert_into, reading, writing
from vault.boxes import KEY_SIZE
from vault.domain.erasures import LedgerRow
from vault.domain.escrows import Escrowed
from vault.domain.positions import KeyFilesPosition, KeystorePosition
from vault.errors import IntegrityError, UnavailableError, VaultError
from vault.ports.errors import ConflictError, DamagedKeyError, TombstonedError
from vault.ports.keystore import Layer, Opened, Subject

_KeyRow: TypeAlias = Row[*tuple[Any, ...]]

_BATCH = 1000
_ATTEMPTS = 10
_CHECKED = 20
# Built once. Each id under each kind: a look-up by primary key, whether or not the row exists.
_KEYS, _TOMBSTONES = (
    select(table).where(
        table.c.kind.in_(bindparam("kinds", expanding=True)), table.c.id.in_(bindparam("ids", expanding=True))
    )
    for table in (shred_key, tombstone)
)
_STATE = select(state.c.current, state.c.turning)
_INSERTIONS: dict[str, Executable] = {}


def _no_step(_: str) -> None:
    """The default observer of a turn: none."""


class SqlKeystore:
    """Implements `vault.ports.keystore.Keystore` on an engine of `sql_engine.keystore_engine` that has been migrated.

    No shred key or generation key is kept in memory after a call: no running process holds a destroyed key.
    """

    def __init__(
        self,
        engine: Engine,
        generations: GenerationFiles,
        escrows: EscrowFiles | None = None,
        *,
        step: Callable[[str], None] = _no_step,
    ) -> None:
        """Without `escrows` they lie in a folder beside the keys."""
        self._engine = engine
        self._generations = generations
        self._escrow = KeyEscrow(engine, generations, escrows or EscrowFiles(generations.path(0).with_name("escrow")))
        self._step = step

    def create(self, subjects: Sequence[Subject]) -> bool:
        return not subjects or self.create_sealing(subjects, [])[0]

    def create_sealing(
        self, subjects: Sequence[Subject], plain: Sequence[tuple[Subject, str, str, bytes]]
    ) -> tuple[bool, list[bytes]]:
        made = self._made(subjects, plain)
        if made is None:
            self.begin()
            made = self._made(subjects, plain)
        assert made is not None, "a generation that was begun is there"
        return made

    def begin(self) -> None:
        """Make the first generation if there is none.

        A role that only creates keys may lack the right to turn; so the supervisor calls this before it starts a
        gateway.
        """
        with reading(self._engine) as connection:
            if _newest(connection):
                return
        self._turn().first()

    def seal(self, subject: Subject, field: str, row: str, plaintext: bytes) -> bytes:
        return self.seal_many([(subject, field, row, plaintext)])[0]

    def unseal(self, subject: Subject, field: str, row: str, sealed: bytes) -> bytes:
        [opened] = self.unseal_each([([(subject, field, row)], sealed)])
        if isinstance(opened, VaultError):
            raise opened
        return opened

    def unseal_each(self, boxes: Sequence[tuple[Sequence[Layer], bytes]]) -> list[Opened]:
        keys = self._present({subject for layers, _ in boxes for subject, _, _ in layers})
        return [open_layers(keys, layers, value) for layers, value in boxes]

    def seal_many(self, plain: Sequence[tuple[Subject, str, str, bytes]]) -> list[bytes]:
        return _sealed(self._present({subject for subject, _, _, _ in plain}), plain)

    def shred(self, subjects: Sequence[Subject]) -> None:
        if not subjects:
            return
        with writing(self._engine, ALONE) as connection:
            for chosen in _chosen(shred_key, subjects):
                connection.execute(delete(shred_key).where(chosen))
            stones = [{"kind": subject.kind, "id": subject.id} for subject in sorted(set(subjects))]
            connection.execute(insert_into(connection, tombstone).on_conflict_do_nothing(), stones)

    def exists(self, subject: Subject) -> bool:
        return self._holds(shred_key, subject)

    def subjects(self, *, after: Subject | None = None, limit: int = 500) -> list[Subject]:
        key = shred_key.c
        query = select(key.kind, key.id).order_by(key.kind, key.id).limit(limit)
        if after is not None:
            further = or_(key.kind > after.kind, and_(key.kind == after.kind, key.id > after.id))
            query = query.where(key.kind >= after.kind, further)  # implied by the OR, but needed to seek
        with reading(self._engine) as connection:
            return [Subject(row.kind, row.id) for row in connection.execute(query)]

    def inscribe(self, entry: LedgerRow) -> None:
        row = {"sequence": entry.sequence, "entry": entry.entry}
        with writing(self._engine) as connection:
            connection.execute(insert_into(connection, ledger).values(row).on_conflict_do_nothing())
            kept = connection.scalars(select(ledger.c.entry).where(ledger.c.sequence == entry.sequence)).one()
        if kept != entry.entry:
            raise ConflictError(f"the ledger has another entry under {entry.sequence}")

    def ledger(self, *, after: int = 0, limit: int = 500) -> list[LedgerRow]:
        query = select(ledger).where(ledger.c.sequence > after).order_by(ledger.c.sequence).limit(limit)
        with reading(self._engine) as connection:
            return [LedgerRow(row.sequence, row.entry) for row in connection.execute(query)]

    def turn(self) -> int:
        return self._turn().run()

    def _turn(self) -> Turn:
        return Turn(self._engine, self._generations, self._escrow, self._step)

    def escrow(self, to: Escrowed) -> Escrowed:
        return self._escrow.keep(to)

    def escrowed(self) -> Escrowed | None:
        return self._escrow.kept()

    def check(self) -> None:
        with writing(self._engine, ALONE) as connection:
            connection.execute(update(state).values(id=state.c.id))
            generation = _newest(connection)
            keys = self._open(connection.execute(select(shred_key).limit(_CHECKED)).all())
        _one_opens(keys)
        if generation:
            self._generation_key(generation)

    def check_reading(self) -> None:
        with reading(self._engine) as connection:
            generation = _newest(connection)
            some = connection.execute(select(shred_key.c.kind, shred_key.c.id).limit(_CHECKED)).all()
        keys = self._present({Subject(row.kind, row.id) for row in some})
        _one_opens(keys)
        if generation and not keys:
            self._generation_key(generation)

    def position(self, seen: str = "") -> KeystorePosition:
        with reading(self._engine) as connection:
            return position_of(connection, seen)

    def key_files(self) -> KeyFilesPosition:
        return KeyFilesPosition(self._generations.installation(), frozenset(self._generations.numbers()))

    def adopt(self, installation: str) -> None:
        self._generations.adopt(installation)
        with writing(self._engine, ALONE) as connection:
            unnamed = update(state).where(state.c.installation.is_(None)).values(installation=installation)
            connection.execute(unnamed)
            there = connection.scalars(select(state.c.installation)).one()
        if there != installation:
            raise ConflictError(f"the keystore is of the installation {there}")

    def own_files(self) -> None:
        numbers = self._generations.numbers()
        with writing(self._engine, ALONE) as connection:
            named = insert_into(connection, generation).on_conflict_do_nothing()
            if numbers:
                rows = [{"number": number, "mark": secrets.token_hex(16)} for number in numbers]
                connection.execute(named, rows)
            allotted = max([connection.scalars(select(state.c.allotted)).one(), *numbers])
            connection.execute(update(state).values(allotted=allotted))

    def witness(self, audit: int) -> None:
        with writing(self._engine, BESIDE) as connection:
            connection.execute(update(state).values(audit=audit))

    def _made(
        self, subjects: Sequence[Subject], plain: Sequence[tuple[Subject, str, str, bytes]]
    ) -> tuple[bool, list[bytes]] | None:
        """Whether all keys are new, and the sealed values; None while there is no generation to make keys under.

        The shared lock excludes a turn: no generation is destroyed between reading a key's row and reading its file.
        """
        with writing(self._engine, BESIDE) as connection:
            generation = _newest(connection)
            if not generation:
                return None
            generation_key = self._generation_key(generation)
            if _rows(connection, set(subjects), _TOMBSTONES):
                raise TombstonedError("what was erased cannot be created again")
            keys: dict[Subject, ShredKey] = {each: secrets.token_bytes(KEY_SIZE) for each in sorted(set(subjects))}
            rows = [
                {
                    "kind": subject.kind,
                    "id": subject.id,
                    "generation": generation,
                    "sealed": seal_shred_key(generation_key, generation, subject, usable(keys, subject)),
                }
                for subject in keys
            ]
            counting = {"preserve_rowcount": True}
            made = connection.execute(_insertion(connection), rows, execution_options=counting).rowcount
            if plain and made != len(rows):  # some have a key already, which stays
                keys = self._open(_rows(connection, set(subjects)))
        return made == len(rows), _sealed(keys, plain)

    def _holds(self, table: Table, subject: Subject) -> bool:
        with reading(self._engine) as connection:
            chosen = next(_chosen(table, [subject]))
            return connection.execute(select(table.c.id).where(chosen)).first() is not None

    def _generation_key(self, generation: int) -> bytes:
        key = self._generations.read(generation) if generation else None
        if key is None:
            path = self._generations.path(generation)
            raise UnavailableError(
                f"the generation key {path} is not there", advice="Put that file back; without it nothing opens."
            )
        return key

    def _present(self, subjects: set[Subject]) -> dict[Subject, ShredKey]:
        """The shred keys of the subjects that have one.

        A turn may overwrite and remove a generation's file between reading a row and reading that file, but only after
        it sealed the row under a newer one: then the row is read again. What fails twice under the same generations is
        a real fault: of the file, which is raised, or of the row.
        """
        failed: UnavailableError | IntegrityError | None = None
        generations: set[int] = set()
        for _ in range(_ATTEMPTS):
            rows = self._read(subjects)
            read_again = generations == {row.generation for row in rows}
            generations = {row.generation for row in rows}
            try:
                keys = self._open(rows)
            except (UnavailableError, IntegrityError) as error:
                if read_again:
                    raise
                failed = error
                continue
            failed = next((key for key in keys.values() if isinstance(key, DamagedKeyError)), None)
            if failed is None or read_again:
                return keys
        raise UnavailableError("the keystore is turned again and again", advice="Try again.") from failed

    def _read(self, subjects: set[Subject]) -> list[_KeyRow]:
        with reading(self._engine) as connection:
            return _rows(connection, subjects)

    def _open(self, rows: Sequence[_KeyRow]) -> dict[Subject, ShredKey]:
        """The keys of these rows, each or its damage; raises as `_generation_key`."""
        generation_keys = {number: self._generation_key(number) for number in {row.generation for row in rows}}
        keys: dict[Subject, ShredKey] = {}
        for row in rows:
            subject = Subject(row.kind, row.id)
            try:
                keys[subject] = open_shred_key(generation_keys[row.generation], row.generation, subject, row.sealed)
            except DamagedKeyError as damage:
                keys[subject] = damage
        return keys


def position_of(connection: Connection, seen: str = "") -> KeystorePosition:
    """Where the keystore of this connection stands; `seen` as for `Keystore.position`."""
    row = connection.execute(select(state)).one()
    marks = select(generation.c.mark)
    mark = connection.scalars(marks.where(generation.c.number == (row.turning or row.current))).first()
    known = connection.scalars(marks.where(generation.c.mark == seen)).first()
    newest = connection.scalars(select(func.max(ledger.c.sequence))).one() or 0
    held = any(connection.execute(select(t.c.id).limit(1)).first() for t in (shred_key, tombstone))
    return KeystorePosition(
        installation=row.installation,
        blank=not held and not newest,
        ledger=newest,
        generation=row.turning or row.current,
        allotted=row.allotted,
        audit=row.audit,
        mark=mark or "",
        forgot=bool(seen) and known is None,
    )


def _one_opens(keys: Mapping[Subject, ShredKey]) -> None:
    """Raise the damage of the first where none of them opens."""
    if keys and all(isinstance(key, DamagedKeyError) for key in keys.values()):
        raise next(key for key in keys.values() if isinstance(key, DamagedKeyError))


def _sealed(keys: Mapping[Subject, ShredKey], plain: Sequence[tuple[Subject, str, str, bytes]]) -> list[bytes]:
    return [seal_value(usable(keys, subject), subject, field, row, value) for subject, field, row, value in plain]


def _rows(connection: Connection, subjects: set[Subject], query: Executable = _KEYS) -> list[_KeyRow]:
    """The rows of the subjects that have a key, or a tombstone."""
    kinds, ids = sorted({subject.kind for subject in subjects}), sorted({subject.id for subject in subjects})
    rows: list[_KeyRow] = []
    for start in range(0, len(ids), _BATCH):
        rows.extend(connection.execute(query, {"kinds": kinds, "ids": ids[start : start + _BATCH]}))
    return [row for row in rows if Subject(row.kind, row.id) in subjects]


def _newest(connection: Connection) -> int:
    """The generation that seals new rows, 0 before the first; it cannot change while a lock is held."""
    current, turning = connection.execute(_STATE).one()
    return int(turning or current)


def _insertion(connection: Connection) -> Executable:
    """The INSERT of keys that leaves those alone that are there."""
    name = connection.dialect.name
    if name not in _INSERTIONS:
        _INSERTIONS[name] = insert_into(connection, shred_key).on_conflict_do_nothing()
    return _INSERTIONS[name]


def _chosen(table: Table, subjects: Sequence[Subject] | set[Subject]) -> Iterator[ColumnElement[bool]]:
    """Conditions that together select the rows of all subjects, each small enough for every engine."""
    for kind, group in groupby(sorted(set(subjects)), key=lambda subject: subject.kind):
        ids = [subject.id for subject in group]
        for start in range(0, len(ids), _BATCH):
            yield and_(table.c.kind == kind, table.c.id.in_(ids[start : start + _BATCH]))
