"""An erasure that was asked for while the clocks ran ahead begins when it should have, once they are mended."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.actors import NOW, Practice
from tests.flows.erasures.test_erasing import DELAY, ask, erased
from vault.domain.erasures import ErasureState
from vault.flows.erasures import erasing
from vault.records.strict_json import dump
from vault.rules.verdict import Refused

AHEAD = NOW + timedelta(days=180)
SOON = NOW + timedelta(minutes=10)


def from_ahead(practice: Practice, dossier: str, basis: str, day: datetime) -> str:
    """A request whose device says `day`, kept by a server half a year ahead."""
    asked = ask(practice, dossier, basis=basis, now=AHEAD, not_before=day, expires=day + timedelta(days=300), at=day)
    return str(asked.erasure.id)


def test_a_clients_wish_is_done_at_once_when_the_servers_clock_is_mended(practice: Practice, dossier: str) -> None:
    id_ = from_ahead(practice, dossier, "client", NOW)
    assert erased(practice, id_).not_before == AHEAD
    erasing.sweep(practice.ports, SOON)
    assert erased(practice, id_).state is ErasureState.CERTIFIED
    assert erased(practice, id_).requested_at == SOON


def test_staffs_delay_begins_anew_and_is_no_longer(practice: Practice, dossier: str) -> None:
    id_ = from_ahead(practice, dossier, "staff", NOW)
    for _ in range(2):
        erasing.sweep(practice.ports, SOON)
        assert erased(practice, id_).state is ErasureState.REQUESTED
        assert erased(practice, id_).not_before == SOON + DELAY
    erasing.sweep(practice.ports, SOON + DELAY)
    assert erased(practice, id_).state is ErasureState.CERTIFIED


def test_what_was_asked_for_by_a_right_clock_keeps_its_time(practice: Practice, dossier: str) -> None:
    id_ = ask(practice, dossier, basis="staff").erasure.id
    erasing.sweep(practice.ports, SOON)
    assert (erased(practice, id_).requested_at, erased(practice, id_).not_before) == (NOW, NOW + DELAY)


class TestBothClocksAhead:
    @pytest.fixture
    def asked(self, practice: Practice, dossier: str) -> str:
        return from_ahead(practice, dossier, "client", AHEAD)

    def test_nobody_begins_before_the_signed_day(self, practice: Practice, dossier: str, asked: str) -> None:
        erasing.sweep(practice.ports, SOON)
        assert erased(practice, asked).state is ErasureState.REQUESTED
        assert erased(practice, asked).not_before == AHEAD

    def test_another_request_of_the_client_takes_its_place(self, practice: Practice, dossier: str, asked: str) -> None:
        again = ask(practice, dossier, now=SOON).erasure.id
        assert erased(practice, asked).state is ErasureState.WITHDRAWN
        erasing.sweep(practice.ports, SOON)
        assert erased(practice, again).state is ErasureState.CERTIFIED

    def test_staff_puts_off_no_wish_of_the_client(self, practice: Practice, dossier: str, asked: str) -> None:
        assert ask(practice, dossier, basis="staff", now=SOON) == Refused("state")
        assert erased(practice, asked).state is ErasureState.REQUESTED

    def test_one_of_a_right_clock_is_replaced_by_nobody(self, practice: Practice, dossier: str) -> None:
        first = ask(practice, dossier, basis="staff").erasure.id
        assert ask(practice, dossier, now=SOON) == Refused("state")
        assert erased(practice, first).state is ErasureState.REQUESTED


@pytest.mark.parametrize("damage", ["gone", "damaged"])
def test_a_request_that_nobody_can_read_moves_nothing(practice: Practice, dossier: str, damage: str) -> None:
    id_ = from_ahead(practice, dossier, "staff", NOW)
    records = practice.ports.store._tables.record  # type: ignore[attr-defined]
    [(hash_, row)] = [(hash_, row) for hash_, row in records.items() if row.kind == "erasure"]
    if damage == "gone":
        del records[hash_]
    else:
        records[hash_] = replace(row, record=dump({"not": "it"}))
    erasing.sweep(practice.ports, SOON)
    assert erased(practice, id_).not_before == AHEAD + DELAY
