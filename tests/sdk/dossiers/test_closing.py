"""Closing starts the clock of retention, reopening stops it, and both sides give the same day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.client.house import House
from vault.rules.terms import GRACE, add_months, first_day_after
from vault.sdk.device.clock import local_day
from vault.sdk.documents.listing import list_documents
from vault.sdk.dossiers.closing import RetentionError, close, plan, reopen, retention, trajectories
from vault.sdk.dossiers.finding import list_dossiers, load_dossier
from vault.sdk.errors import AnswerError


def test_a_closed_dossier_says_when_it_is_destroyed_and_a_reopened_one_does_not(house: House) -> None:
    dossier = house.open()
    today = local_day(house.signed_in.now())
    assert retention(dossier) is None
    day = close(dossier)
    assert day == add_months(today, 60)
    [listed] = list_dossiers(house.again())
    assert listed.destroy_on == day
    [seen] = house.signed_in.pins.terms[dossier.id].values()
    assert seen.number == 2
    again = load_dossier(house.signed_in, dossier.id)
    sequence = again.index.sequence
    assert close(again) == day
    assert again.index.sequence == sequence
    assert reopen(again) is None
    assert reopen(again) is None
    assert again.index.sequence == sequence + 1
    [seen] = house.again().pins.terms[dossier.id].values()
    assert seen.number == 3


def test_an_end_before_the_dossier_was_opened_here_moves_the_start(house: House) -> None:
    dossier = house.open()
    assert close(dossier, date(2024, 2, 29)) == date(2029, 2, 28)
    [one] = trajectories(dossier)
    assert (one.start, one.end, one.version) == (date(2024, 2, 29), date(2024, 2, 29), 2)
    assert close(dossier, date(2024, 3, 31)) == date(2029, 3, 31)


def test_a_day_of_years_ago_leaves_thirty_days_and_a_director_may_go_without(house: House) -> None:
    dossier = house.open()
    planned = plan(dossier, date(2019, 1, 1))
    soon = first_day_after(house.signed_in.now() + GRACE)
    assert soon <= (planned.destroy_on or soon) <= soon + timedelta(days=1)
    assert close(dossier, date(2019, 1, 1)) == planned.destroy_on
    assert close(dossier, grace=False) == date(2024, 1, 1)
    assert close(dossier) == date(2024, 1, 1)
    assert close(dossier, date(2019, 1, 2)) == planned.destroy_on
    assert reopen(dossier) is None
    assert trajectories(dossier)[0].grace


def test_two_devices_close_at_once(house: House) -> None:
    one = house.open()
    two = load_dossier(house.device("two"), one.id)
    assert two.index.sequence == 1
    house.put(one, a=b"a")
    assert close(two) is not None
    assert {each.record.hash for each in list_documents(one)} < set(two.records)


def test_a_server_that_names_another_day_is_refused(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    dossier = house.open()
    close(dossier)
    get = type(dossier.signed_in.api).get

    def lie(self: Any, path: str, **rest: Any) -> dict[str, Any]:
        return {**get(self, path, **rest), "retention": {"destroy_on": "2026-12-01"}}

    monkeypatch.setattr(type(dossier.signed_in.api), "get", lie)
    with pytest.raises(RetentionError):
        retention(dossier)


def test_a_server_that_hides_the_trajectory_is_refused(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    dossier = house.open()
    monkeypatch.setattr("vault.sdk.dossiers.closing.dossier_records", lambda *_, **__: iter(()))
    with pytest.raises(AnswerError):
        trajectories(dossier)
