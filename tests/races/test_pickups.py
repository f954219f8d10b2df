"""However many take the last copy at the same moment, one gets it (R10)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

import pytest

from tests.actors import Link
from tests.races.house import House, Meeting, at_once, runs
from vault.domain.shares import LONGEST_PICKUP
from vault.flows.audit.auditing import entries
from vault.flows.documents.reading import Body
from vault.flows.shares import pickup, sharing
from vault.flows.shares.pickup import UNAVAILABLE, Released
from vault.flows.shares.shredding import shred_over

MANY = 1000


def take(house: House, link: Link, names: Sequence[bytes], *, meeting: bool) -> list[Any]:
    if not meeting:
        return at_once(lambda number: house.pick_up(number, link, names[number]), MANY)
    gate = Meeting(house.practice.ports.keystore, MANY)
    return at_once(lambda number: house.pick_up(number, link, names[number], keystore=gate), MANY)


def written_down(house: House, link: Link) -> tuple[int, int, int]:
    """What the share counted, its disclosures, its lines in the audit."""
    ports, dossier = house.practice.ports, link.envelope.fields["dossier"]
    with ports.store.reading() as tx:
        share, disclosures = tx.share(link.id), tx.disclosures(link.id)
    audit = entries(ports, house.practice.director.caller, dossier, 0, 10_000)
    assert isinstance(audit, list)
    assert share is not None
    lines = [line for line in audit if line.event == "picked_up" and link.id.encode() in (line.details or b"")]
    return share.used, len(disclosures), len(lines)


@pytest.fixture
def names() -> list[bytes]:
    return [secrets.token_bytes(16) for _ in range(MANY)]


@pytest.mark.parametrize("meeting", [True, False], ids=["all in the claim", "as they come"])
def test_a_thousand_who_take_the_only_copy_at_once_get_it_once(
    light: House, names: list[bytes], *, meeting: bool
) -> None:
    dossier = light.practice.open_dossier()
    document = light.practice.deposit(dossier)
    for _ in range(runs(3)):
        link = light.practice.share(dossier, [document], max=1)
        answers = take(light, link, names, meeting=meeting)
        assert sum(isinstance(answer, Released) for answer in answers) == 1
        assert answers.count(UNAVAILABLE) == MANY - 1
        assert written_down(light, link) == (1, 1, 1)


def test_a_thousand_who_take_five_copies_at_once_get_five(light: House, names: list[bytes]) -> None:
    dossier = light.practice.open_dossier()
    document = light.practice.deposit(dossier)
    link = light.practice.share(dossier, [document], max=5)
    answers = take(light, link, names, meeting=True)
    assert sum(isinstance(answer, Released) for answer in answers) == 5
    assert answers.count(UNAVAILABLE) == MANY - 5
    assert written_down(light, link) == (5, 5, 5)


def test_one_who_asks_a_thousand_times_at_once_is_counted_once(light: House, names: list[bytes]) -> None:
    dossier = light.practice.open_dossier()
    document = light.practice.deposit(dossier)
    link = light.practice.share(dossier, [document], max=1)
    answers = take(light, link, names[:1] * MANY, meeting=True)
    assert len(answers) == MANY
    assert {answer.capsules for answer in answers} == {((document.id, b"capsule of " + document.id.encode()),)}
    assert written_down(light, link) == (1, 1, 1)


def test_who_was_counted_fetches_all_of_it_while_the_worker_shreds(house: House) -> None:
    """The worker sweeps again and again while others ask: it finds the link used up, and its pick-up under way."""
    practice = house.practice
    dossier = practice.open_dossier()
    document = practice.deposit(dossier)
    links = [practice.share(dossier, [document], max=1) for _ in range(8)]
    names = [secrets.token_bytes(16) for _ in range(8)]

    def take_and_fetch(number: int) -> bytes | int:
        if number % 4 == 3:
            return sum(shred_over(house.door(number), practice.now) for _ in range(20))
        link, name = links[number // 4], names[number // 4]
        if not isinstance(house.pick_up(number, link, name), Released):
            return b""
        proofs = pickup.Proofs(link.possess, link.open)
        read = pickup.body(house.door(number), link.id, name, document.id, proofs, lambda: practice.now, 0, None)
        assert isinstance(read, Body)
        return b"".join(read.pieces)

    answers = at_once(take_and_fetch, 32)
    assert [answer for answer in answers if isinstance(answer, int)] == [0] * 8
    assert [answer for answer in answers if isinstance(answer, bytes)] == [document.body] * 24
    day = practice.now + 2 * LONGEST_PICKUP
    assert sum(at_once(lambda number: shred_over(house.door(number), day), 4)) == 8
    for link in links:
        assert not practice.ports.keystore.exists(sharing.subject_of(link.id))
    audit = entries(practice.ports, practice.director.caller, dossier, 0, 10_000)
    assert isinstance(audit, list)
    assert [line.event for line in audit].count("share_shredded") == 8
