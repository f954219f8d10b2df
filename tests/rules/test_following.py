"""From a pinned link to the newest one; `3-following.json` has the rest."""

from __future__ import annotations

import dataclasses

import pytest

from tests.records import practice, samples
from vault.records.envelope import Envelope
from vault.records.types.index import Index
from vault.rules import following, merkle
from vault.rules.following import LinksMissing, RefusedLink, Way, follow, taken_back
from vault.rules.rights import first_head
from vault.rules.verdict import ALLOWED

HEADS = first_head(practice.head(practice.rosters()), practice.rosters())
A, B, C = "aa" * 32, "bb" * 32, "cc" * 32


@dataclasses.dataclass(frozen=True)
class Pin:
    sequence: int
    index: str
    root: str
    count: int
    roster: int = 1


def link(sequence: int, previous: Envelope | None, added: str, *listed: str, root: str | None = None) -> Envelope:
    stated = {"root": root or merkle.root(listed), "count": len(listed), "added": (added,)}
    return samples.index(sequence=sequence, previous=previous and previous.hash, **stated)


ONE = link(1, None, A, A)
TWO = link(2, ONE, B, A, B, root=merkle.root([A]))
THREE = link(3, TWO, C, A, B, C)
PIN = Pin(1, ONE.hash, merkle.root([A]), 1)
SHOWN = tuple(map(Index.read, (TWO, THREE)))


def test_roots_between_the_ends_are_passed_over_where_they_cost_too_much(monkeypatch):
    way = follow(PIN, SHOWN[:1], SHOWN[1], HEADS)
    assert isinstance(way, Way)
    assert taken_back(way, PIN, [A, B, C]) == RefusedLink("root_differs", 3)
    monkeypatch.setattr(following, "MAX_NODES", 1)
    assert taken_back(way, PIN, [A, B, C]) == ALLOWED
    assert taken_back(way, dataclasses.replace(PIN, count=2), [A, B, C]) == RefusedLink("root_differs", 2)
    assert taken_back(way, PIN, [A, B]) == RefusedLink("root_differs", 3)


@pytest.mark.parametrize(("number", "shown"), [(4, SHOWN[1]), (3, SHOWN[1])])
def test_less_or_another_than_was_pinned_is_refused(number, shown):
    found = follow(dataclasses.replace(PIN, sequence=number), (), shown, HEADS)
    assert getattr(found, "reason", None) == ("rolled_back" if number == 4 else "forked")


def test_the_pinned_link_itself_is_no_way_at_all():
    assert follow(dataclasses.replace(PIN, sequence=3, index=SHOWN[1].hash), (), SHOWN[1], HEADS) == Way()
    assert taken_back(Way(), PIN, [A]) == ALLOWED


def test_what_is_shown_behind_the_newest_is_not_looked_at():
    found = follow(PIN, (SHOWN[1], SHOWN[0]), SHOWN[1], HEADS)
    assert found == LinksMissing("links_missing", 2, 2, TWO.hash)
