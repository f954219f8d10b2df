"""Standard output and error with a limited encoding: a character that cannot be shown must not end a command."""

from __future__ import annotations

import codecs
import io
import sys

# Replacements in ASCII; any other character becomes a question mark.
_PLAIN = {"✓": "+", "✗": "x", "…": "...", "—": "-", "·": "-", "█": "#", "░": "."}


def make_lenient() -> None:
    """Make both streams replace characters missing in their encoding."""
    codecs.register_error("dossier.plain", _plain)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="dossier.plain")


def encodes(text: str, encoding: str | None) -> bool:
    """Whether a stream of that encoding can show the text; None (in memory) always can."""
    try:
        text.encode(encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _plain(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    lacking = error.object[error.start : error.end]
    return "".join(_PLAIN.get(character, "?") for character in lacking), error.end
