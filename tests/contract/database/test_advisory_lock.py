"""A task that one does at a time, whoever else was told to, and that ends with whoever does it."""

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
from vault.adapters.database import advisory_lock
from vault.ports.store import Store


class OopsError(Exception):
    pass


def test_the_second_is_told_so_and_does_not_wait(store: Store) -> None:
    with store.alone("sweep") as first, store.alone("sweep") as second, store.alone("other") as other:
        assert (first, second, other) == (True, False, True)
    with store.alone("sweep") as again:
        assert again


def test_it_ends_with_whatever_is_raised(store: Store) -> None:
    with pytest.raises(OopsError), store.alone("sweep"):
        raise OopsError
    with store.alone("sweep") as again:
        assert again


def test_another_thread_is_told_so_too(store: Store) -> None:
    told: list[bool] = []

    def ask() -> None:
        with store.alone("sweep") as mine:
            told.append(mine)

    with store.alone("sweep"):
        thread = Thread(target=ask)
        thread.start()
        thread.join()
    ask()
    assert told == [False, True]


def test_units_of_work_go_on_beside_it(store: Store) -> None:
    with store.alone("sweep"), store.transaction() as rows:
        assert rows.practice() is None


def hold(folder: Path, held: Event) -> None:
    with store_at(folder).alone("sweep") as mine:
        assert mine
        held.set()
        signal.pause()


def test_it_ends_with_a_process_that_is_killed(kept: Path, forked: ForkServerContext) -> None:
    held, store = forked.Event(), store_at(kept)
    process = forked.Process(target=hold, args=(kept, held))
    process.start()
    assert held.wait(60)
    with store.alone("sweep") as mine:
        assert not mine
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert eventually(lambda: taken(store)), "the server notices that the connection is gone"


def test_it_is_lost_with_its_connection_and_that_is_no_fault(tmp_path: Path) -> None:
    with postgres_databases(tmp_path, "records"):
        store, other = postgres_store(tmp_path), postgres_store(tmp_path)
        with store.alone("sweep") as mine:
            with psycopg.connect(postgres_url(tmp_path, "records"), autocommit=True) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            with other.alone("sweep") as theirs:
                assert (mine, theirs) == (True, True)
        with store.alone("sweep") as again:
            assert again


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
            with pytest.raises(OopsError), store.alone("sweep"):
                patched.setattr(advisory_lock, "number_of", fail)
        with other.alone("sweep") as mine:
            assert mine


def fail(*_: object) -> int:
    raise OopsError


def taken(store: Store) -> bool:
    with store.alone("sweep") as mine:
        return mine


def eventually(ask: Callable[[], bool]) -> bool:
    return any(ask() for _ in range(10_000))
