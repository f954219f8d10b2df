"""What only a directory can suffer: full disks, kills, links that lead elsewhere, files of others."""

from __future__ import annotations

import errno
import gc
import io
import os
import resource
import signal
import stat
from datetime import UTC, datetime, timedelta
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from tests.contract.test_objects import BODY, MIB, NAME, put, read, sha256
from vault.adapters import objects_directory
from vault.adapters.objects_directory import DirectoryObjects, checked_name
from vault.errors import IntegrityError, InvalidInputError, UnavailableError


def listed(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def held(root: Path) -> list[str]:
    """What this process has open at or below a folder."""
    handles = (os.path.realpath(handle) for handle in Path("/proc/self/fd").iterdir())
    return [place for place in handles if Path(place).is_relative_to(root.resolve())]


def incoming(root: Path) -> list[str]:
    return listed(root / ".incoming")


BAD_NAMES = ["", "/", "/etc/passwd", "..", "a/../b", "a/./b", "a//b", "a/", "/a", "A", "a b", "a\n", "é", "a\0b", "a.b", "a_b", "٣"]  # fmt: skip


@pytest.mark.parametrize("name", [*BAD_NAMES, "a" * 200, "/".join("a" * 20)], ids=repr)
def test_a_name_that_could_lead_elsewhere_is_refused(name: str) -> None:
    """Every store asks this function; that it does is in test_objects."""
    with pytest.raises(InvalidInputError):
        checked_name(name)


def test_objects_lie_where_the_interface_says_for_their_owner_alone(tmp_path: Path) -> None:
    put(DirectoryObjects(tmp_path / "objects"), NAME)
    path = tmp_path / "objects" / NAME
    assert path.read_bytes() == BODY
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    folders = [tmp_path / "objects", *path.parents[:2]]
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in folders] == [0o700] * 3


def test_objects_are_there_after_a_restart(tmp_path: Path) -> None:
    put(DirectoryObjects(tmp_path), NAME)
    assert read(DirectoryObjects(tmp_path), NAME) == BODY


def test_no_draft_stays_behind(tmp_path: Path) -> None:
    objects = DirectoryObjects(tmp_path)
    put(objects, NAME)
    put(objects, NAME)
    with pytest.raises(Exception, match="bytes arrived"):
        objects.put("d/c/00001", io.BytesIO(b"x"), 2, bytes(32))
    objects.check()
    assert incoming(tmp_path) == []


def test_a_loser_of_the_race_for_a_name_is_told(tmp_path: Path) -> None:
    class Overtaken(io.BytesIO):
        def readinto(self, buffer: memoryview, /) -> int:
            put(DirectoryObjects(tmp_path), NAME, b"first")
            return super().readinto(buffer)

    assert not DirectoryObjects(tmp_path).put(NAME, Overtaken(BODY), len(BODY), sha256(BODY))
    assert read(DirectoryObjects(tmp_path), NAME) == b"first"
    assert incoming(tmp_path) == []


def test_everything_is_synced_before_a_put_returns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    fsync = os.fsync

    def watched(handle: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{handle}").readlink()).removeprefix(str(tmp_path)))
        fsync(handle)

    monkeypatch.setattr(objects_directory.os, "fsync", watched)
    put(DirectoryObjects(tmp_path), NAME)
    assert synced[0].startswith("/.incoming/")
    assert synced[1:] == ["", "/d0", "/d0/c1"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS])
def test_a_disk_that_fails_is_told_with_advice_and_nothing_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    objects = DirectoryObjects(tmp_path)
    write = os.write
    left = [1]

    def failing(handle: int, piece: bytes) -> int:
        if not left:
            raise OSError(number, os.strerror(number))
        left.pop()
        return write(handle, piece[:5])

    with monkeypatch.context() as patch:
        patch.setattr(objects_directory.os, "write", failing)
        with pytest.raises(UnavailableError) as caught:
            put(objects, NAME)
    assert "try again" in caught.value.advice
    assert ("full" in str(caught.value)) is (number in {errno.ENOSPC, errno.EDQUOT})
    assert incoming(tmp_path) == []
    assert objects.size(NAME) is None
    assert put(objects, NAME)


def test_a_real_limit_of_the_system_is_told_too(tmp_path: Path, forked: ForkServerContext) -> None:
    child = forked.Process(target=put_beyond_the_limit, args=(tmp_path,))
    child.start()
    child.join()
    assert child.exitcode == 0
    assert incoming(tmp_path) == []
    assert list(DirectoryObjects(tmp_path).names()) == []


def put_beyond_the_limit(root: Path) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (MIB, MIB))
    with pytest.raises(UnavailableError, match="full"):
        put(DirectoryObjects(root), NAME, b"x" * (2 * MIB))


@pytest.mark.parametrize("moment", ["read", "fsync", "link", "unlink"])
def test_a_put_that_is_killed_anywhere_can_be_put_again(tmp_path: Path, moment: str, forked: ForkServerContext) -> None:
    child = forked.Process(target=put_and_die, args=(tmp_path, moment))
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    objects = DirectoryObjects(tmp_path)
    there = objects.size(NAME)
    assert there in ({len(BODY)} if moment == "unlink" else {None}), "whole or not at all"
    assert put(objects, NAME) is (there is None)
    assert read(objects, NAME) == BODY
    assert len(incoming(tmp_path)) == 1
    assert objects.sweep_incoming(datetime.now(UTC) + timedelta(days=1)) == 1
    assert incoming(tmp_path) == []
    assert read(objects, NAME) == BODY


