"""A private file is there whole, or it is as it was; nothing is left of an attempt."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from vault.errors import UnavailableError
from vault.files import create_private, place, write_private

# What the writers ask of the system, in any order; each may fail, and the process may die in front of each.
STEPS = ["os.open", "os.fdopen", "os.fsync", "os.link", "os.replace", "os.unlink"]
ROOT = Path(__file__).parents[2]
WRITERS: dict[str, Callable[[Path], object]] = {
    "write": lambda path: write_private(path, b"new"),
    "create": lambda path: create_private(path, b"new"),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file"


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def test_it_is_made_private_whatever_the_umask(path: Path, umask: None) -> None:
    write_private(path.parent / "sub" / "file", b"one")
    assert create_private(path, b"one")
    assert create_private(path.with_name("public"), b"one", mode=0o644)
    modes = {
        found.relative_to(path.parent).as_posix(): stat.S_IMODE(found.stat().st_mode)
        for found in path.parent.rglob("*")
    }
    assert modes.pop("sub") == 0o700
    assert modes.pop("sub/file") == 0o600
    assert modes == {"file": 0o600, "public": 0o644}


def test_writing_replaces_and_creating_does_not(path: Path) -> None:
    write_private(path, b"one")
    assert not create_private(path, b"two")
    assert path.read_bytes() == b"one"
    write_private(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(path.parent.iterdir()) == [path]


def test_a_link_is_neither_followed_nor_kept_open(path: Path) -> None:
    elsewhere = path.with_name("elsewhere")
    path.symlink_to(elsewhere)
    assert not create_private(path, b"new")
    write_private(path, b"new")
    assert not path.is_symlink()
    assert not elsewhere.exists()


def test_creating_makes_no_folder(path: Path) -> None:
    with pytest.raises(UnavailableError):
        create_private(path / "missing" / "file", b"")
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize("number", [errno.EACCES, errno.ENOSPC])
@pytest.mark.parametrize("step", ["os.open", "os.fdopen", "os.fsync"])
@pytest.mark.parametrize("writer", WRITERS)
def test_a_disk_that_fails_is_told_and_leaves_things_as_they_were(
    path: Path, monkeypatch: pytest.MonkeyPatch, writer: str, step: str, number: int
) -> None:
    if writer == "write":
        path.write_bytes(b"old")
    there = list(path.parent.iterdir())

    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patched:
        patched.setattr(step, refuse)
        with pytest.raises(UnavailableError, match="full" if number == errno.ENOSPC else "denied"):
            WRITERS[writer](path)
    assert list(path.parent.iterdir()) == there
    assert not there or path.read_bytes() == b"old"


def test_a_rename_that_fails_leaves_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.mkdir()
    with pytest.raises(UnavailableError):
        write_private(path, b"new")
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("writer", WRITERS)
def test_a_process_that_is_killed_before_any_step_leaves_old_or_new(path: Path, writer: str) -> None:
    """Before each call of each step in turn, until none is left to die at; forked from a process of one thread."""
    program = "import sys; from tests.floor.test_files import left; left(*sys.argv[1:])"
    command = [sys.executable, "-c", program, str(path), writer]
    said = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout.split()
    assert set(said) == ({"old", "new"} if writer == "write" else {"nothing", "new"})
    assert len(said) > len(STEPS)


def left(name: str, writer: str) -> None:
    """Say what each killed writer left."""
    path = Path(name)
    for step in STEPS:
        number = 0
        while _killed(path, writer, step, number):
            print(path.read_text() if path.exists() else "nothing")
            number += 1


def _killed(path: Path, writer: str, step: str, number: int) -> bool:
    """Whether the child died at that call of that step, and did not get to the end."""
    for found in path.parent.iterdir():
        found.unlink()
    if writer == "write":
        path.write_bytes(b"old")
    child = os.fork()
    if child == 0:
        name, calls = step.partition(".")[2], iter(range(1000))
        real = getattr(os, name)

        def dying(*arguments: object, **named: object) -> object:
            return os._exit(9) if next(calls) == number else real(*arguments, **named)

        setattr(os, name, dying)
        WRITERS[writer](path)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


def test_what_a_killed_writer_left_goes_after_an_hour(path: Path) -> None:
    old, young, others = (path.with_name(name) for name in (f".file.{'0' * 16}", f".file.{'1' * 16}", ".file.mine"))
    for left in (old, young, others):
        left.write_bytes(b"secret")
    for left in (old, others):
        os.utime(left, times=(time.time() - 3601,) * 2)
    write_private(path, b"new")
    assert sorted(path.parent.iterdir()) == sorted([path, young, others])


def test_a_leftover_that_cannot_be_removed_holds_nothing_up(path: Path) -> None:
    left = path.with_name(f".file.{'0' * 16}")
    left.mkdir()
    os.utime(left, times=(0, 0))
    assert create_private(path, b"new")


def test_a_file_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    temporary, final = tmp_path / "t", tmp_path / "f"
    temporary.write_bytes(b"new")
    final.write_bytes(b"old")
    assert not place(temporary, final)
    assert (temporary.read_bytes(), final.read_bytes()) == (b"new", b"old")
    final.unlink()
    final.symlink_to("nowhere")
    assert not place(temporary, final)
    final.unlink()
    assert place(temporary, final)
    assert not temporary.exists()


def test_an_interrupted_placing_goes_on(tmp_path: Path) -> None:
    temporary, final = tmp_path / "t", tmp_path / "f"
    temporary.write_bytes(b"new")
    final.hardlink_to(temporary)
    assert place(temporary, final)
    assert not temporary.exists()


def test_without_hard_links_a_name_is_claimed_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr("os.link", refuse)
    temporary, final = tmp_path / "t", tmp_path / "f"
    temporary.write_bytes(b"new")
    assert place(temporary, final)
    assert final.read_bytes() == b"new"
    temporary.write_bytes(b"newer")
    assert not place(temporary, final)
    assert final.read_bytes() == b"new"


def test_a_claimed_name_is_given_back_where_the_file_cannot_take_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    temporary, final = tmp_path / "t", tmp_path / "f"
    temporary.write_bytes(b"new")
    for name in ("os.link", "os.replace"):
        monkeypatch.setattr(name, refuse)
    with pytest.raises(PermissionError):
        place(temporary, final)
    assert list(tmp_path.iterdir()) == [temporary]
