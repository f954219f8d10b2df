"""Texts from elsewhere, as a terminal may show them."""

from __future__ import annotations


def shown(text: str) -> str:
    """The text without what could move the cursor, change colours or turn the reading direction."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)
