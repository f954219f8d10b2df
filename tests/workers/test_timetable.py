"""Beat's timetable after the clock ran ahead."""

from __future__ import annotations

import importlib
from datetime import timedelta

import pytest
from celery.beat import ScheduleEntry

from vault.settings import Settings
from workers.timetable import Timetable


@pytest.mark.parametrize("name", ["sweep", "turn"])
def test_what_was_sent_ahead_of_the_clock_is_due_now_and_then_in_its_turn(tmp_path, monkeypatch, name):
    monkeypatch.setenv("DOSSIER_DATA", str(tmp_path))
    app = importlib.import_module("workers.app").make_app(Settings.from_environment({"DOSSIER_DATA": str(tmp_path)}))
    timetable = Timetable(app, schedule_filename=str(tmp_path / "beat"), lazy=True)
    chosen = app.conf.beat_schedule[name]
    entry = ScheduleEntry(name=name, task=name, schedule=chosen["schedule"], app=app)
    now = entry.default_now()
    entry.last_run_at = now + timedelta(days=183)
    assert not entry.is_due()[0], "it would wait for half a year"
    assert timetable.is_due(entry)[0]
    assert not timetable.is_due(next(entry))[0]
