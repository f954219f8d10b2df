"""The names of a dossier's documents on disk: sealed, of one index, and gone with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from vault.boxes import box
from vault.records.encoding import lp
from vault.sdk.device.home import Home
from vault.sdk.device.names_cache import FOLDER, Named, forget_names, keep_names_of, load_names, save_names

KEY = bytes(range(32))
DOSSIER, OTHER, INDEX, NEXT = "a" * 32, "b" * 32, "1" * 64, "2" * 64
NAMES = [Named("c" * 32, "scans", "a.pdf"), Named("d" * 32, "", "b.pdf")]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    for dossier in (DOSSIER, OTHER):
        save_names(home, KEY, dossier, INDEX, NAMES)
    return home


def test_they_come_back_under_their_index_alone(home: Home) -> None:
    assert load_names(home, KEY, DOSSIER, INDEX) == NAMES
    assert NAMES[0].names == {"scans/a.pdf", "a.pdf"}
    assert load_names(home, KEY, DOSSIER, NEXT) == load_names(home, bytes(32), DOSSIER, INDEX) == []
    assert all(b"pdf" not in path.read_bytes() for path in (home.path / FOLDER).iterdir())


def test_one_index_of_a_dossier_is_kept(home: Home) -> None:
    save_names(home, KEY, DOSSIER, NEXT, NAMES[:1])
    assert load_names(home, KEY, DOSSIER, INDEX) == []
    assert load_names(home, KEY, DOSSIER, NEXT) == NAMES[:1]
    assert load_names(home, KEY, OTHER, INDEX) == NAMES
    forget_names(home, DOSSIER, but=NEXT)
    assert load_names(home, KEY, DOSSIER, NEXT) == NAMES[:1]
    forget_names(home, DOSSIER)
    keep_names_of(home, {DOSSIER})
    assert list((home.path / FOLDER).iterdir()) == []


@pytest.mark.parametrize("said", [b"", b"{}", b'{"v":2,"documents":[]}', b'{"v":1,"documents":[[1]]}', b"\xff"])
def test_what_cannot_be_read_is_none(home: Home, said: bytes) -> None:
    path = next(path for path in (home.path / FOLDER).iterdir() if path.name.startswith(DOSSIER))
    path.write_bytes(box(KEY, lp(b"vault/v1/names", DOSSIER.encode(), INDEX.encode()), said))
    assert load_names(home, KEY, DOSSIER, INDEX) == []
    path.write_bytes(said)
    assert load_names(home, KEY, DOSSIER, INDEX) == []
