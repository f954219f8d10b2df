"""The folder of one person is hers alone, its files are replaced whole, and commands take turns in it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from vault.errors import ConfigurationError, UnavailableError
from vault.sdk.device.home import Home, read_private


def test_a_home_is_private_even_if_it_was_not(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    folder.mkdir(mode=0o755)
    assert stat.S_IMODE(Home(folder).path.stat().st_mode) == 0o700
    assert stat.S_IMODE(Home(folder).spool.stat().st_mode) == 0o700


def test_a_home_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError):
        Home(tmp_path / "file")


def test_a_file_is_replaced_whole_and_leaves_nothing_behind(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.write("file", b"one")
    home.write("file", b"two")
    assert home.read("file") == b"two"
    assert [p.name for p in home.path.iterdir()] == ["file"]
    with pytest.raises(UnavailableError):
        read_private(home.path)


def test_two_commands_take_turns(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with home.lock(), pytest.raises(UnavailableError), home.lock(patience=0):
        pass
    with home.lock(patience=0):
        pass
