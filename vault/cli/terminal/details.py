"""The Dutch of English error messages, of ours and of argparse: the sections `details` of both catalogues."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from vault.texts import catalogue
from vault.texts.catalogue import Language

# Fields whose value is one of our own texts, to be translated too; other fields hold paths, names or numbers.
_OURS = frozenset({"what", "why"})
# A bound against hostile servers: a text longer than all of ours is not compared.
_LONGEST = 1000
_HOLE = re.compile(r"\\\{(\w+)\\\}")  # `{name}` after `re.escape`


def in_dutch(sentence: str) -> str | None:
    """The sentence in Dutch; None when the catalogue does not contain it."""
    for pattern, dutch in _pairs() if len(sentence) <= _LONGEST else ():
        found = pattern.fullmatch(sentence)
        if found:
            values = found.groupdict()
            values.update({name: in_dutch(values[name]) or values[name] for name in _OURS & values.keys()})
            return catalogue.fill(dutch, values)
    return None


def told(sentence: str, spoken: Language) -> str:
    """The sentence in that language; as it is where the catalogue does not contain it."""
    return (in_dutch(sentence) if spoken == "nl" else None) or sentence


@cache
def _pairs() -> list[tuple[re.Pattern[str], str]]:
    """Every English sentence as a pattern, with its Dutch; the first match wins."""
    english, dutch = (dict(_leaves(catalogue.room("details", spoken))) for spoken in ("en", "nl"))
    return [(_pattern(sentence), dutch[key]) for key, sentence in english.items()]


def _pattern(sentence: str) -> re.Pattern[str]:
    return re.compile(_HOLE.sub(r"(?P<\1>.+?)", re.escape(sentence)), re.DOTALL)


def _leaves(room: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    for name, value in room.items():
        if isinstance(value, str):
            yield f"{path}{name}", value
        else:
            yield from _leaves(value, f"{path}{name}.")
