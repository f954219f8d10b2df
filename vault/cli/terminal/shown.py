"""Makes foreign texts safe for a terminal."""

from __future__ import annotations

import json
import re
from typing import Any

from vault.cli.terminal.streams import encodes

# Characters JSON leaves unescaped but terminals interpret: DEL, C1, bidi controls, line ends, lone surrogates.
_OBEYED = re.compile(r"[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]")


def shown(text: str) -> str:
    """The text without characters that move the cursor, change colours or the text direction."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


def shown_lines(text: str) -> str:
    """The same for a text of several lines."""
    return "\n".join(shown(line) for line in text.split("\n"))


def shown_json(value: dict[str, Any], encoding: str | None = None) -> str:
    """A value as JSON on one line, for a stream of that encoding.

    Control characters and those the stream cannot encode are escaped, so that it parses to the same value.
    """
    written = json.dumps(value, ensure_ascii=False)
    if not encodes(_OBEYED.sub("", written), encoding):
        written = json.dumps(value)
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", written)
