"""What goes on one line."""

from __future__ import annotations

import pytest

from vault.errors import InvalidInputError
from vault.sdk.one_line import check_line, check_size


def test_a_line_comes_back_in_one_spelling_without_blanks_around_it() -> None:
    assert check_line(" Zoe\u0308 de Vries\t", "name", 200) == "Zo\u00eb de Vries"
    assert check_line("x" * 200, "name", 200) == "x" * 200


@pytest.mark.parametrize("text", ["", "  ", "two\nlines", "a\0", "\u202e", "x" * 201])
def test_what_is_no_line_is_refused_with_its_advice(text: str) -> None:
    with pytest.raises(InvalidInputError, match=r"^a name is one line of 1 to 200 bytes$") as caught:
        check_line(text, "name", 200, advice="Shorter.")
    assert caught.value.advice == "Shorter."


def test_a_limit_counts_bytes() -> None:
    assert check_line("é" * 100, "name", 200) == "é" * 100
    with pytest.raises(InvalidInputError):
        check_line("é" * 101, "name", 200)
    check_size("€\n" * 50, "note", 200)
    with pytest.raises(InvalidInputError, match="the note is longer than 199 bytes"):
        check_size("€\n" * 50, "note", 199)
