"""One-line inputs: names, purposes, addresses."""

from __future__ import annotations

import unicodedata

from vault.errors import InvalidInputError


def check_line(text: str, what: str, limit: int, *, advice: str = "") -> str:
    """The text in NFC, stripped: one printable line of 1 to `limit` characters.

    Raises InvalidInputError with `what` was expected ("dossier's name") and the advice.
    """
    line = unicodedata.normalize("NFC", text).strip()
    if not 0 < len(line) <= limit or not line.isprintable():
        raise InvalidInputError(f"a {what} is one line of 1 to {limit} characters", advice=advice)
    return line
