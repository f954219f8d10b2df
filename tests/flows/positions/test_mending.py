"""A damaged row of a roster or a policy is put back from its copy, and by nothing that does not follow."""

from __future__ import annotations

import dataclasses

import pytest

from tests.actors import Practice
from tests.flows.positions.test_restoring import worker
from vault.domain.people import ChainRow
from vault.errors import IntegrityError
from vault.flows import context
from vault.flows.context import rosters
from vault.flows.people.rosters import newest_policy
from vault.flows.positions import mending
from vault.flows.positions.adopting import adopt
from vault.flows.positions.copies import copy_name, keep_copies
from vault.flows.positions.mending import mend_chains
from vault.records.encoding import RecordError
from vault.records.strict_json import dump
from vault.rules.rosters import RosterError


@pytest.fixture
def copied(practice: Practice) -> Practice:
    """Three rosters and a policy, each with its copy."""
    adopt(practice.ports)
    practice.appoint("Carla")
    practice.appoint("Bert")
    worker(practice)
    mending._told.over()
    return practice


def rows(practice: Practice) -> dict[tuple[str, int], ChainRow]:
    return practice.ports.store._tables.chain  # type: ignore[attr-defined,no-any-return]


def chains(practice: Practice) -> dict[tuple[str, int], ChainRow]:
    return {key: row for key, row in rows(practice).items() if key[0] in ("roster", "policy")}


def damage(practice: Practice, key: tuple[str, int], part: str) -> None:
    row = rows(practice)[key]
    spoilt = "0" * 64 if part == "hash" else getattr(row, part)[:-9]
    rows(practice)[key] = dataclasses.replace(row, **{part: spoilt})
    context._verified.clear()


def works(practice: Practice) -> bool:
    """Whether a process that starts now can go on."""
    try:
        with practice.ports.store.reading() as tx:
            newest_policy(tx)
            return rosters(tx).newest.version == 3
    except (IntegrityError, RecordError, RosterError):
        return False


@pytest.mark.parametrize("part", ["record", "signatures", "hash"])
@pytest.mark.parametrize("key", [("roster", 1), ("roster", 2), ("roster", 3), ("policy", 1)])
def test_what_was_damaged_is_put_back_as_it_was(copied: Practice, key: tuple[str, int], part: str, caplog) -> None:
    before = dict(chains(copied))
    damage(copied, key, part)
    assert chains(copied) != before
    mend_chains(copied.ports)
    assert chains(copied) == before
    assert works(copied)
    assert "put back from its copy" in caplog.text
    caplog.clear()
    mend_chains(copied.ports)
    assert not caplog.text


def test_several_are_put_back_at_once(copied: Practice) -> None:
    before = dict(chains(copied))
    for key in before:
        damage(copied, key, "record")
    assert not works(copied)
    mend_chains(copied.ports)
    assert chains(copied) == before


def replaced(practice: Practice, kind: str, version: int, other: bytes | None) -> None:
    objects = practice.ports.objects._objects  # type: ignore[attr-defined]
    if other is None:
        del objects[copy_name(kind, version)]
    else:
        objects[copy_name(kind, version)] = other


@pytest.mark.parametrize("lie", ["gone", "nonsense", "another version", "another practice"])
@pytest.mark.parametrize("key", [("roster", 1), ("roster", 2), ("policy", 1)])
def test_a_copy_that_does_not_follow_changes_nothing_and_is_said_once(
    copied: Practice, key: tuple[str, int], lie: str, caplog
) -> None:
    damage(copied, key, "record")
    before, objects = dict(chains(copied)), copied.ports.objects._objects  # type: ignore[attr-defined]
    other = Practice().set_up()
    adopt(other.ports)
    other.appoint("Eve")
    worker(other)
    theirs = other.ports.objects._objects  # type: ignore[attr-defined]
    lies = {
        "gone": None,
        "nonsense": b"{}",
        "another version": objects[copy_name("roster", 3)],
        "another practice": theirs[copy_name(*key)],
    }
    replaced(copied, *key, lies[lie])
    caplog.clear()
    for _ in range(3):
        mend_chains(copied.ports)
    assert chains(copied) == before
    assert caplog.text.count("have no copy that follows") == 1


def test_a_policy_of_another_version_is_no_copy(copied: Practice) -> None:
    with copied.ports.store.reading() as tx:
        policy = newest_policy(tx)
    other = copied.sign("policy", dataclasses.replace(policy, version=2, previous=policy.hash).content())
    damage(copied, ("policy", 1), "record")
    before = dict(chains(copied))
    replaced(copied, "policy", 1, dump(other.to_json()))
    mend_chains(copied.ports)
    assert chains(copied) == before


def test_before_the_set_up_there_is_nothing_to_mend() -> None:
    mend_chains(Practice().ports)


def test_what_is_damaged_gets_no_copy(copied: Practice) -> None:
    copied.appoint("Dora")
    damage(copied, ("roster", 4), "record")
    with pytest.raises((IntegrityError, RecordError)):
        keep_copies(copied.ports)
    assert copied.ports.objects.size(copy_name("roster", 4)) is None
