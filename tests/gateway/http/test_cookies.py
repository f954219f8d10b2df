"""Cookies that are not ours cost nothing, whatever stands in them."""

from __future__ import annotations

import time

import pytest

from gateway.http.cookies import own_cookie
from tests.gateway.house import House

TOKEN = "t" * 43


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([], None),
        ([""], None),
        ([f"dossier={TOKEN}"], TOKEN),
        ([f'a="\\"; dossier={TOKEN} ;b=2'], TOKEN),
        (["a=1", f"dossier={TOKEN}"], TOKEN),
        ([f"dossier={TOKEN}; dossier={TOKEN}"], None),
        ([f"dossier={TOKEN}", "dossier=x"], None),
        ([f'dossier="{TOKEN}"'], None),
        ([f"Dossier={TOKEN}"], None),
        ([f"dossier ={TOKEN}"], None),
        (["dossier"], None),
    ],
)
def test_ours_is_the_only_one_of_its_name_as_it_was_sent(lines: list[str], found: str | None) -> None:
    assert own_cookie(lines, "dossier") == found


@pytest.mark.parametrize("value", ['x="' + '\\"' * 28_000 + '"', 'dossier="' + "\\101" * 14_000 + '"', "a=1;" * 14_000])
def test_a_long_cookie_of_a_stranger_holds_up_nobody(house: House, value: str) -> None:
    began = time.process_time()
    assert house.ask("GET", "//healthz", headers={"Cookie": value}).status_code == 200
    assert time.process_time() - began < 1  # 8 s when its escapes were undone
