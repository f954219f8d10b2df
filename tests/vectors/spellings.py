"""Small changes to how a JSON text spells what it says: where readers of JSON differ from each other."""

from __future__ import annotations

import re
from random import Random

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|-?[0-9]+|[a-z]+|[{}\[\],:]')
_NUMBERS = (
    "-0",
    "0",
    "-1",
    "01",
    "1.0",
    "1e2",
    "1E0",
    "9007199254740991",
    "9007199254740992",
    "-9007199254740992",
    "1" * 18,
    "+1",
)
_WORDS = ("true", "false", "null", "True", "nul", "NaN", "Infinity", "-Infinity", "undefined")
_LETTERS = (
    "\\u0000",
    "\\ud83d",
    "\\ude00",
    "\\ud83d\\ude00",
    "\\uD83D\\uDE00",
    "\\ude00\\ud83d",
    "\\u00e9",
    "\\/",
    "\\x41",
    "\\u12",
    "\\v",
)
_LETTERS += ("\t", "\n", "\x7f", "\u2028", "\ufeff", "😀", "\\\\", "\\\\ud83d", "\\")
_BLANKS = (" ", "\t", "\r\n", "\x0b", "\x0c", "\u00a0", "\ufeff", "\u2028", "/**/", "//\n")


def change_spelling(rng: Random, text: str) -> bytes:
    """The text with one or two tokens spelled otherwise."""
    for _ in range(rng.choice((1, 1, 2))):
        tokens = list(_TOKEN.finditer(text))
        if not tokens:
            break
        token = rng.choice(tokens)
        text = text[: token.start()] + _otherwise(rng, token[0], text[token.end() :]) + text[token.end() :]
    return text.encode("utf-8", "surrogatepass")


def _otherwise(rng: Random, token: str, rest: str) -> str:
    is_key = rest.lstrip().startswith(":")
    if token in ",:]}":
        return rng.choice((token * 2, "", token + rng.choice(_BLANKS), rng.choice(_BLANKS) + token))
    if token in "[{" and rng.randrange(2):
        return _twice(rng, rest) if token == "{" else rng.choice(("[,", "[ ", "{"))
    if not is_key and rng.randrange(4) == 0:
        depth = rng.choice((1, 12, 13, 14, 15, 16, 17))
        return "[" * depth + (token + "]" * depth if token not in "[{" else token)
    if token.startswith('"'):
        at = rng.randint(1, len(token) - 1)
        return token[:at] + rng.choice(_LETTERS) + token[at:]
    return rng.choice(_NUMBERS if token[-1].isdigit() else _WORDS) if token not in "[{" else token + rng.choice(_BLANKS)


def _twice(rng: Random, rest: str) -> str:
    """The beginning of an object whose first key stands twice, perhaps in another spelling."""
    key = _TOKEN.match(rest)
    if key is None or not key[0].startswith('"') or len(key[0]) == 2:
        return "{,"
    first = key[0][1]
    spelled = rng.choice((key[0], f'"\\u{ord(first):04x}{key[0][2:]}', f'"\\u{ord(first):04X}{key[0][2:]}'))
    return "{" + spelled + ":0,"
