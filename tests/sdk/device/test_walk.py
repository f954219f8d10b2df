"""Each path is a document, or says for itself why not; no link, pipe or loop stops the others."""

import os
from pathlib import Path

import pytest

from vault.sdk.device.walk import MAX_DEPTH, Found, Unusable, collect


def reasons(*paths: Path) -> dict[str, str]:
    return {item.name: item.reason for item in collect(paths) if isinstance(item, Unusable)}


def found(*paths: Path) -> list[tuple[str, str]]:
    return [(item.folder, item.name) for item in collect(paths) if isinstance(item, Found)]


def test_a_folder_gives_everything_in_it_in_order(tmp_path: Path) -> None:
    scans = tmp_path / "scans"
    (scans / "sub").mkdir(parents=True)
    for name in ("b.pdf", "a.pdf", "sub/c.pdf"):
        (scans / name).touch()
    assert found(scans) == [("scans", "a.pdf"), ("scans", "b.pdf"), ("scans/sub", "c.pdf")]
    assert found(scans / "a.pdf", scans / "a.pdf") == [("", "a.pdf")]


def test_the_current_folder_gives_no_folder_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "a").touch()
    monkeypatch.chdir(tmp_path / "in")
    assert found(Path("..")) == [("", "a")]
    monkeypatch.chdir(tmp_path)
    assert found(Path()) == [("", "a")]


def test_special_files_and_links_are_said_one_by_one(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "plain").touch()
    (tmp_path / "link").symlink_to("plain")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "gone").symlink_to("nowhere")
    (tmp_path / "up").symlink_to("..")
    (tmp_path / "device").symlink_to("/dev/null")
    assert reasons(tmp_path) == {
        "fifo": "special_file",
        "loop": "link_loop",
        "gone": "missing",
        "up": "linked_folder",
        "device": "special_file",
    }
    assert [name for _, name in found(tmp_path)] == ["link", "plain"]
    assert reasons(tmp_path / "not there") == {"not there": "missing"}


def test_a_name_that_cannot_be_kept_fails_alone(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/bad\xff")).touch()
    (tmp_path / "back\\slash").touch()
    (tmp_path / "good").touch()
    assert reasons(tmp_path) == {"bad\ufffd": "name_invalid", "back\\slash": "name_invalid"}
    assert [name for _, name in found(tmp_path)] == ["good"]


def test_a_folder_that_cannot_be_read_fails_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shut").mkdir()
    (tmp_path / "good").touch()
    real = Path.iterdir

    def guarded(self: Path):  # root may read everything, so the refusal is played
        if self.name == "shut":
            raise PermissionError(13, "no")
        return real(self)

    monkeypatch.setattr(Path, "iterdir", guarded)
    assert reasons(tmp_path) == {"shut": "unreadable"}


def test_folders_without_end_are_not_followed(tmp_path: Path) -> None:
    deep = tmp_path
    for _ in range(MAX_DEPTH + 1):
        deep = deep / "d"
    deep.mkdir(parents=True)
    assert reasons(tmp_path / "d") == {"d": "too_deep"}
