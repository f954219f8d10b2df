"""What was acknowledged holds: after a revocation, or once an erasure has begun, nothing begun later gets anything."""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from threading import Event
from typing import Any

import pytest

from tests.actors import NOW, Deposited, Link
from tests.flows.erasures.test_erasing import ask, erased
from tests.races.house import House, Meeting, at_once, runs
from vault.domain.erasures import ErasureState, LedgerRow
from vault.flows.documents import reading
from vault.flows.erasures import erasing
from vault.flows.shares import pickup, sharing
from vault.flows.shares.pickup import UNAVAILABLE, Released
from vault.records.types.document import SEGMENT_SIZE

LOOKERS = 6


class Round:
    """Threads that pick up and fetch until a while after `over` was set."""

    def __init__(self, house: House, link: Link, document: Deposited) -> None:
        self.house, self.link, self.document = house, link, document
        self.over = Event()
        self.name = secrets.token_bytes(16)
        self.got = 0

    def run(self, number: int) -> None:
        """Ask again and again; each act that began after the acknowledgement must come to nothing."""
        acts = (self.take, self.take_again, self.fetch)
        late = 0
        while late < len(acts):
            acknowledged = self.over.is_set()
            late += acknowledged
            gained = acts[(number + late) % len(acts)](number)
            assert not (acknowledged and gained), gained
            self.got += bool(gained)

    def take(self, number: int) -> Any:
        return self.gained(self.house.pick_up(number, self.link, secrets.token_bytes(16)))

    def take_again(self, number: int) -> Any:
        return self.gained(self.house.pick_up(number, self.link, self.name))

    @staticmethod
    def gained(answer: Any) -> Any:
        assert answer == UNAVAILABLE or isinstance(answer, Released), answer
        return answer.capsules if isinstance(answer, Released) else None

    def fetch(self, number: int) -> bytes:
        """The end of the first segment, and after another look the beginning of the second."""
        proofs = pickup.Proofs(self.link.possess, self.link.open)
        ports = self.house.door(number)
        answer = pickup.body(ports, self.link.id, self.name, self.document.id, proofs, lambda: NOW, SEGMENT_SIZE - 1, 2)
        if not isinstance(answer, reading.Body):
            assert answer == UNAVAILABLE, answer
            return b""
        return self.pieces(answer.pieces)

    def pieces(self, pieces: Iterator[bytes]) -> bytes:
        first = next(pieces, b"")
        acknowledged = self.over.is_set()
        second = next(pieces, b"")
        assert not (acknowledged and second), "a segment went out whose check began after the acknowledgement"
        return first


@pytest.fixture
def shelf(house: House) -> tuple[str, Deposited]:
    dossier = house.practice.open_dossier()
    return dossier, house.practice.deposit(dossier, bytes(SEGMENT_SIZE + 2))


@contextmanager
def lookers(play: Round) -> Iterator[None]:
    """They look while the block runs; whatever they found out is raised afterwards."""
    with ThreadPoolExecutor(LOOKERS) as pool:
        looking: list[Future[None]] = [pool.submit(play.run, number) for number in range(LOOKERS)]
        try:
            yield
        finally:
            play.over.set()
    for each in looking:
        each.result()


def some_acts(chance: random.Random, act: Callable[[int], Any]) -> None:
    """Let a while pass that is as long as a few acts, and is never the same."""
    for number in range(chance.randrange(4)):
        act(number)


def test_nothing_is_released_after_a_revocation_was_acknowledged(house: House, shelf: tuple[str, Deposited]) -> None:
    dossier, document = shelf
    chance, caller, got = random.Random(20261123), house.practice.director.caller, 0
    for number in range(runs(30)):
        play = Round(house, house.practice.share(dossier, [document], max=100), document)
        assert play.take_again(0)
        with lookers(play):
            some_acts(chance, play.take)
            assert sharing.revoke(house.door(number), caller, play.link.id, NOW) is None
        got += play.got
    assert got, "they met"


@pytest.mark.parametrize("how", ["revoked", "document", "dossier"])
def test_who_had_looked_already_when_it_ended_gets_nothing(
    house: House, shelf: tuple[str, Deposited], how: str
) -> None:
    """Every other one goes on with a pick-up that was counted before."""
    (dossier, document), ports = shelf, house.practice.ports
    link = house.practice.share(dossier, [document], max=100)
    names = [secrets.token_bytes(16) for _ in range(40)]
    for name in names[::2]:
        assert house.pick_up(0, link, name).capsules

    def end() -> None:
        if how == "revoked":
            sharing.revoke(ports, house.practice.director.caller, link.id, NOW)
        else:
            ask(house.practice, dossier, [document.id] if how == "document" else ())
            assert erasing.sweep(ports, NOW).certified

    gate = Meeting(ports.keystore, len(names), end)
    answers = at_once(lambda number: house.pick_up(number, link, names[number], keystore=gate), len(names))
    assert not any(Round.gained(answer) for answer in answers)
    with ports.store.reading() as tx:
        assert len(tx.disclosures(link.id)) == len(names) // 2


class Telling:
    """A keystore that tells when the ledger is written: the erasure has begun then, and was committed."""

    def __init__(self, keystore: Any, told: Event) -> None:
        self._keystore, self._told = keystore, told

    def __getattr__(self, name: str) -> Any:
        return getattr(self._keystore, name)

    def inscribe(self, entry: LedgerRow) -> None:
        self._told.set()
        self._keystore.inscribe(entry)


@pytest.mark.parametrize("whole", [True, False], ids=["dossier", "document"])
def test_nothing_is_released_after_an_erasure_has_begun(house: House, *, whole: bool) -> None:
    chance, practice, got = random.Random(20261124), house.practice, 0
    for number in range(runs(10)):
        dossier = practice.open_dossier()
        document = practice.deposit(dossier, bytes(SEGMENT_SIZE + 2))
        play = Round(house, practice.share(dossier, [document], max=100), document)
        assert play.take_again(0)
        asked = ask(practice, dossier, () if whole else [document.id]).erasure
        door = house.door(number)
        with lookers(play):
            some_acts(chance, play.take)
            erasing.sweep(replace(door, keystore=Telling(door.keystore, play.over)), NOW)
        got += play.got
        assert erased(practice, asked.id).state is ErasureState.CERTIFIED
    assert got, "they met"


def test_at_the_moment_of_expiry_nobody_is_counted_any_more(house: House, shelf: tuple[str, Deposited]) -> None:
    dossier, document = shelf
    expires = NOW + timedelta(minutes=1)
    link = house.practice.share(dossier, [document], max=100, expires_at=expires)
    moments = [NOW + timedelta(seconds=number) for number in range(120)]
    answers = at_once(lambda n: house.pick_up(n, link, secrets.token_bytes(16), now=moments[n]), len(moments))
    released = [moment for moment, answer in zip(moments, answers, strict=True) if isinstance(answer, Released)]
    assert released == [moment for moment in moments if moment < expires]
