"""What mail does to a link is undone; what could be two links, or none, is left as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.sdk.mailed_links import MAX_TEXT, mend
from vault.sdk.shares.links import Link, parse_link
from vault.secret import Secret

LINK = Link("https://dossier.example.nl", "00112233445566778899aabbccddeeff", Secret(bytes(range(32))))
TEXT = LINK.to_string()


@pytest.mark.parametrize("place", range(1, len(TEXT), 7))
@pytest.mark.parametrize("broken_by", ["\n", "\r\n", "=\r\n", "\u200b", "\u00ad"])
def test_a_break_anywhere_is_mended(place: int, broken_by: str) -> None:
    assert parse_link(TEXT[:place] + broken_by + TEXT[place:]) == LINK


@given(st.text(max_size=300))
def test_mending_again_changes_nothing(text: str) -> None:
    once = mend(text)
    assert mend(once) == once or any(sign in once for sign in ("?", "%", "#", "/v3/__"))


def test_a_text_longer_than_any_line_is_nothing() -> None:
    assert mend("x" * MAX_TEXT) != ""
    assert mend("x" * (MAX_TEXT + 1)) == ""
