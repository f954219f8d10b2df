"""A low estimate of the guesses a new password resists: the cheapest way to build it from common pieces.

The idea is zxcvbn's (Wheeler, USENIX Security 2016): cut the password into pieces, count the guesses for each, take the
cheapest cut. The lists are short, so an unlisted piece counts only ten guesses a character, far less than random
characters are worth.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from vault.sdk.errors import WeakPasswordError
from vault.sdk.keys import words
from vault.sdk.keys.password_key import normalise

REQUIRED_GUESSES = 10**14
MAX_PASSWORD = 1024
_PER_CHARACTER = 10
_MIN_PIECE, _MAX_WORD = 3, 24
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_DATE = re.compile(r"[0-9]{1,2}([-./ ]?)[0-9]{1,2}\1(?:[0-9]{4}|[0-9]{2})")
_LEET = str.maketrans("013457@$!", "oleastasi")
ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "0123456789",
    "1234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "azertyuiop",
    "qwertz",
)
# The top of published lists of stolen passwords, and words of this profession.
COMMON = (
    "password wachtwoord welkom welcome geheim secret admin letmein qwerty iloveyou ikhouvanjou monkey dragon master "
    "football voetbal ajax feyenoord psv baseball shadow sunshine princess login hello hallo abc123 trustno1 whatever "
    "superman batman starwars pokemon computer internet nederland holland amsterdam rotterdam utrecht denhaag "
    "eindhoven groningen maandag dinsdag woensdag donderdag vrijdag zaterdag zondag januari februari maart april mei "
    "juni juli augustus september oktober november december winter lente zomer herfst summer spring autumn oranje "
    "koningin koning lekker schatje liefde poepie hond poes konijn paard jan piet kees henk anna emma sophie thomas "
    "dossier cliënt client coach coaching begeleider begeleiding directie praktijk loopbaan traject kluis vault "
    "sleutel veilig"
)
# Well-known phrases, without blanks and punctuation.
_FAMOUS = frozenset({"correcthorsebatterystaple", "eenwachtwoorddatniemandraadt"})


def check_new_password(password: str) -> None:
    """Raise WeakPasswordError unless the password resists 10^14 guesses; six generated words always do.

    Raises InvalidInputError for a character that devices do not agree about.
    """
    if len(normalise(password)) > MAX_PASSWORD:
        raise WeakPasswordError("the password is too long", advice=f"Take at most {MAX_PASSWORD} bytes.")
    if guesses(password) < REQUIRED_GUESSES:
        raise WeakPasswordError(
            "the password could be guessed", advice="Take six random words, or a much longer password."
        )


def guesses(password: str) -> int:
    """A low estimate of the guesses that find this password, by the cheapest cut into pieces."""
    text = unicodedata.normalize("NFKC", password)[:MAX_PASSWORD].lower()
    if "".join(filter(str.isalnum, text)) in _FAMOUS:
        return 1
    cheapest = [1] + [0] * len(text)
    for end in range(1, len(text) + 1):
        best = cheapest[end - 1] * _PER_CHARACTER
        for start in range(max(0, end - _MAX_WORD), end - _MIN_PIECE + 1):
            cost = _piece(text[start:end])
            if cost is not None:
                best = min(best, cheapest[start] * cost)
        cheapest[end] = best if not _repeats(text, end) else min(best, cheapest[_repeats(text, end)] * 2 * len(text))
    return cheapest[-1]


def _piece(piece: str) -> int | None:
    """The guesses for one piece; None when it is on no list."""
    if piece in _words() or piece.translate(_LEET) in _words():
        return len(_words())
    if piece[::-1] in _words():
        return 2 * len(_words())
    if any(piece in row or piece[::-1] in row for row in ROWS):
        return 4 * len(piece)
    if _YEAR.fullmatch(piece):
        return 200
    return 40_000 if _DATE.fullmatch(piece) else None


def _repeats(text: str, end: int) -> int:
    """The start of a run up to `end` that repeats the text before it; 0 if there is none."""
    for period in range(1, min(end // 2, _MAX_WORD) + 1):
        if text[end - period : end] == text[end - 2 * period : end - period]:
            start = end - period
            while start >= period and text[start - 1] == text[start - 1 + period]:
                start -= 1
            return start + period
    return 0


@cache
def _words() -> frozenset[str]:
    """Our word list and the common passwords; a word counts as the whole list, whatever its rank."""
    return frozenset((*words.words(), *COMMON.split()))
