"""What is looked at when: every task has its hour, and no message outlives the next one."""

from __future__ import annotations

import importlib
from datetime import timedelta

import pytest
from celery.schedules import crontab

from vault.settings import Settings
from workers import tasks


@pytest.fixture
def app(tmp_path, monkeypatch):
    monkeypatch.setenv("DOSSIER_DATA", str(tmp_path))
    module = importlib.import_module("workers.app")
    return module.make_app(Settings.from_environment({"DOSSIER_DATA": str(tmp_path)}))


def test_every_task_has_its_hour(app):
    timetable = app.conf.beat_schedule
    assert set(timetable) == {entry["task"] for entry in timetable.values()}
    assert all(getattr(tasks, name).name == name for name in timetable)
    assert set(timetable) == {"sweep", "tidy", "checkpoint", "compare", "turn"}


@pytest.mark.parametrize(("name", "often"), [("checkpoint", 24), ("tidy", 24), ("compare", 1), ("turn", 1)])
def test_it_comes_so_often_a_day_and_expires_before_the_next(app, name, often):
    entry = app.conf.beat_schedule[name]
    assert isinstance(entry["schedule"], crontab)
    assert len(entry["schedule"].hour) * len(entry["schedule"].minute) == often
    assert entry["options"]["expires"] <= 86_400 / often


def test_the_sweep_comes_within_seconds(app):
    assert app.conf.beat_schedule["sweep"]["schedule"] <= timedelta(seconds=5)
