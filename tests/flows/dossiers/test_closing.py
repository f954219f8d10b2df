"""Closing starts the clock, reopening stops it, the day stands beside the dossier (R6)."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.actors import NOW
from vault.flows.dossiers import adding, indexing, opening, sealing, showing
from vault.rules.terms import start_of
from vault.rules.verdict import Refused


def change(practice, dossier, **changes):
    views = showing.records(practice.ports, practice.director.caller, dossier, "", 100)
    newest = next(v for v in views if v.envelope.kind == "trajectory" and v.state == "current")
    fields = newest.envelope.fields
    after = {"id": fields["trajectory"], "version": fields["version"] + 1, "previous": newest.hash}
    envelope = practice.trajectory(dossier, **{**after, **changes})
    listed = [hash_ for hash_ in practice.listed(dossier) if hash_ != newest.hash]
    index = practice.next_index(dossier, [*listed, envelope.hash])
    new = [sealing.NewRecord(envelope)]
    answer = adding.add_records(practice.ports, practice.director.caller, dossier, new, index, practice.now)
    if isinstance(answer, indexing.Advanced):
        practice.index[dossier] = index
    return answer


def destroy_on(practice, dossier):
    return showing.one(practice.ports, practice.director.caller, dossier).listed.dossier.destroy_on


@pytest.mark.parametrize(("end", "due"), [("2026-11-23", "2031-11-23"), ("2028-02-29", "2033-02-28")])
def test_five_years_after_the_end_of_the_trajectory(practice, dossier, end, due):
    assert destroy_on(practice, dossier) is None
    change(practice, dossier, end=date.fromisoformat(end))
    assert destroy_on(practice, dossier) == start_of(date.fromisoformat(due)).astimezone(UTC)


def test_a_term_that_is_over_already_leaves_thirty_days(practice, dossier):
    change(practice, dossier, start=date(2019, 1, 1), end=date(2019, 1, 1))
    assert destroy_on(practice, dossier) == start_of(date(2026, 12, 24))
    change(practice, dossier, start=date(2019, 1, 1), end=date(2019, 1, 1), grace=False)
    assert destroy_on(practice, dossier) == start_of(date(2024, 1, 1))


def test_a_device_whose_clock_is_years_back_does_not_use_up_the_days(practice, dossier):
    back = NOW - timedelta(days=1827)
    assert change(practice, dossier, start=back.date(), end=back.date(), at=back) == Refused("clock_wrong")
    assert destroy_on(practice, dossier) is None


def test_a_dossier_that_is_opened_with_an_ended_trajectory_gets_its_day(practice):
    new = practice.new_dossier()
    (profile, _), dossier = new.records, new.head.fields["dossier"]

    def opened(**changes):
        ended = practice.trajectory(dossier, end=NOW.date(), **changes)
        index = practice.next_index(dossier, [profile.envelope.hash, ended.hash])
        records = (profile, sealing.NewRecord(ended))
        began = dataclasses.replace(new, records=records, index=index)
        return opening.open_dossier(practice.ports, practice.director.caller, began, NOW)

    assert opened(at=NOW - timedelta(days=2)) == Refused("clock_wrong")
    assert isinstance(opened(), opening.Opened)
    assert destroy_on(practice, dossier) == start_of(date(2031, 11, 23))


def test_reopening_stops_the_clock(practice, dossier):
    change(practice, dossier, end=date(2026, 11, 23))
    change(practice, dossier, end=None)
    assert destroy_on(practice, dossier) is None


def test_a_second_trajectory_that_goes_on_keeps_everything(practice, dossier):
    change(practice, dossier, end=date(2026, 11, 23))
    later = practice.trajectory(dossier)
    index = practice.next_index(dossier, [*practice.listed(dossier), later.hash])
    new = [sealing.NewRecord(later)]
    adding.add_records(practice.ports, practice.director.caller, dossier, new, index, NOW)
    assert destroy_on(practice, dossier) is None
    assert datetime(2026, 11, 23, tzinfo=UTC) < NOW
