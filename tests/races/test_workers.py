"""Several workers at once: each erasure is done once, and none keeps another from it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.actors import NOW
from tests.contract.places import postgres_keystore, postgres_store
from tests.flows.erasures.test_erasing import ask, erased
from tests.races.house import House, at_once
from vault.domain.erasures import ErasureState
from vault.errors import UnavailableError
from vault.flows.audit.auditing import chain, entries
from vault.flows.context import Ports
from vault.flows.documents import deposit
from vault.flows.erasures import erasing, retention
from vault.flows.erasures.erasing import Erased
from vault.records.types.tombstone import Tombstone

NOTHING = Erased(begun=0, found=0, certified=0)


@pytest.fixture
def asked(house: House) -> list[Any]:
    """Twelve erasures, every other one of a whole dossier."""
    found = []
    for number in range(12):
        dossier = house.practice.open_dossier()
        document = house.practice.deposit(dossier)
        found.append((dossier, document, ask(house.practice, dossier, [document.id] if number % 2 else ()).erasure.id))
    return found


def workers(house: House, number: int) -> list[Ports]:
    ports = house.practice.ports
    folder = house.folder
    return [replace(ports, store=postgres_store(folder), keystore=postgres_keystore(folder)) for _ in range(number)]


def all_done(house: House, asked: list[Any]) -> bool:
    return all(erased(house.practice, id_).state is ErasureState.CERTIFIED for _, _, id_ in asked)


def check_done_once(house: House, asked: list[Any]) -> None:
    ports = house.practice.ports
    buried = [Tombstone.read(envelope).subject for envelope in chain(ports, "tombstone", 0, 100).items]
    assert len(buried) == len(set(buried)) == len(asked)
    for dossier, document, _ in asked:
        assert not ports.keystore.exists(deposit.subject_of(document.id))
        lines = entries(ports, house.practice.director.caller, dossier, 0, 100)
        events = [line.event for line in lines]
        steps = ["begun", "fenced", "shredded", "removed", "verified", "certified"]
        assert [event for event in events if event.startswith("erasure_")][1:] == [f"erasure_{step}" for step in steps]


def test_four_workers_that_are_told_to_sweep_at_once_finish_and_do_it_once(house: House, asked: list[Any]) -> None:
    ports = workers(house, 4)
    done = at_once(lambda number: retention.sweep(ports[number], NOW), 4)
    assert sum(each.certified for each in done) == len(asked), "nobody was overtaken, so nobody failed"
    assert all_done(house, asked)
    check_done_once(house, asked)


def test_a_worker_that_is_told_to_sweep_while_another_turns_the_keystore_leaves_it_to_it(
    house: House, asked: list[Any]
) -> None:
    """Else each tick would take the turn over from the one before, and where it lasts longer none would end it."""
    other, told = workers(house, 1)[0], []

    def tick(_: str) -> None:
        told.append(retention.sweep(other, NOW))

    slow = replace(house.door(0), keystore=postgres_keystore(house.folder, step=tick))
    assert retention.sweep(slow, NOW).certified == len(asked)
    assert told
    assert set(told) == {NOTHING}


def test_even_workers_that_sweep_against_each_other_do_everything_once(house: House, asked: list[Any]) -> None:
    """Where the lock was lost with its connection: an overtaken one fails, and the next tick finishes."""
    ports = workers(house, 3)

    def work(number: int) -> None:
        while not all_done(house, asked):
            try:
                erasing.sweep(ports[number], NOW)
            except UnavailableError:
                continue

    at_once(work, len(ports))
    check_done_once(house, asked)
