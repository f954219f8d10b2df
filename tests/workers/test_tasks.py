"""What the worker does at a tick: repeatable, and put off, not failed, when the store is away."""

from __future__ import annotations

import dataclasses
import json
import logging
import os
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from tests.actors import TOKEN, Practice
from tests.health import checks
from tests.infra.serving import until
from tests.installation import built
from vault.adapters.sql.migrate import migrate_database, migrate_keystore
from vault.errors import UnavailableError
from vault.flows import health
from vault.flows.audit import auditing
from vault.flows.clock import trusting
from vault.flows.erasures import retention
from vault.flows.erasures.erasing import Erased
from vault.logs import JsonLines
from vault.ports.errors import ConflictError
from vault.settings import Settings
from vault.settings.values import Clock
from vault.wiring import keystore, make_keys, records
from workers import nightly, tasks


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DOSSIER_DATA", str(tmp_path))
    settings = Settings.from_environment(os.environ)
    make_keys(settings, settings, set_up=False)
    for engine, migrate in ((records(settings), migrate_database), (keystore(settings), migrate_keystore)):
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
    monkeypatch.setattr(retention, "sweep", lambda *_: Erased(begun=2, found=3, certified=1))
    tasks.sweep()
    assert said(caplog) == [("INFO", "erased", {"begun": 2, "certified": 1})]


def said(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str, object]]:
    mine = [record for record in caplog.records if record.name == "worker"]
    return [(record.levelname, record.getMessage(), record.fields) for record in mine]  # type: ignore[attr-defined]


def test_a_sweep_leaves_its_heartbeat_by_the_installations_clock(data, monkeypatch):
    monkeypatch.setenv("DOSSIER_CLOCK_OFFSET", "+1827d")
    tasks._settings.cache_clear()
    tasks.sweep()
    with tasks._ports().store.transaction() as tx:
        beat = tx.heartbeats()["sweep"]
    assert abs(beat - datetime.now(UTC) - timedelta(days=1827)) < timedelta(minutes=1)


def test_a_checkpoint_is_signed_every_time_once_there_is_a_practice(data, caplog):
    caplog.set_level(logging.INFO)
    tasks.checkpoint()
    assert said(caplog) == [], "nothing to sign yet"
    practice = settled(data)
    practice.open_dossier()
    tasks.checkpoint()
    tasks.checkpoint()
    expected = [("INFO", "checkpoint signed", {"sequence": number, "chains": 1}) for number in (1, 2)]
    assert said(caplog) == expected


def settled(data: Path) -> Practice:
    """A practice on the worker's own stores."""
    ports = dataclasses.replace(built(tasks._settings()), setup_token=lambda: TOKEN, spend_setup_token=lambda: None)
    return Practice(ports, datetime.now(UTC)).set_up()


def test_a_comparison_tells_what_it_found_and_alarms_for_what_is_missing(data, caplog):
    caplog.set_level(logging.INFO)
    practice = settled(data)
    dossier = practice.open_dossier()
    practice.deposit(dossier)
    tasks.compare()
    practice.ports.objects.remove(list(practice.ports.objects.names()))
    tasks.compare()
    nothing = {"orphans": 0, "removed": 0, "missing": 0}
    assert said(caplog) == [
        ("INFO", "rows and objects compared", nothing),
        ("ERROR", "objects of stored documents are missing", nothing | {"missing": 1}),
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


@pytest.mark.parametrize("fault", [UnavailableError, ConflictError])
@pytest.mark.parametrize("name", ["sweep", "checkpoint", "compare", "tidy", "turn"])
def test_a_store_that_is_away_or_a_worker_that_was_first_puts_the_work_off(data, monkeypatch, caplog, name, fault):
    def away(*_: object) -> None:
        raise fault("the disk of somebody's secret place is full")

    for flow in ("reconcile", "compare"):
        monkeypatch.setattr(retention, flow, away)
    monkeypatch.setattr(auditing, "checkpoint", away)
    monkeypatch.setattr(tasks, "remove_leftovers", away)
    monkeypatch.setattr(type(tasks._ports().keystore), "turn", away)
    getattr(tasks, name)()
    (record,) = [record for record in caplog.records if record.name == "worker"]
    assert "put off" in record.getMessage()
    line = json.loads(JsonLines().format(record))
    assert line["error"] == f"{fault.__module__}.{fault.__name__}"
    assert "secret" not in json.dumps(line)


def test_what_the_night_missed_is_made_up_for_by_a_sweep_once(data, caplog, monkeypatch):
    settled(data)
    caplog.set_level(logging.INFO)
    monkeypatch.setenv("DOSSIER_CLOCK_OFFSET", "+27h")
    tasks._settings.cache_clear()
    tasks.sweep()
    assert [words for _, words, _ in said(caplog)] == ["rows and objects compared", "keystore turned"]
    tasks.sweep()
    assert len(said(caplog)) == 2


def test_who_fails_at_it_tries_again_after_an_hour_and_not_at_every_tick(data):
    practice = settled(data)
    begun = practice.now + nightly.LATE_AFTER + timedelta(seconds=1)
    assert nightly.claim(practice.ports, begun - timedelta(minutes=1)) == []
    assert nightly.claim(practice.ports, begun) == ["compare", "turn"]
    assert nightly.claim(practice.ports, begun + timedelta(minutes=59)) == []
    assert nightly.claim(practice.ports, begun + timedelta(minutes=61)) == ["compare", "turn"]


def test_before_there_is_a_practice_no_night_is_missed(data):
    assert nightly.claim(tasks._ports(), datetime.now(UTC) + timedelta(days=9)) == []


HALF_A_YEAR = timedelta(days=183)


def test_a_start_half_a_year_ahead_destroys_nothing_is_told_at_once_and_is_over_once_mended(data, caplog, monkeypatch):
    practice = settled(data)
    long_ago = practice.now.date() - timedelta(days=1900)
    monkeypatch.setattr(practice, "trajectory", partial(practice.trajectory, start=long_ago, end=long_ago))
    practice.open_dossier()  # due in 30 days
    tasks.sweep()
    state, real = rows_of(practice), Clock.now
    monkeypatch.setattr(Clock, "now", lambda clock: real(clock) + HALF_A_YEAR)
    for task in (tasks.sweep, tasks.checkpoint, tasks.compare, tasks.tidy, tasks.turn):
        task()
    assert rows_of(practice) == state
    assert "the clock is in doubt" in caplog.text
    assert not red(practice, datetime.now(UTC) + HALF_A_YEAR).ok
    monkeypatch.setattr(Clock, "now", real)
    tasks.sweep()
    assert rows_of(practice) == state
    assert red(practice, datetime.now(UTC)).ok
    monkeypatch.setattr(Clock, "now", lambda clock: real(clock) + HALF_A_YEAR)
    trusting.agree(practice.ports, practice.director.caller, Clock().now(), Clock().now(), timedelta(0))
    tasks.sweep()
    assert rows_of(practice) != state, "a director agreed, and the dossier was due"


def red(practice: Practice, now: datetime) -> health.Check:
    """What health says of the clock."""
    return next(check for check in checks(practice.ports, now) if check.name == health.CLOCK)


def rows_of(practice: Practice) -> tuple[object, ...]:
    """What the worker would have changed."""
    with practice.ports.store.reading() as tx:
        return tx.newest("tombstone"), tx.newest("checkpoint"), tx.due_dossiers(practice.now + timedelta(days=999), 9)
