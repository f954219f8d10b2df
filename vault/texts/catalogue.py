"""The texts of one language, by key, with their values filled in.

Both files hold the same keys: a room (a verb, or what several share), then a name, for example `put.stored`. A text may
hold `{name}` and nothing else that is special, so that a browser can fill it in too. A text of which the number
matters is `{"one": …, "other": …}`, chosen by the value `count`. `tests/texts` keeps the files in step.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

Language = Literal["nl", "en"]
_HOLE = re.compile(r"\{(\w+)\}")


def language(chosen: str | None = None) -> Language:
    """`nl` or `en`: as chosen, else DOSSIER_LANG, else the machine's language; Dutch when that is neither."""
    names = (chosen, *(os.environ.get(name) for name in ("DOSSIER_LANG", "LC_ALL", "LC_MESSAGES", "LANG")))
    for name in names:
        if name and name[:2].lower() in {"nl", "en"}:
            return "nl" if name[:2].lower() == "nl" else "en"
    return "nl"


def room(name: str, spoken: Language) -> Mapping[str, Any]:
    """All texts of one room, in the order of the file."""
    found: Mapping[str, Any] = _texts(spoken)[name]
    return found


def lookup(key: str, spoken: Language, /, **values: object) -> str | None:
    """The text under `key`, with its values filled in; None without one. A value that is not given stays `{name}`."""
    found: Any = _texts(spoken)
    for step in key.split("."):
        found = found.get(step) if isinstance(found, dict) else None
    if isinstance(found, dict):
        found = found.get("one" if values.get("count") == 1 else "other")
    return fill(found, values) if isinstance(found, str) else None


def text(key: str, spoken: Language, /, **values: object) -> str:
    """The same, for a key that must be there. Where it is not, the key itself is shown, and no command ends by it."""
    found = lookup(key, spoken, **values)
    return key if found is None else found


def fill(template: str, values: Mapping[str, object]) -> str:
    """`template` with `{name}` replaced by its value, once: what a value holds is never filled in again."""
    return _HOLE.sub(lambda hole: str(values.get(hole[1], hole[0])), template)


@cache
def _texts(spoken: Language) -> dict[str, Any]:
    """One language's file, as a whole; a part of a millisecond."""
    beside = __file__.removesuffix("catalogue.py")
    with open(f"{beside}{spoken}.json", "rb") as file:  # noqa: PTH123 - pathlib alone takes longer than the file
        read: dict[str, Any] = json.load(file)
    return read
