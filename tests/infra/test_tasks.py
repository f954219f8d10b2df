"""What the worker does at a tick: repeatable, and put off, not failed, when the store is away."""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from pathlib import Path

import pytest

from tests.infra.serving import until
from vault.adapters.migrate import migrate_keystore, migrate_records
from vault.errors import UnavailableError
from vault.flows import retention
from vault.settings import Settings
from vault.wiring import keystore, records
from workers import tasks
from workers.logs import JsonLines


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DOSSIER_DATA", str(tmp_path))
    settings = Settings.from_environment(os.environ)
    for engine, migrate in ((records(settings), migrate_records), (keystore(settings), migrate_keystore)):
        migrate(engine)
        engine.dispose()
    tasks._settings.cache_clear()
    tasks._ports.cache_clear()
    yield tmp_path
    tasks._settings.cache_clear()
    tasks._ports.cache_clear()


def test_a_sweep_that_finds_nothing_changes_nothing_however_often_it_comes(data, caplog):
    caplog.set_level(logging.INFO)
    for _ in range(3):
        tasks.sweep()
    assert [record.getMessage() for record in caplog.records if record.name == "worker"] == []


def test_a_sweep_tells_how_many_and_nothing_else(data, caplog, monkeypatch):
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(retention, "reconcile", lambda *_: retention.Reconciled(documents=2, sessions=1))
    tasks.sweep()
    assert [(record.getMessage(), record.fields) for record in caplog.records if record.name == "worker"] == [
        ("swept", {"documents": 2, "sessions": 1})
    ]


def test_half_written_files_of_yesterday_go_and_todays_stay(data):
    tasks.tidy()
    incoming = data / "objects" / ".incoming"
    for name, age in (("old", 90_000), ("young", 60)):
        (incoming / name).touch()
        os.utime(incoming / name, (time.time() - age, time.time() - age))
    tasks.tidy()
    assert [path.name for path in incoming.iterdir()] == ["young"]


def test_a_turn_leaves_one_generation_key(data):
    tasks.turn()
    tasks.turn()
    until(lambda: len(list((data / "keys").glob("generation-*"))) == 1)


@pytest.mark.parametrize("name", ["sweep", "tidy", "turn"])
def test_a_store_that_is_away_puts_the_work_off(data, monkeypatch, caplog, name):
    def away(*_: object) -> None:
        raise UnavailableError("the disk of somebody's secret place is full")

    monkeypatch.setattr(retention, "reconcile", away)
    monkeypatch.setattr(tasks, "remove_leftovers", away)
    monkeypatch.setattr(type(tasks._ports().keystore), "turn", away)
    getattr(tasks, name)()
    (record,) = [record for record in caplog.records if record.name == "worker"]
    assert "put off" in record.getMessage()
    line = json.loads(JsonLines().format(record))
    assert line["error"] == "vault.errors.UnavailableError"
    assert "secret" not in json.dumps(line)


def test_a_log_line_without_words_is_told_by_its_kind():
    try:
        int("quotes what came in")
    except ValueError:
        record = logging.LogRecord("celery", logging.ERROR, "f", 1, ValueError("x"), (), sys.exc_info())
    line = json.loads(JsonLines().format(record))
    assert line["event"] == "failed"
    assert "quotes" not in json.dumps(line)
