"""A practice on PostgreSQL with several sets of ports, each with its own connections, like separate gateway processes.

Objects are in memory: they are immutable, and no race is decided there.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Barrier, local
from typing import Any, TypeVar

import psycopg

from tests.actors import Link, Practice, memory_ports
from tests.contract.places import postgres_keystore, postgres_store, postgres_url
from vault.errors import UnavailableError
from vault.flows.context import Ports
from vault.flows.shares import pickup
from vault.ports.keystore import Layer, Opened

T = TypeVar("T")


def runs(default: int) -> int:
    """How many rounds: DOSSIER_TEST_RACE_RUNS, or as many as CI has time for."""
    return int(os.environ.get("DOSSIER_TEST_RACE_RUNS") or default)


@dataclass
class House:
    """A practice, and the sets of ports to it (doors); the practice itself uses the first."""

    folder: Path
    practice: Practice
    doors: Sequence[Ports]

    def door(self, number: int) -> Ports:
        return self.doors[number % len(self.doors)]

    def deadlocks(self) -> int:
        """How many deadlocks the server has broken in both databases since they were made."""
        return sum(_deadlocks(postgres_url(self.folder, name)) for name in ("records", "keystore"))

    def pick_up(self, number: int, link: Link, name: bytes, **changes: Any) -> Any:
        """Pick up like a receiver's page: after waiting too long for a connection, retry by the same name."""
        proofs = pickup.Proofs(link.possess, link.open)
        now = changes.pop("now", self.practice.now)
        ports = replace(self.door(number), **changes)
        while True:
            with suppress(UnavailableError):
                return pickup.pick_up(ports, link.id, name, proofs, now)


class Meeting:
    """A keystore that works as a barrier: all pick-ups unseal before any of them claims.

    When all are waiting, one of them runs `act`.
    """

    def __init__(self, keystore: Any, number: int, act: Callable[[], Any] | None = None) -> None:
        self._keystore = keystore
        self._barrier = Barrier(number, act, timeout=120)
        self._mine = local()

    def unseal_each(self, boxes: Sequence[tuple[Sequence[Layer], bytes]]) -> list[Opened]:
        plain: list[Opened] = self._keystore.unseal_each(boxes)
        if not getattr(self._mine, "looked", False):
            self._mine.looked = True
            self._barrier.wait()
        return plain


def open_house(folder: Path, *, keys: bool = True) -> House:
    """With two doors; `keys` says whether the keystore is on PostgreSQL too, which takes half of a pick-up's time."""
    shared = memory_ports()
    doors = [replace(shared, store=postgres_store(folder)) for _ in range(2)]
    if keys:
        doors = [replace(door, keystore=postgres_keystore(folder)) for door in doors]
    return House(folder, Practice(doors[0]).set_up(), doors)


def at_once(act: Callable[[int], T], number: int) -> list[T]:
    """The results of `act(0)`, `act(1)`, …, each in its own thread, started at the same moment."""
    start = Barrier(number)

    def run(each: int) -> T:
        start.wait()
        return act(each)

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(run, range(number)))


def _deadlocks(url: str) -> int:
    with psycopg.connect(url) as connection:
        query = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])
