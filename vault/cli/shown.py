"""Texts from elsewhere, as a terminal may show them."""

from __future__ import annotations

import json
import re
from typing import Any

from vault.cli.streams import encodes

# What JSON allows unescaped and a terminal obeys: DEL, C1, turns of the reading direction, line ends, half characters.
_OBEYED = re.compile(r"[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]")


def shown(text: str) -> str:
    """The text without what could move the cursor, change colours or turn the reading direction."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


def shown_lines(text: str) -> str:
    """The same for a text of several lines."""
    return "\n".join(shown(line) for line in text.split("\n"))


def shown_json(value: dict[str, Any], encoding: str | None = None) -> str:
    """A value as JSON on one line, for a stream of that encoding.

    What a terminal would obey is escaped, and what the stream cannot show, so that it parses to the same value.
    """
    written = json.dumps(value, ensure_ascii=False)
    if not encodes(_OBEYED.sub("", written), encoding):
        written = json.dumps(value)
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", written)
