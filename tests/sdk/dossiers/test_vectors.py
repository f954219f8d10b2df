"""A device follows an index from its pin as the vectors say, which every language reads."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sdk.dossiers import following_vectors

READ = json.loads(following_vectors.FILE.read_text(encoding="ascii"))


def test_the_published_vectors_are_what_is_made_today() -> None:
    assert following_vectors.vectors() == READ


@pytest.mark.parametrize("case", READ["cases"], ids=lambda case: case["name"])
def test_an_index_is_followed_as_the_vectors_say(case: dict[str, Any]) -> None:
    found = following_vectors.judge(case, READ["envelopes"])
    assert found == {name: case[name] for name in ("verdict", "missing") if name in case}


def test_each_way_to_refuse_is_in_the_vectors() -> None:
    words = {"rolled_back", "forked", "links_missing", "signature_invalid", "quarantined", "roster_invalid"}
    words |= {"root_differs", "head_differs", "record_left_out", "allowed"}
    assert {case["verdict"] for case in READ["cases"]} == words
