"""Any mixture of old and new stores of a random history: nothing erased opens, nothing living that was backed up is lost.

The one exception is said in THREAT_MODEL: where records, keystore and objects are all older than an erasure, no store
knows of it, and a member's device tells.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import settings

from infra.backup.folder import BackupSet
from infra.backup.stores import Store
from tests.actors import Deposited
from tests.attack.house import data_folder
from tests.infra.backup.house import HOUR, Vault
from tests.infra.backup.test_making import made
from tests.infra.backup.test_restoring import destroyed
from vault.flows.positions.comparing import standing
from vault.flows.positions.keeping import shut
from vault.flows.shares import sharing

NIGHTLY = settings.default.max_examples > settings.get_profile("ci").max_examples
SEEDS = range(20) if NIGHTLY else range(3)
MIXTURES = 4
NEVER = 10**9


@dataclass
class History:
    """What happened when, in ticks; the sets that were made meanwhile, and when."""

    vault: Vault
    chance: random.Random
    tick: int = 0
    stored: dict[str, int] = field(default_factory=dict)
    erased: dict[str, int] = field(default_factory=dict)  # the number of its tombstone
    living: list[Deposited] = field(default_factory=list)
    sets: list[tuple[BackupSet, int]] = field(default_factory=list)

    def live(self) -> None:
        self.vault.dossier = self.vault.practice.open_dossier()
        acts = [self.deposit, self.deposit, self.share, self.revoke, self.erase, self.turn, self.back_up]
        for act in (self.deposit, self.back_up, self.deposit, *self.chance.choices(acts, k=8), self.erase):
            self.tick += 1
            self.vault.practice.now += HOUR / 6
            act()
            self.vault.work()

    def deposit(self) -> None:
        document = self.vault.practice.deposit(self.vault.dossier)
        self.living.append(document)
        self.stored[document.id] = self.tick

    def share(self) -> None:
        if self.living:
            self.vault.practice.share(self.vault.dossier, [self.chance.choice(self.living)])

    def revoke(self) -> None:
        ports, person = self.vault.ports, self.vault.practice.director
        if self.vault.practice.links:
            sharing.revoke(ports, person.caller, self.vault.practice.links[-1][0], self.vault.practice.now)

    def erase(self) -> None:
        if self.living:
            document = self.living.pop(self.chance.randrange(len(self.living)))
            destroyed(self.vault, document)
            with self.vault.ports.store.reading() as tx:
                self.erased[document.id] = tx.newest("tombstone").version

    def turn(self) -> None:
        self.vault.ports.keystore.turn()

    def back_up(self) -> None:
        self.sets.append((made(self.vault, self.vault.practice.now, copies=True).set, self.tick))


@pytest.fixture(params=SEEDS)
def history(request: pytest.FixtureRequest) -> Iterator[History]:
    with data_folder() as folder:
        history = History(Vault(folder), random.Random(request.param))
        history.live()
        yield history


def lost(data: Path, store: Store) -> None:
    names = {
        Store.RECORDS: "records.db*",
        Store.KEYSTORE: "keystore.db*",
        Store.KEYS: "keys",
        Store.OBJECTS: "objects",
    }
    for path in data.glob(names[store]):
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def test_no_mixture_opens_what_was_erased_or_loses_what_was_backed_up(history: History) -> None:
    vault, chance = history.vault, history.chance
    vault.release()
    shutil.copytree(vault.data, vault.data.with_name("new"))
    for _ in range(MIXTURES):
        shutil.rmtree(vault.data)
        shutil.copytree(vault.data.with_name("new"), vault.data)
        vault.again()
        reached = {Store.RECORDS: NEVER, Store.KEYSTORE: NEVER, Store.OBJECTS: NEVER}
        ledgers = dict.fromkeys(reached, max(history.erased.values()))
        if chance.random() < 0.25:
            found, at = chance.choice(history.sets)
            vault.put_back(found)
            for store in (Store.RECORDS, Store.KEYSTORE):
                reached[store], ledgers[store] = at, found.manifest.positions[store]["ledger"]
        else:
            for store in chance.sample(list(Store), chance.randint(1, 4)):
                found, at = chance.choice(history.sets)
                vault.release()
                lost(vault.data, store)
                vault.put_back(found, stores=frozenset({store}))
                if store in reached:
                    reached[store], ledgers[store] = at, found.manifest.positions[store]["ledger"]
        check(history, reached, max(ledgers.values()))


def check(history: History, reached: dict[Store, int], ledger: int) -> None:
    vault = history.vault
    shut(vault.ports, vault.practice.now)
    known = {id_ for id_, number in history.erased.items() if number <= ledger}
    assert not known & set(vault.opens()), "while it waits for a director"
    if standing(vault.ports):
        vault.accept()
    for _ in range(3):
        vault.work()
    assert standing(vault.ports) == ()
    opened = set(vault.opens())
    assert not known & opened
    backed_up = {each.id for each in history.living if history.stored[each.id] <= min(reached.values())}
    assert backed_up <= opened
    if reached[Store.RECORDS] != NEVER:
        with vault.ports.store.reading() as tx:
            assert all(share.revoked_at for share in tx.shares(vault.dossier)), "open links ended"
