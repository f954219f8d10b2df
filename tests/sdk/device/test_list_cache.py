"""The list on disk is sealed, replaced whole, and never older than what another command made of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.boxes import box, unbox
from vault.sdk.device.home import Home
from vault.sdk.device.list_cache import AAD, FILE, CachedDossier, ListCache, forget_listed, load_list, note_day

KEY = bytes(range(32))
INDEX = "0123456789abcdef"
ANNA = CachedDossier("Anna Bakker", "client", "begeleiding", 1, 3, INDEX, "2031-05-01")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    ListCache({"a" * 32: ANNA}, {"aa": "x"}).save(home, KEY)
    return home


def test_it_comes_back_and_shows_no_name_to_others(home: Home) -> None:
    found = load_list(home, KEY)
    assert (found.dossiers, found.marks) == ({"a" * 32: ANNA}, {"aa": "x"})
    assert b"Anna" not in (home.path / FILE).read_bytes()
    assert load_list(home, bytes(32)).dossiers == {}


@given(content=st.binary(max_size=200))
def test_no_bytes_are_more_than_an_empty_list(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    home = Home(tmp_path_factory.getbasetemp() / "garbage")
    for sealed in (content, box(KEY, AAD, content)):
        home.write(FILE, sealed)
        found = load_list(home, KEY)
        assert (found.dossiers, found.marks) == ({}, {})
        found.save(home, KEY)
        assert load_list(home, KEY).stamp != b""


@pytest.mark.parametrize("said", ['{"v":2,"marks":{},"dossiers":{}}', '{"v":1}', '{"v":1,"marks":{},"dossiers":[1]}'])
def test_another_form_is_none(home: Home, said: str) -> None:
    home.write(FILE, box(KEY, AAD, said.encode()))
    assert load_list(home, KEY).dossiers == {}


def test_a_list_that_another_command_wrote_meanwhile_is_left_as_it_is(home: Home) -> None:
    mine, other = load_list(home, KEY), load_list(home, KEY)
    other.dossiers["b" * 32] = ANNA
    other.save(home, KEY)
    mine.save(home, KEY)
    assert set(load_list(home, KEY).dossiers) == {"a" * 32, "b" * 32}
    other.save(home, KEY)  # its own writing is no other's


def test_what_is_forgotten_is_not_written_by_one_who_read_it_before(home: Home) -> None:
    mine = load_list(home, KEY)
    forget_listed(home, KEY, "a" * 32)
    mine.save(home, KEY)
    assert load_list(home, KEY).dossiers == {}
    assert b"Anna" not in unbox(KEY, AAD, (home.path / FILE).read_bytes())


def test_what_was_never_there_is_forgotten_before_it_comes(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    first = load_list(home, KEY)
    forget_listed(home, KEY, "a" * 32)
    first.dossiers["a" * 32] = ANNA
    first.save(home, KEY)
    assert load_list(home, KEY).dossiers == {}


def test_a_day_is_checked_under_the_index_that_it_was_computed_from(home: Home) -> None:
    assert ANNA.day == ("2031-05-01", False)
    note_day(home, KEY, "a" * 32, INDEX + "9" * 48, "2031-06-01")
    note_day(home, KEY, "b" * 32, INDEX, None)
    before = (home.path / FILE).read_bytes()
    note_day(home, KEY, "a" * 32, INDEX, "2031-06-01")
    assert (home.path / FILE).read_bytes() == before, "nothing new, nothing written"
    row = load_list(home, KEY).dossiers["a" * 32]
    assert row.day == ("2031-06-01", True)
    later = CachedDossier("Anna Bakker", "client", "", 1, 4, "f" * 16, "2031-07-01").with_check(row)
    assert later.day == ("2031-07-01", False)
