"""A password that could be guessed is refused, and six generated words never are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.cli.terminal.failures import describe
from vault.cli.terminal.output import Output
from vault.sdk.errors import WeakPasswordError
from vault.sdk.keys.password_strength import check_new_password, guesses, reason
from vault.sdk.keys.words import generate_password

WEAK = [
    "",
    "a",
    "wachtwoord",
    "Welkom2026!",
    "P4ssw0rd",
    "a" * 200,
    "abc" * 60,
    "qwertyuiopasdfghjkl",
    "12345678901234567890",
    "01-02-1980 03-04-1981",
    "Correct Horse Battery Staple!",
    "dcba" * 9,
]


@pytest.mark.parametrize("password", WEAK)
def test_a_password_that_could_be_guessed_is_refused(password: str) -> None:
    with pytest.raises(WeakPasswordError):
        check_new_password(password)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("kort", "short"),
        ("Correct Horse Battery Staple!", "phrase"),
        ("a" * 200, "repeats"),
        ("qwertyuiopasdfghjkl", "row"),
        ("01-02-1980 03-04-1981", "date"),
        ("appel fiets kaas", "words"),
        ("dcba" * 9, "several"),
        ("xK9#mQ2$vL7pRt!w", None),
    ],
)
def test_the_reason_is_told_in_both_languages(password: str, why: str | None) -> None:
    assert reason(password) == why
    if why is None:
        return
    with pytest.raises(WeakPasswordError) as refused:
        check_new_password(password)
    said = {spoken: describe(refused.value, Output(language=spoken))[1] for spoken in ("en", "nl")}
    assert len(set(said.values())) == 2
    assert {language: len(text) > 30 for language, text in said.items()} == {"en": True, "nl": True}


def test_six_generated_words_always_do() -> None:
    for _ in range(50):
        check_new_password(generate_password())
    check_new_password("xK9#mQ2$vL7pRt!w")
    with pytest.raises(WeakPasswordError):
        check_new_password("x" * 2000)


def test_a_password_has_at_most_1024_bytes() -> None:
    strong = "xK9#mQ2$vL7pRt!w"
    check_new_password(strong + "é" * 504)
    with pytest.raises(WeakPasswordError, match="too long"):
        check_new_password(strong + "é" * 505)


def test_digits_of_a_year_are_those_of_ascii() -> None:
    """A browser's digits are no others."""
    assert guesses("2026") == 200
    assert guesses("\u0662\u0660\u0662\u0666") == 10_000


@given(password=st.text(max_size=30), more=st.characters())
def test_the_estimate_is_never_above_ten_guesses_a_character(password: str, more: str) -> None:
    assert 1 <= guesses(password) <= 10 ** (2 * len(password) + 1) * 10
    assert guesses(password + more) >= 1
