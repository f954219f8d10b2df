from __future__ import annotations

import os
import signal
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from multiprocessing.context import ForkServerContext
from pathlib import Path
from threading import Barrier

import pytest

from tests.contract.places import postgres_store, store_at
from tests.contract.samples import NOW, dossier, id_, member, pickup, share
from vault.adapters.sql.patience import WORKING
from vault.errors import UnavailableError
from vault.ports.store import Store

THREADS = 16


class OopsError(Exception):
    pass


def add_and_fail(store: Store) -> None:
    with store.transaction() as rows:
        rows.add_dossier(dossier())
        raise OopsError


def test_what_raises_leaves_nothing(store: Store) -> None:
    with pytest.raises(OopsError):
        add_and_fail(store)
    with store.transaction() as rows:
        assert rows.dossier(id_(1)) is None


def test_what_ends_is_kept_by_the_next_transaction(store: Store) -> None:
    with store.transaction() as rows:
        rows.add_dossier(dossier())
    with store.transaction() as rows:
        assert rows.dossier(id_(1)) == dossier()


def test_a_transaction_in_a_transaction_is_refused_rather_than_waited_for(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vault.adapters.database.store.BUSY_SECONDS", 0)
    with store.transaction() as rows:
        rows.add_dossier(dossier())
        with pytest.raises((RuntimeError, UnavailableError)), store.transaction():
            pass
    with store.transaction() as rows:
        assert rows.dossier(id_(1)) == dossier(), "the outer one went on"


def test_a_store_that_answers_passes_its_check(store: Store) -> None:
    store.check()


def test_a_kept_database_is_there_after_a_restart(kept: Path) -> None:
    with store_at(kept).transaction() as rows:
        rows.add_dossier(dossier())
    with store_at(kept).transaction() as rows:
        assert rows.dossier(id_(1)) == dossier()


def at_once(act: Callable[[int], bool]) -> int:
    """How many of many threads that start together are told True."""
    start = Barrier(THREADS)

    def run(number: int) -> bool:
        start.wait()
        return act(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return sum(pool.map(run, range(THREADS)))


def test_one_of_many_gets_the_last_pickup(store: Store) -> None:
    with store.transaction() as rows:
        rows.add_dossier(dossier())
        rows.add_share(share(), [])

    def act(number: int) -> bool:
        with store.transaction() as rows:
            return rows.claim_pickup(id_(1), NOW) and rows.add_pickup(pickup(number))

    assert at_once(act) == 1
    with store.transaction() as rows:
        assert rows.share(id_(1)) == share(used=1)
        assert len(rows.pickups(id_(1))) == 1


def test_one_of_many_spends_a_one_time_step(store: Store) -> None:
    with store.transaction() as rows:
        rows.add_member(member(1))

    def act(_: int) -> bool:
        with store.transaction() as rows:
            return rows.spend_totp(id_(1), 1)

    assert at_once(act) == 1


def test_one_of_many_moves_a_dossier_on(store: Store) -> None:
    with store.transaction() as rows:
        rows.add_dossier(dossier())

    def act(number: int) -> bool:
        with store.transaction() as rows:
            return rows.advance_dossier(dossier(sequence=1, index=f"{number}"), sequence=0, index="")

    assert at_once(act) == 1


def test_no_update_is_lost_between_threads(store: Store) -> None:
    with store.transaction() as rows:
        rows.add_dossier(dossier())

    def act(_: int) -> bool:
        for _ in range(10):
            count(store)
        return True

    at_once(act)
    with store.transaction() as rows:
        assert rows.dossier(id_(1)) == dossier(sequence=THREADS * 10)


def test_no_update_is_lost_between_processes(kept: Path, forked: ForkServerContext) -> None:
    store = store_at(kept)
    with store.transaction() as rows:
        rows.add_dossier(dossier())
        rows.add_share(share(), [])
    with ProcessPoolExecutor(4, mp_context=forked) as pool:
        won = list(pool.map(work, [kept] * 4))
    assert sum(won) == 1
    with store.transaction() as rows:
        assert rows.dossier(id_(1)) == dossier(sequence=100)
        assert rows.share(id_(1)) == share(used=1)


def work(folder: Path) -> bool:
    store = store_at(folder)
    with store.transaction() as rows:
        won = rows.claim_pickup(id_(1), NOW)
    for _ in range(25):
        count(store)
    return won


def count(store: Store) -> None:
    """Read, then write what was read plus one: what a late BEGIN loses."""
    with store.transaction() as rows:
        seen = rows.dossier(id_(1))
        assert seen is not None
        moved = replace(seen, sequence=seen.sequence + 1)
        assert rows.advance_dossier(moved, sequence=seen.sequence, index=seen.index)


@pytest.mark.parametrize("databases", ["postgres"], indirect=True)
def test_units_of_different_dossiers_go_on_beside_each_other(databases: Path) -> None:
    store, other = postgres_store(databases), postgres_store(databases)
    with store.transaction(id_(1)) as rows:
        rows.add_dossier(dossier(1))
        with other.transaction(id_(2)) as others:
            others.add_dossier(dossier(2))
        with other.reading() as seen:
            assert (seen.dossier(id_(1)), seen.dossier(id_(2))) == (None, dossier(2))


@pytest.mark.parametrize(("held", "wanted"), [("one", "one"), ("one", None), (None, "one"), (None, None)])
def test_a_unit_waits_for_those_it_cannot_go_beside(
    kept: Path, monkeypatch: pytest.MonkeyPatch, held: str | None, wanted: str | None
) -> None:
    monkeypatch.setattr("vault.adapters.sql.factory.WORKING", replace(WORKING, busy_seconds=0.05))
    store, other = store_at(kept), store_at(kept)
    with store.transaction(held) as rows:
        rows.add_dossier(dossier())
        with pytest.raises(UnavailableError), other.transaction(wanted):
            pass
    with other.transaction(wanted) as rows:
        assert rows.dossier(id_(1)) == dossier()


def test_who_is_killed_in_the_middle_holds_nobody_up_and_leaves_nothing(kept: Path, forked: ForkServerContext) -> None:
    store = store_at(kept)
    child = forked.Process(target=write_and_die, args=(kept,))
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    with store.transaction(id_(1)) as rows:
        assert rows.dossier(id_(1)) is None
        rows.add_dossier(dossier())


def write_and_die(folder: Path) -> None:
    with store_at(folder).transaction(id_(1)) as rows:
        rows.add_dossier(dossier())
        os.kill(os.getpid(), signal.SIGKILL)
