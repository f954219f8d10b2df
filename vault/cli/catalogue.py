"""Which language the command speaks, and its texts."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Literal

Language = Literal["nl", "en"]


def language(chosen: str | None = None) -> Language:
    """`nl` or `en`: as chosen, else DOSSIER_LANG, else the machine's language; Dutch when that is neither."""
    names = (chosen, *(os.environ.get(name) for name in ("DOSSIER_LANG", "LC_ALL", "LC_MESSAGES", "LANG")))
    for name in names:
        if name and name[:2].lower() in {"nl", "en"}:
            return "nl" if name[:2].lower() == "nl" else "en"
    return "nl"


def lookup(key: str, spoken: Language) -> str | None:
    """The text `<room>.<name>` of `vault/cli/texts/<room>.py`, before its fields are filled in; None without one."""
    room, _, name = key.partition(".")
    texts: dict[str, tuple[str, str]] = import_module(f"vault.cli.texts.{room}").TEXTS
    pair = texts.get(name)
    return None if pair is None else pair[0 if spoken == "nl" else 1]


def text(key: str, spoken: Language, /, **values: object) -> str:
    """The text with its fields filled in; KeyError for a key that no catalogue has."""
    found = lookup(key, spoken)
    if found is None:
        raise KeyError(key)
    return found.format(**values)