def put_and_die(root: Path, moment: str) -> None:
    def die(*_: object, **__: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    class Deadly(io.BytesIO):
        def readinto(self, buffer: memoryview, /) -> int:
            if moment == "read" and self.tell():
                die()
            return super().readinto(buffer)

    objects = DirectoryObjects(root)
    if moment != "read":
        setattr(objects_directory.os, moment, die)
    objects.put(NAME, Deadly(BODY), len(BODY), sha256(BODY))


def test_the_sweep_takes_old_drafts_only(tmp_path: Path) -> None:
    objects = DirectoryObjects(tmp_path)
    now = datetime.now(UTC)
    for name, age in (("old", 2), ("young", 0)):
        (tmp_path / ".incoming" / name).write_bytes(b"")
        at = (now - timedelta(days=age)).timestamp()
        os.utime(tmp_path / ".incoming" / name, (at, at))
    assert objects.sweep_incoming(now - timedelta(days=1)) == 1
    assert incoming(tmp_path) == ["young"]


def test_removal_prunes_empty_folders_and_no_others(tmp_path: Path) -> None:
    objects = DirectoryObjects(tmp_path / "objects")
    for name in ("d/c/00000", "d/e/00000"):
        put(objects, name)
    objects.remove(["d/c/00000"])
    assert listed(tmp_path / "objects") == [".incoming", "d"]
    assert listed(tmp_path / "objects" / "d") == ["e"]
    objects.remove(["d/e/00000"])
    assert listed(tmp_path / "objects") == [".incoming"]


@pytest.mark.parametrize("place", ["d0", "d0/c1", "d0/c1/00000"])
def test_no_link_is_followed(tmp_path: Path, place: str) -> None:
    objects = DirectoryObjects(tmp_path / "objects")
    outside = tmp_path / "outside"
    target = outside / NAME
    target.parent.mkdir(parents=True)
    target.write_bytes(BODY)
    link = tmp_path / "objects" / place
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(outside / place)
    for act in (lambda: objects.get(NAME), lambda: objects.size(NAME), lambda: put(objects, NAME)):
        with pytest.raises(IntegrityError):
            act()
    assert list(objects.names()) == []
    if place != NAME:
        with pytest.raises(IntegrityError):
            objects.remove([NAME])
    assert target.read_bytes() == BODY


@pytest.mark.parametrize("strange", ["folder", "pipe"])
def test_what_is_no_file_is_no_object(tmp_path: Path, strange: str) -> None:
    objects = DirectoryObjects(tmp_path)
    path = tmp_path / NAME
    path.parent.mkdir(parents=True)
    path.mkdir() if strange == "folder" else os.mkfifo(path)
    with pytest.raises(IntegrityError):
        objects.get(NAME)
    if strange == "folder":
        with pytest.raises(IntegrityError):
            objects.remove([NAME])


def test_files_of_others_are_not_listed(tmp_path: Path) -> None:
    put(DirectoryObjects(tmp_path), NAME)
    (tmp_path / "lost+found").mkdir()
    (tmp_path / ".DS_Store").write_bytes(b"")
    assert list(DirectoryObjects(tmp_path).names()) == [NAME]


def test_an_object_that_became_shorter_is_noticed(tmp_path: Path) -> None:
    objects = DirectoryObjects(tmp_path)
    put(objects, NAME, b"x" * (2 * MIB))
    pieces = objects.get(NAME)
    next(pieces)
    os.truncate(tmp_path / NAME, MIB)
    with pytest.raises(IntegrityError):
        next(pieces)


def test_an_object_stays_readable_for_who_began(tmp_path: Path) -> None:
    objects = DirectoryObjects(tmp_path)
    put(objects, NAME)
    pieces = objects.get(NAME)
    objects.remove([NAME])
    assert b"".join(pieces) == BODY


def test_a_vanished_root_is_no_empty_store(tmp_path: Path) -> None:
    root = tmp_path / "objects"
    objects = DirectoryObjects(root)
    root.rename(tmp_path / "elsewhere")
    for act in (objects.check, lambda: objects.size(NAME), lambda: list(objects.names()), lambda: put(objects, NAME)):
        with pytest.raises(UnavailableError):
            act()


def test_a_root_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "objects").write_bytes(b"")
    with pytest.raises(UnavailableError):
        DirectoryObjects(tmp_path / "objects")


def test_no_handle_stays_open(tmp_path: Path) -> None:
    objects = DirectoryObjects(tmp_path)
    put(objects, NAME, b"x" * (2 * MIB))
    assert not held(tmp_path)
    for _ in range(20):
        read(objects, NAME)
        objects.get(NAME)
        next(objects.get(NAME))
        objects.size(NAME)
        list(objects.names())
    gc.collect()
    assert not held(tmp_path)
