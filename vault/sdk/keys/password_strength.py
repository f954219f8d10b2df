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
# Why a password is weak: the kinds of cheap pieces, in the order in which they are named, and what is no kind.
REPEATS, ROW, DATE, WORDS = KINDS = ("repeats", "row", "date", "words")
PHRASE, SHORT, SEVERAL = "phrase", "short", "several"
_REASONS = {
    REPEATS: "the password could be guessed: it says the same again and again",
    ROW: "the password could be guessed: it follows the rows of the keyboard or the alphabet",
    DATE: "the password could be guessed: it is made of dates or years",
    WORDS: "the password could be guessed: it is made of too few words, or of common ones",
    PHRASE: "the password could be guessed: it is a well-known phrase",
    SHORT: "the password could be guessed: it is too short",
    SEVERAL: "the password could be guessed: words, dates, rows or repetitions make up most of it",
}
# Well-known phrases, without blanks and punctuation.
_FAMOUS = frozenset({"correcthorsebatterystaple", "eenwachtwoorddatniemandraadt"})


def check_new_password(password: str) -> None:
    """Raise WeakPasswordError unless the password resists 10^14 guesses; six generated words always do.

    Raises InvalidInputError for a character that devices do not agree about.
    """
    if len(normalise(password)) > MAX_PASSWORD:
        raise WeakPasswordError("the password is too long", advice=f"Take at most {MAX_PASSWORD} bytes.")
    why = reason(password)
    if why is not None:
        raise WeakPasswordError(_REASONS[why], advice="Take six random words, or a much longer password.")


def reason(password: str) -> str | None:
    """Why a password could be guessed, in a word; None for one that resists.

    A long one is weak by what is cheap in it: the first kind of piece without which it would resist, or several.
    """
    if guesses(password) >= REQUIRED_GUESSES:
        return None
    text = _text(password)
    if _is_famous(text):
        return PHRASE
    if _PER_CHARACTER ** len(text) < REQUIRED_GUESSES:
        return SHORT
    return next((kind for kind in KINDS if guesses(password, without=kind) >= REQUIRED_GUESSES), SEVERAL)


def guesses(password: str, *, without: str | None = None) -> int:
    """A low estimate of the guesses that find this password, by the cheapest cut into pieces.

    `without`: as if there were no pieces of that kind.
    """
    text = _text(password)
    if _is_famous(text):
        return 1
    cheapest = [1] + [0] * len(text)
    for end in range(1, len(text) + 1):
        best = cheapest[end - 1] * _PER_CHARACTER
        for start in range(max(0, end - _MAX_WORD), end - _MIN_PIECE + 1):
            cost = _piece(text[start:end], without)
            if cost is not None:
                best = min(best, cheapest[start] * cost)
        run = 0 if without == REPEATS else _repeats(text, end)
        cheapest[end] = min(best, cheapest[run] * 2 * len(text)) if run else best
    return cheapest[-1]


def _text(password: str) -> str:
    return unicodedata.normalize("NFKC", password)[:MAX_PASSWORD].lower()


def _is_famous(text: str) -> bool:
    return "".join(filter(str.isalnum, text)) in _FAMOUS


def _piece(piece: str, without: str | None) -> int | None:
    """The guesses for one piece; None when it is on no list."""
    if without != WORDS and (piece in _words() or piece.translate(_LEET) in _words()):
        return len(_words())
    if without != WORDS and piece[::-1] in _words():
        return 2 * len(_words())
    if without != ROW and any(piece in row or piece[::-1] in row for row in ROWS):
        return 4 * len(piece)
    if without == DATE:
        return None
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
