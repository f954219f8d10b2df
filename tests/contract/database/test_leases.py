"""A task that one does at a time, whoever else was told to; it ends with whoever does it, or who stands still."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from multiprocessing.context import ForkServerContext
from multiprocessing.synchronize import Event
from pathlib import Path
from threading import Thread

import psycopg
import pytest
from sqlalchemy import Connection

from tests.contract.places import postgres_databases, postgres_store, postgres_url, store_at
from vault.adapters.database import SqlStore, leases
from vault.adapters.database.leases import STILL_SECONDS
from vault.ports.leases import Lease
from vault.ports.store import Store


class OopsError(Exception):
    pass


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self, store: SqlStore) -> None:
        self.now = 0.0
        vars(vars(store)["_leases"])["_clock"] = lambda: self.now


def test_the_second_is_told_so_and_does_not_wait(store: Store) -> None:
    with store.leased("sweep") as first, store.leased("sweep") as second, store.leased("other") as other:
        assert first is not None
        assert second is None
        assert other is not None
    with store.leased("sweep") as again:
        assert again == Lease("sweep", first.fence + 1), "each who takes it has a higher fence"


def test_it_ends_with_whatever_is_raised(store: Store) -> None:
    with pytest.raises(OopsError), store.leased("sweep"):
        raise OopsError
    assert taken(store)


def test_another_thread_is_told_so_too(store: Store) -> None:
    told: list[bool] = []
    with store.leased("sweep"):
        thread = Thread(target=lambda: told.append(taken(store)))
        thread.start()
        thread.join()
    assert (told, taken(store)) == ([False], True)


def test_units_of_work_go_on_beside_it_and_know_whether_it_is_held(store: Store) -> None:
    with store.leased("sweep") as lease, store.transaction() as rows:
        assert rows.practice() is None
        assert lease is not None
        assert rows.holds(lease)
        assert not rows.holds(Lease("sweep", lease.fence - 1))
        assert not rows.holds(Lease("other", 1))


def hold(folder: Path, held: Event) -> None:
    with store_at(folder).leased("sweep") as lease:
        assert lease is not None
        held.set()
        signal.pause()


def test_it_ends_with_a_process_that_is_killed(kept: Path, forked: ForkServerContext) -> None:
    held, store = forked.Event(), store_at(kept)
    process = forked.Process(target=hold, args=(kept, held))
    process.start()
    assert held.wait(60)
    assert not taken(store)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert eventually(lambda: taken(store)), "the server notices that the connection is gone"


def hold_and_stand_still(folder: Path) -> None:
    store = store_at(folder)
    with store.leased("sweep") as lease:
        assert lease is not None
        os.kill(os.getpid(), signal.SIGSTOP)
        with store.transaction() as rows:
            assert not rows.holds(lease), "it wakes up, and is told"


def test_it_is_taken_from_a_process_that_stands_still(kept: Path, forked: ForkServerContext) -> None:
    store = store_at(kept)
    clock = Clock(store)
    process = forked.Process(target=hold_and_stand_still, args=(kept,))
    process.start()
    while Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
        os.sched_yield()
    assert not taken(store)
    clock.now = STILL_SECONDS - 1
    assert not taken(store)
    clock.now = STILL_SECONDS
    with store.leased("sweep") as lease, store_at(kept).leased("sweep") as third:
        assert lease is not None
        assert third is None, "and it has a guard like any other"
        assert process.pid is not None
        os.kill(process.pid, signal.SIGCONT)
        process.join()
        assert process.exitcode == 0
        with store.transaction() as rows:
            assert rows.holds(lease)
    assert taken(store)


def test_who_gives_signs_of_life_keeps_it(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, other = store_at(kept), store_at(kept)
    clock = Clock(other)
    with monkeypatch.context() as patched:
        patched.setattr(leases, "BEAT_SECONDS", 0.001)
        with store.leased("sweep") as lease:
            assert not taken(other)
            before = beats(store)
            assert eventually(lambda: beats(store) > before)
            clock.now = 10 * STILL_SECONDS
            assert not taken(other)
            with store.transaction() as rows:
                assert lease is not None
                assert rows.holds(lease)


def test_signs_of_life_of_who_lost_it_are_none(kept: Path) -> None:
    store, other = store_at(kept), store_at(kept)
    clock = Clock(other)
    with store.leased("sweep") as lost:
        assert not taken(other)
        clock.now = STILL_SECONDS
        with other.leased("sweep") as lease:
            assert lost is not None
            assert lease == Lease("sweep", lost.fence + 1)
            vars(store)["_leases"]._beat(lost, Soon())
            assert beats(store) == 0


class Soon:
    """An event that never comes, and is waited for in no time."""

    def wait(self, _: float) -> bool:
        return False


def test_one_that_cannot_be_taken_leaves_no_file_behind(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    for _ in range(3):
        assert taken(store)
    assert len(list(tmp_path.glob("records.db-sweep-*"))) == 1


def test_it_is_lost_with_its_connection_and_that_is_no_fault(tmp_path: Path) -> None:
    with postgres_databases(tmp_path, "records"):
        store, other = postgres_store(tmp_path), postgres_store(tmp_path)
        with store.leased("sweep") as mine:
            with psycopg.connect(postgres_url(tmp_path, "records"), autocommit=True) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            with other.leased("sweep") as theirs, store.transaction() as rows:
                assert mine is not None
                assert theirs is not None
                assert rows.holds(theirs)
                assert not rows.holds(mine)
        assert taken(store)


@pytest.mark.parametrize("place", ["before it is held", "before it is let go"])
def test_a_failure_of_any_kind_leaves_no_lock_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """Else its connection would go back to the pool with the lock, and no sweep would ever be done again."""
    with postgres_databases(tmp_path, "records"):
        store, other = postgres_store(tmp_path), postgres_store(tmp_path)
        with monkeypatch.context() as patched:
            if place == "before it is held":
                patched.setattr(Connection, "commit", fail)
            with pytest.raises(OopsError), store.leased("sweep"):
                patched.setattr(leases, "_let_go", fail)
        assert eventually(lambda: taken(other))


def fail(*_: object) -> int:
    raise OopsError


def taken(store: Store) -> bool:
    with store.leased("sweep") as lease:
        return lease is not None


def beats(store: SqlStore) -> int:
    found: int = vars(store)["_leases"]._look("sweep").beats
    return found


def eventually(ask: Callable[[], bool]) -> bool:
    return any(ask() for _ in range(10_000))
