"""The embedded queue: whole messages, never too many, nothing left behind."""

from __future__ import annotations

import importlib
import os
import stat
from pathlib import Path

import pytest
from kombu import Connection
from kombu.exceptions import ChannelError

from vault.settings import Settings
from workers import embedded_broker


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    embedded_broker.lay_out(tmp_path / "broker")
    monkeypatch.setattr("tempfile.tempdir", str(embedded_broker.folders(tmp_path / "broker")["reading"]))
    return tmp_path / "broker"


@pytest.fixture
def queue(root: Path):
    embedded_broker.Transport.global_state.clear()  # what it knows of another test's folders
    folders = embedded_broker.folders(root)
    options = {
        "data_folder_in": str(folders["messages"]),
        "data_folder_out": str(folders["messages"]),
        "control_folder": str(folders["exchanges"]),
    }
    with Connection(
        "filesystem://", transport="workers.embedded_broker:Transport", transport_options=options
    ) as connection:
        yield connection.SimpleQueue("dossier")


def test_what_goes_in_comes_out_and_leaves_nothing(root, queue):
    queue.put({"task": "sweep"}, serializer="json")
    assert queue.get(timeout=5).payload == {"task": "sweep"}
    assert list(embedded_broker.folders(root)["messages"].iterdir()) == []
    assert list(embedded_broker.folders(root)["reading"].iterdir()) == []


def test_a_reader_that_is_gone_does_not_fill_the_disk(root, queue):
    for _ in range(embedded_broker.MOST + 20):
        queue.put({}, serializer="json")
    assert len(list(embedded_broker.folders(root)["messages"].iterdir())) == embedded_broker.MOST


def test_a_disk_that_fails_leaves_no_half_message(root, queue, monkeypatch):
    def fail(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(ChannelError):
        queue.put({}, serializer="json")
    assert list(embedded_broker.folders(root)["messages"].iterdir()) == []


def test_laying_out_makes_private_folders_and_clears_what_an_earlier_run_left(root):
    for name, folder in embedded_broker.folders(root).items():
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        (folder / name).write_text("left")
    embedded_broker.lay_out(root)
    assert [path.name for path in root.rglob("*") if path.is_file()] == ["timetable"]


def test_messages_are_json_without_results_and_expire(tmp_path, monkeypatch):
    monkeypatch.setenv("DOSSIER_DATA", str(tmp_path))
    conf = (
        importlib.import_module("workers.app").make_app(Settings.from_environment({"DOSSIER_DATA": str(tmp_path)})).conf
    )
    assert conf.accept_content == ["json"]
    assert conf.result_backend is None
    assert all(entry["options"]["expires"] for entry in conf.beat_schedule.values())
