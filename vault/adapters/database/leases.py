"""Leases of tasks on SQL: a row with a fence and a count of signs of life, and a guard that ends with its process.

The guard is an advisory lock of a connection (PostgreSQL) or a locked file beside the database (SQLite), one for each
fence: whoever can take the guard of the newest fence knows that its holder is gone, and goes on at once. A process that
stands still keeps its guard. Then its count does not move, and whoever has seen that for `STILL_SECONDS` by a clock of
its own takes the task over. No two clocks are compared, and none that an operator sets.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Lock, Thread

from sqlalchemy import Connection, Engine, func, select, update

from vault.adapters.database.rows import Rows
from vault.adapters.database.tables import lease as table
from vault.adapters.sql.factory import begun, insert_into, reading
from vault.adapters.sql.failures import translated
from vault.adapters.sql.postgres import number_of
from vault.errors import UnavailableError, VaultError
from vault.files import unavailable_on_failure
from vault.ports.leases import Lease

BEAT_SECONDS = 5.0
STILL_SECONDS = 30.0
_TASK = 0x76_6C_74_03  # differs from the families of locks in `store`
_Writing = Callable[[], AbstractContextManager[Connection]]


class SqlLeaseStore(Rows):
    """Implements `vault.ports.leases.LeaseStore`."""

    def holds(self, lease: Lease) -> bool:
        """See the port."""
        # It lets signs of life through, and nobody who takes over (see `_raised`).
        fence = select(table.c.fence).where(table.c.task == lease.task).with_for_update(read=True, key_share=True)
        return self._connection.execute(fence).scalar_one_or_none() == lease.fence


@dataclass(frozen=True, slots=True)
class _Seen:
    """A lease's row: who takes it over has a higher fence, and `beats` counts signs of life."""

    fence: int
    beats: int


class Leases:
    """Takes leases for one process. `writing` begins a unit of work; `clock` counts seconds and never goes back."""

    def __init__(self, engine: Engine, writing: _Writing, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._engine = engine
        self._writing = writing
        self._clock = clock
        self._watched: dict[str, tuple[_Seen, float]] = {}
        self._lock = Lock()

    @contextmanager
    def leased(self, task: str) -> Iterator[Lease | None]:
        """See `Store.leased`; raises UnavailableError."""
        with ExitStack() as held:
            lease = self._taken(task, held)
            if lease is None:
                yield None
                return
            with self._beating(lease):
                yield lease

    def _taken(self, task: str, held: ExitStack) -> Lease | None:
        seen = self._look(task)
        with ExitStack() as looking:
            gone = looking.enter_context(_guard(self._engine, task, seen.fence))
            if not gone and not self._still(task, seen):
                return None
            lease = Lease(task, seen.fence + 1)
            with ExitStack() as taking:
                if not taking.enter_context(_guard(self._engine, task, lease.fence, new=True)):
                    return None  # another takes it over at this moment
                if not self._raised(seen, lease):
                    return None
                held.push(taking.pop_all())
        _forget(self._engine, task, seen.fence)
        return lease

    def _look(self, task: str) -> _Seen:
        with reading(self._engine) as connection:
            row = connection.execute(select(table.c.fence, table.c.beats).where(table.c.task == task)).one_or_none()
        return _Seen(0, 0) if row is None else _Seen(row.fence, row.beats)

    def _still(self, task: str, seen: _Seen) -> bool:
        """Whether the holder has given no sign of life for so long; the first look only begins to count."""
        now = self._clock()
        with self._lock:
            last, since = self._watched.get(task, (None, now))
            if last == seen:
                return now - since >= STILL_SECONDS
            self._watched[task] = (seen, now)
            return False

    def _raised(self, seen: _Seen, lease: Lease) -> bool:
        """Raise the fence, unless another did, or its holder gave a sign of life meanwhile."""
        mine = table.c.task == lease.task
        with self._writing() as connection:
            first = insert_into(connection, table).values(task=lease.task, fence=0, beats=0)
            connection.execute(first.on_conflict_do_nothing())
            row = connection.execute(select(table.c.fence, table.c.beats).where(mine).with_for_update()).one()
            if _Seen(row.fence, row.beats) != seen:
                return False
            connection.execute(update(table).where(mine).values(fence=lease.fence, beats=0))
        return True

    @contextmanager
    def _beating(self, lease: Lease) -> Iterator[None]:
        """Give signs of life meanwhile, from a thread: the task may be at one step for long."""
        ended = Event()
        thread = Thread(target=self._beat, args=(lease, ended), name=f"lease {lease.task}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _beat(self, lease: Lease, ended: Event) -> None:
        mine = update(table).where(table.c.task == lease.task, table.c.fence == lease.fence)
        while not ended.wait(BEAT_SECONDS):
            with suppress(UnavailableError), self._writing() as connection:  # the next one may get through
                if connection.execute(mine.values(beats=table.c.beats + 1)).rowcount == 0:
                    return


def _guard(engine: Engine, task: str, fence: int, *, new: bool = False) -> AbstractContextManager[bool]:
    """The guard of that fence, held until the block ends: True where nobody else holds it."""
    return _by_file(engine, task, fence, new=new) if engine.dialect.name == "sqlite" else _by_lock(engine, task, fence)


@contextmanager
def _by_lock(engine: Engine, task: str, fence: int) -> Iterator[bool]:
    """A lock of a session, outside any transaction. A connection that may still hold it goes back to no pool."""
    number, free = number_of(f"{task} {fence}"), False
    with translated(writes=True):
        connection = begun(engine)
    try:
        with translated(writes=True):
            mine = bool(connection.scalar(select(func.pg_try_advisory_lock(_TASK, number))))
            connection.commit()
        try:
            yield mine
        finally:
            free = not mine or _let_go(connection, number)
    finally:
        if not free:
            connection.invalidate()
        connection.close()


def _let_go(connection: Connection, number: int) -> bool:
    """Release the lock; False when the database is unreachable: the lock is then gone with its connection."""
    try:
        with translated(writes=True), connection.begin():
            connection.scalar(select(func.pg_advisory_unlock(_TASK, number)))
    except VaultError:
        return False
    return True


@contextmanager
def _by_file(engine: Engine, task: str, fence: int, *, new: bool) -> Iterator[bool]:
    path = _path(engine, task, fence)
    try:
        with unavailable_on_failure(path):
            file = os.open(path, (os.O_CREAT if new else 0) | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except UnavailableError as error:
        if new or not isinstance(error.__cause__, FileNotFoundError):
            raise
        yield True  # its holder never was, or is over
        return
    try:
        yield _locked(file)
    finally:
        os.close(file)


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _forget(engine: Engine, task: str, fence: int) -> None:
    """Remove the file of a fence that was raised: nobody asks for it again."""
    if engine.dialect.name == "sqlite":
        with suppress(OSError):
            _path(engine, task, fence).unlink(missing_ok=True)


def _path(engine: Engine, task: str, fence: int) -> Path:
    return Path(f"{engine.url.database}-{task}-{fence}")
