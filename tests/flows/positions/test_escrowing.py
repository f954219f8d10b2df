"""The worker seals the generation keys to who holds office in the newest roster, and to nobody else."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from nacl.signing import SigningKey

from tests.actors import NOW, Practice, memory_ports
from tests.health import checks
from tests.recipients import recipient
from vault.errors import IntegrityError
from vault.flows import health
from vault.flows.people import rosters
from vault.flows.positions.escrowing import renew
from vault.records.standing import Standing

DAY = timedelta(days=1)
SHEET = recipient("sheet")


def sealed_to(practice: Practice) -> set[str]:
    found = practice.ports.keystore.escrowed()
    assert found is not None
    return set(found.recipients)


def test_before_the_set_up_there_is_nobody_to_seal_to():
    ports = memory_ports()
    assert renew(ports, NOW) is False
    assert ports.keystore.escrowed() is None


def test_directors_and_the_sheet_can_open_it_and_a_coach_cannot(practice, coach):
    assert renew(practice.ports, NOW) is True
    assert sealed_to(practice) == {SHEET, practice.director.recipient}
    assert coach.recipient not in sealed_to(practice)
    assert renew(practice.ports, NOW + DAY) is False
    assert renew(practice.ports, NOW + 8 * DAY) is True


def test_a_new_director_is_added_and_one_who_left_goes_at_the_next_look(practice):
    renew(practice.ports, NOW)
    second = practice.appoint("Esther", "director")
    assert renew(practice.ports, NOW) is True
    assert sealed_to(practice) == {SHEET, practice.director.recipient, second.recipient}
    members = tuple(
        dataclasses.replace(each, until=NOW) if each.id == second.id else each for each in practice.chain.newest.members
    )
    root = SigningKey.generate()
    renewed = {"root": bytes(root.verify_key), "recovery": recipient("new sheet")}
    envelope = practice.next_roster(members, new_root=root, **renewed)
    practice.chain = practice.chain.append(envelope)
    sheet = rosters.NewSheet(b"n" * 32, b"lock")
    rosters.add_roster(practice.ports, practice.director.caller, envelope, [], NOW, sheet)
    assert renew(practice.ports, NOW) is True
    assert sealed_to(practice) == {recipient("new sheet"), practice.director.recipient}


@pytest.mark.parametrize("damage", ["row", "key", "gone"])
def test_a_director_whose_row_is_damaged_keeps_nobody_else_waiting(practice, caplog, damage):
    with practice.ports.store.transaction() as tx:
        row = tx.member(practice.director.id)
        if damage == "row":
            tx.update_member(dataclasses.replace(row, details=b"damaged"))
    if damage == "gone":
        del practice.ports.store._tables.member[practice.director.id]
    if damage == "key":
        practice.ports.keystore.shred([members_subject(practice)])
    assert renew(practice.ports, NOW) is True
    assert sealed_to(practice) == {SHEET}
    assert "not sealed to everybody" in caplog.text
    assert renew(practice.ports, NOW + timedelta(minutes=5)) is False
    assert renew(practice.ports, NOW + timedelta(hours=2)) is True, "she is asked for again"


def members_subject(practice: Practice):
    from vault.flows.people.members import subject_of  # noqa: PLC0415

    return subject_of(practice.director.id)


def test_a_recipient_that_the_roster_does_not_name_is_not_sealed_to(practice):
    other = dataclasses.replace(practice.director.details(), recipient=recipient("thief"))
    from vault.flows.people import members  # noqa: PLC0415

    row = members.seal_member(practice.ports, other, practice.director.credentials(), NOW)
    with practice.ports.store.transaction() as tx:
        tx.update_member(row)
    renew(practice.ports, NOW)
    assert sealed_to(practice) == {SHEET}


def test_rosters_of_another_practice_or_older_ones_are_sealed_to_nobody(practice):
    renew(practice.ports, NOW)
    known = practice.ports.keystore.escrowed()
    for kept in (
        dataclasses.replace(known, practice="ee" * 16),
        dataclasses.replace(known, roster=Standing(known.roster.version + 1, "ab" * 32)),
    ):
        practice.ports.keystore.escrow(kept)
        with pytest.raises(IntegrityError, match="not those that the escrow was made for"):
            renew(practice.ports, NOW + 30 * DAY)
        assert practice.ports.keystore.escrowed() == kept


def test_health_turns_red_a_day_after_the_last_look(practice):
    def check(now):
        return next(each for each in checks(practice.ports, now) if each.name == health.ESCROW)

    assert check(NOW + DAY).ok
    assert not check(NOW + 2 * DAY).ok
    renew(practice.ports, NOW + 2 * DAY)
    assert check(NOW + 3 * DAY).ok
    renew(practice.ports, NOW + 3 * DAY)
    assert check(NOW + 4 * DAY).ok
    assert "was not sealed" in check(NOW + 5 * DAY).advice or "were not sealed" in check(NOW + 5 * DAY).advice
