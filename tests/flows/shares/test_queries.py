"""What a look at a share asks of the databases: as little for many documents as for one (docs/PERFORMANCE.md, row 5)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, event

from tests.actors import NOW, Practice, memory_ports
from tests.contract.places import sql_keystore, sql_store
from vault.flows.shares import pickup


@pytest.fixture
def practice(tmp_path):
    return Practice(replace(memory_ports(), store=sql_store(tmp_path), keystore=sql_keystore(tmp_path))).set_up()


@pytest.fixture
def dossier(practice):
    return practice.open_dossier()


@contextmanager
def asked(practice: Practice) -> Iterator[list[str]]:
    """The queries of the block, and where each unit of work began."""
    ports: Any = practice.ports
    engines: list[Engine] = [ports.store._engine, ports.keystore._engine]
    seen: list[str] = []

    def query(*arguments: Any) -> None:
        seen.append(arguments[2])

    def begin(_: object) -> None:
        seen.append("BEGIN")

    for engine in engines:
        event.listen(engine, "before_cursor_execute", query)
        event.listen(engine, "begin", begin)
    try:
        yield seen
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", query)
            event.remove(engine, "begin", begin)


def look(practice: Practice, link: Any) -> pickup.CoverView:
    answer = pickup.cover(practice.ports, link.id, pickup.Proofs(link.possess, link.open), NOW)
    assert isinstance(answer, pickup.CoverView)
    return answer


@pytest.mark.parametrize("documents", [1, 7])
def test_a_look_is_three_queries_in_two_units_of_work_that_only_read(practice, dossier, documents, monkeypatch):
    link = practice.share(dossier, [practice.deposit(dossier) for _ in range(documents)])
    monkeypatch.setattr(type(practice.ports.store), "transaction", None)
    with asked(practice) as seen:
        assert len(look(practice, link).entries) == documents
    assert [line.split()[0] for line in seen] == ["BEGIN", "SELECT", "SELECT", "BEGIN", "SELECT"]
    assert ["share" in seen[1], "entry" in seen[2], "shred_key" in seen[4]] == [True] * 3


def test_a_right_passphrase_is_judged_where_guesses_are_counted(practice, dossier):
    """A right one that was judged elsewhere would be told from a wrong one however many had been tried."""
    link = practice.share(dossier, [practice.deposit(dossier)], mode="passphrase")
    with asked(practice) as seen:
        look(practice, link)
    assert [line.split()[0] for line in seen] == [
        *("BEGIN", "SELECT"),
        *("BEGIN", "SELECT", "SELECT"),
        *("BEGIN", "SELECT"),
    ]
