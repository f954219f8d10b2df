"""The table of assigned code points is that of Unicode 14, whatever this Python knows of later ones."""

from __future__ import annotations

import unicodedata

import pytest

from vault.errors import InvalidInputError
from vault.sdk.keys.characters import all_assigned, unassigned
from vault.sdk.keys.password_key import normalise
from vault.sdk.keys.password_strength import check_new_password


def test_the_ranges_are_ascending_and_apart() -> None:
    ends = [point for each in unassigned() for point in each]
    assert all(first <= last for first, last in unassigned())
    assert all(last + 1 < first for (_, last), (first, _) in zip(unassigned(), unassigned()[1:], strict=False))
    assert ends[-1] == 0x10FFFF


def test_what_this_python_does_not_know_was_not_assigned_either() -> None:
    """A later Unicode assigns more; that of Python 3.11 is 14 itself."""
    unknown = {point for point in range(0x110000) if unicodedata.category(chr(point)) in ("Cn", "Cs")}
    listed = {point for first, last in unassigned() for point in range(first, last + 1)}
    assert unknown <= listed
    assert unicodedata.unidata_version != "14.0.0" or unknown == listed


@pytest.mark.parametrize("text", ["", "abc", "é€", "\U0001f600", "\U0001fae0", "\ue000", "a\u0301\0"])
def test_what_unicode_14_assigns_is_taken(text: str) -> None:
    assert all_assigned(text)
    normalise(text)


@pytest.mark.parametrize("character", ["\u0378", "\U0001fae8", "\U0001faea", "\uffff", "\ud800", "\U0010ffff"])
def test_a_password_with_another_character_is_refused(character: str) -> None:
    """U+1FAE8 came with Unicode 15, U+1FAEA with 17; U+FFFF never will."""
    assert not all_assigned(f"é{character}")
    for check in (normalise, check_new_password):
        with pytest.raises(InvalidInputError, match="devices do not agree"):
            check(f"witlof gemeente project aambeeld {character}")
