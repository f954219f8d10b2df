"""Standard output and standard error on terminals that cannot show every character: no command ends by that."""

from __future__ import annotations

import codecs
import io
import sys

# What keeps its meaning in ASCII; anything else becomes a question mark.
_PLAIN = {"✓": "+", "✗": "x", "…": "...", "—": "-", "·": "-", "█": "#", "░": "."}


def make_lenient() -> None:
    """Let both streams write something readable for each character that their encoding lacks."""
    codecs.register_error("dossier.plain", _plain)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="dossier.plain")


def encodes(text: str, encoding: str | None) -> bool:
    """Whether a stream of that encoding shows the text as it is; one in memory (None) always does."""
    try:
        text.encode(encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _plain(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    lacking = error.object[error.start : error.end]
    return "".join(_PLAIN.get(character, "?") for character in lacking), error.end
