"""Old copies of the database and the objects are worth nothing for what was erased, whoever has all other keys.

The attacker has copies of `data/` from random moments of a random history, all keyrings and link secrets, and today's
keystore with its generation key. Only who kept the keystore *with* its generation key from before the erasure reads
what was erased: the certificate's horizon says until when such a copy may be about.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.actors import Deposited
from tests.attack.house import ask, data_folder, ports_at
from tests.attack.real import Attacker, RealPractice
from vault.domain.erasures import HORIZON, ErasureRow, ErasureState
from vault.flows.erasures import requesting, retention
from vault.records.envelope import parse
from vault.records.types.certificate import Certificate

SEEDS = range(20)
HOUR = timedelta(hours=1)


class History:
    """A practice to which random things happen, and the copies that were taken meanwhile."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.chance = random.Random(seed)
        self.practice = RealPractice(ports_at(self.data)).set_up()
        self.coach = self.practice.appoint("Carla")
        self.stored: dict[str, list[Deposited]] = {}
        self.erased: set[str] = set()
        self.gone: set[str] = set()
        self.shared: set[str] = set()
        self.erasures: list[str] = []
        self.copies: list[Path] = []

    def copy(self) -> Path:
        """All of `data/`, as a thief or a backup has it."""
        self.copies.append(self.folder / f"copy-{len(self.copies)}")
        shutil.copytree(self.data, self.copies[-1])
        return self.copies[-1]

    def open(self) -> None:
        person = self.chance.choice([self.practice.director, self.coach])
        self.stored[self.practice.open_dossier(person)] = []

    def deposit(self) -> None:
        dossier = self.chance.choice(list(self.stored))
        self.stored[dossier].append(self.practice.deposit(dossier))

    def share(self) -> None:
        dossier = self.chance.choice(list(self.stored))
        documents = self.chance.sample(self.stored[dossier], min(len(self.stored[dossier]), 2))
        if documents:
            self.practice.share(dossier, documents)
            self.shared |= {document.id for document in documents}

    def erase_document(self) -> None:
        dossier = self.chance.choice(list(self.stored))
        if self.stored[dossier]:
            document = self.stored[dossier].pop()
            self.ask(dossier, [document])

    def erase_dossier(self) -> None:
        dossier = self.chance.choice([dossier for dossier, documents in self.stored.items() if documents])
        self.gone.add(dossier)
        self.erased |= {document.id for document in self.stored.pop(dossier)}
        self.ask(dossier, [])

    def ask(self, dossier: str, documents: list[Deposited]) -> None:
        self.copy()
        self.erasures.append(ask(self.practice, dossier, [document.id for document in documents]))
        self.erased |= {document.id for document in documents}
        retention.sweep(self.practice.ports, self.practice.now)
        for document in documents:
            if dossier in self.stored:
                self.practice.advance(dossier, drop=[document.envelope.hash])

    def live(self) -> None:
        self.open()
        for _ in range(3):
            self.deposit()
        self.share()
        acts = [self.open, self.deposit, self.deposit, self.share, self.erase_document, self.copy]
        for _ in range(8):
            self.practice.now += HOUR
            self.chance.choice(acts)()
        self.open()
        self.deposit()
        self.before, self.erased_before = self.copy(), set(self.erased)
        self.erase_dossier()
        self.erase_document()
        self.copy()


@pytest.fixture(params=SEEDS)
def history(request: pytest.FixtureRequest) -> Iterator[History]:
    with data_folder() as folder:
        history = History(folder, request.param)
        history.live()
        yield history


def test_with_todays_keystore_they_open_what_is_there_and_nothing_that_was_erased(history: History) -> None:
    loot = Attacker(history.practice, history.copies, history.data).open_everything()
    there = {document.id for documents in history.stored.values() for document in documents}
    assert history.erased
    assert loot.plain == {id_: history.practice.plain[id_] for id_ in there}
    assert loot.named == there
    assert loot.profiles == set(history.stored)
    assert loot.by_link == history.shared & there

    # Who kept the keystore and its generation key from before has more: until the horizon, and it is said so.
    earlier = Attacker(history.practice, history.copies, history.before).open_everything()
    last = [certified(history, id_) for id_ in history.erasures][-1]
    assert set(earlier.plain) == there | (history.erased - history.erased_before) > there
    assert earlier.profiles == {*history.stored, *history.gone}
    assert last.horizon == last.shredded + HORIZON
    assert last.horizon > history.practice.now, "such a copy may be about still, and the certificate says so"


def certified(history: History, id_: str):
    erasure = requesting.one(history.practice.ports, history.practice.director.caller, id_)
    assert isinstance(erasure, ErasureRow)
    assert erasure.state is ErasureState.CERTIFIED
    assert erasure.certificate is not None
    return Certificate.read(parse(erasure.certificate, "certificate"))
