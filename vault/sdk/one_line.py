"""One-line inputs: names, purposes, addresses."""

from __future__ import annotations

import unicodedata

from vault.errors import InvalidInputError
from vault.records.encoding import size_of


def check_line(text: str, what: str, limit: int, *, advice: str = "") -> str:
    """The text in NFC, stripped: one printable line of 1 to `limit` bytes of UTF-8.

    Raises InvalidInputError with `what` was expected ("dossier's name") and the advice.
    """
    line = unicodedata.normalize("NFC", text).strip()
    if not 0 < size_of(line) <= limit or not line.isprintable():
        raise InvalidInputError(f"a {what} is one line of 1 to {limit} bytes", advice=advice)
    return line


def check_size(text: str, what: str, limit: int) -> None:
    """Raise InvalidInputError for a text of more than `limit` bytes: a reader of the format would refuse it."""
    if size_of(text) > limit:
        raise InvalidInputError(
            f"the {what} is longer than {limit} bytes", advice="Nothing was stored. Make it shorter."
        )
