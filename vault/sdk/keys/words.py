"""Secrets and digests as Dutch words: to print, to read over the phone, to type (FORMAT.md, "Words").

The first four letters identify a word: the rest may be left out, and one slip in it is corrected if no other word is as
near. An uncorrectable slip is reported by its position. The words themselves appear only in `WordsError.suggestions`
and `.advice`, never in the exception's text, which may be logged.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import ClassVar

from vault.errors import IntegrityError, InvalidInputError, VaultError

WORDLIST_SHA256 = "8065281f3f8db54eadbec3077fae070e936d401a996b4d5e61482761aa59ad09"
WORD_BITS = 11
SEED_SIZE = 32
SEED_WORDS = 24
PHRASE_WORDS = 6
LOCATOR_WORDS = 7

_SEED_LABEL = b"vault/v1/words"
_LOCATOR_LABEL = b"vault/v1/locator"
_FINGERPRINT_LABEL = b"vault/v1/fingerprint"

_KEY = 4  # letters that identify a word
_LONGEST = 8
_NEAR = 2  # slips; a more distant suggestion would be a guess
_SUGGESTIONS = 3
# Separators after NFKC. Listed, since `\s` and `str.split` differ between programming languages.
_SPACE = "\t\n\v\f\r \x85\u2028\u2029"
_HYPHEN = "\\-\u2010\u2012-\u2015\u2212"
_SPACES = re.compile(f"[{_SPACE}]+")
_SEPARATORS = re.compile(f"[{_SPACE}{_HYPHEN}]+")


class WordsError(VaultError):
    """A word is not in the list, one is missing, or the checksum is wrong.

    `position` counts from 1, and is None if no single word is at fault; `suggestions` are up to three words, nearest
    first.
    """

    code: ClassVar[str] = "words"

    def __init__(
        self, message: str, *, advice: str, position: int | None = None, suggestions: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message, advice=advice)
        self.position = position
        self.suggestions = suggestions


@cache
def words() -> tuple[str, ...]:
    """Return the 2,048 words in order; raise IntegrityError unless the file is the frozen one: no sheet would open."""
    # Read as text: a checkout with other line ends must give the same list.
    text = files("vault.sdk.keys").joinpath("wordlist.txt").read_text(encoding="utf-8")
    if hashlib.sha256(text.encode()).hexdigest() != WORDLIST_SHA256:
        raise IntegrityError("The list of words is not the one that was published.", advice="Install the vault again.")
    return tuple(text.split())


def index(word: str) -> int | None:
    """Return the index of a typed word in the list, 0 to 2047, or None if it is ambiguous or unknown.

    It accepts the word in any case, with spaces or hyphens around it; its first four letters or more; and one slip
    after the fourth letter (a letter wrong, missing, added, or two swapped) if no other word is one slip away.
    """
    typed = _fold(word)
    listed = _by_key().get(typed[:_KEY])
    if listed is None:
        return None
    meant = words()[listed]
    if meant.startswith(typed) or _nearest(typed, limit=1) == (meant,):
        return listed
    return None


def encode(data: bytes) -> list[str]:
    """Return 32 bytes as 24 words: 256 bits and 8 of checksum, 11 a word, most significant first."""
    if len(data) != SEED_SIZE:
        raise InvalidInputError(f"Words stand for {SEED_SIZE} bytes, not {len(data)}.")
    return _spell(data + _digest(_SEED_LABEL, data)[:1], SEED_WORDS)


def decode(typed: Sequence[str]) -> bytes:
    """Return the 32 bytes of 24 words; raise WordsError, with the position of the wrong word if it is known."""
    number = 0
    for place in _places(typed, SEED_WORDS):
        number = number << WORD_BITS | place
    whole = number.to_bytes(SEED_SIZE + 1, "big")
    data, checksum = whole[:SEED_SIZE], whole[SEED_SIZE:]
    if not hmac.compare_digest(checksum, _digest(_SEED_LABEL, data)[:1]):
        raise _mismatch()
    return data


def split(phrase: str) -> list[str]:
    """Return the words of a typed or pasted phrase in lower case, split at spaces, line ends and hyphens."""
    return [word for word in _SEPARATORS.split(_normal(phrase)) if word]


def passphrase() -> str:
    """Return six random words, 66 bits, for a link."""
    return _canonical([secrets.randbelow(1 << WORD_BITS) for _ in range(PHRASE_WORDS)])


def generate_password() -> str:
    """Return six random words, 66 bits, as the password of a member."""
    return passphrase()


def normalise_passphrase(phrase: str) -> bytes:
    """Return the input for Argon2id: full words, lower case, one space between, UTF-8.

    With an unlisted word the phrase is only normalised (NFKC, case, spaces), and so is a wrong passphrase. For
    generated phrases only: a member's own password would lose its capitals here.
    """
    places = [index(word) for word in split(phrase)]
    known = [place for place in places if place is not None]
    if known and len(known) == len(places):
        return _canonical(known).encode()
    return _SPACES.sub(" ", _normal(phrase)).strip(" ").encode("utf-8", "surrogatepass")


def all_listed(phrase: str) -> bool:
    """Tell whether there are words and each is recognised, to warn of a typo before it costs an attempt."""
    typed = split(phrase)
    return bool(typed) and all(index(word) is not None for word in typed)


def check_passphrase(phrase: str) -> bytes:
    """Return the canonical bytes of six listed words; raise WordsError with the position of a wrong one."""
    return _canonical(_places(split(phrase), PHRASE_WORDS)).encode()


def locator() -> str:
    """Return seven words: six random ones, 66 bits, and one of checksum."""
    return complete_locator(passphrase())


def complete_locator(six: str) -> str:
    """Return six words with the seventh: the first 11 bits of the digest of the canonical six."""
    canonical = check_passphrase(six)
    return f"{canonical.decode()} {_spell(_digest(_LOCATOR_LABEL, canonical), 1)[0]}"


def check_locator(phrase: str) -> bytes:
    """Return the canonical bytes of a locator's seven words; raise WordsError for a typo, before any request."""
    places = _places(split(phrase), LOCATOR_WORDS)
    canonical = _canonical(places)
    expected = complete_locator(_canonical(places[:-1]))
    if not hmac.compare_digest(canonical.encode(), expected.encode()):
        raise _mismatch()
    return canonical.encode()


def fingerprint(digest: bytes) -> str:
    """Return six words, 66 bits, by which two people compare a key aloud."""
    return " ".join(_spell(_digest(_FINGERPRINT_LABEL, digest), PHRASE_WORDS))


@cache
def _by_key() -> dict[str, int]:
    return {word[:_KEY]: place for place, word in enumerate(words())}


def _digest(label: bytes, data: bytes) -> bytes:
    return hashlib.sha256(label + data).digest()


def _spell(data: bytes, count: int) -> list[str]:
    """Return the first bits of `data` as `count` words, 11 bits each."""
    number = int.from_bytes(data, "big") >> (8 * len(data) - WORD_BITS * count)
    shifts = range(WORD_BITS * (count - 1), -1, -WORD_BITS)
    return [words()[number >> shift & ((1 << WORD_BITS) - 1)] for shift in shifts]


def _canonical(places: Sequence[int]) -> str:
    return " ".join(words()[place] for place in places)


def _normal(text: str) -> str:
    # Lower case, not case folding: browsers cannot case-fold, and both sides must produce the same bytes.
    return unicodedata.normalize("NFKC", text).lower()


def _fold(text: str) -> str:
    """Return one typed word in lower case, without spaces and hyphens."""
    return _SEPARATORS.sub("", _normal(text))


def _places(typed: Sequence[str], count: int) -> list[int]:
    if len(typed) != count:
        raise WordsError(
            f"There should be {count} words; there are {len(typed)}.",
            advice="Nothing was lost. Check that no word is missing and none was typed twice.",
        )
    return [_place(word, position) for position, word in enumerate(typed, start=1)]


def _place(word: str, position: int) -> int:
    place = index(word)
    if place is None:
        near = _nearest(_fold(word), limit=_NEAR)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        raise WordsError(
            f"Word {position} is not in the list.",
            advice=f"Nothing was lost. Look at word {position} again.{hint}",
            position=position,
            suggestions=near,
        )
    return place


def _mismatch() -> WordsError:
    return WordsError(
        "Every word is in the list, but they do not belong together.",
        advice="Nothing was lost. One word is another than was written, or two have changed places.",
    )


def _nearest(typed: str, *, limit: int) -> tuple[str, ...]:
    """Return the listed words with the fewest slips between them and `typed`, if that is at most `limit`."""
    if len(typed) > _LONGEST + limit:
        return ()
    letters = set(typed)
    # A cheap filter before counting slips: a slip changes the set of letters by two at most.
    candidates = (word for word in words() if len(letters.symmetric_difference(word)) <= 2 * limit)
    slips = {word: _slips(typed, word) for word in candidates}
    fewest = min(slips.values(), default=limit + 1)
    return tuple(word for word, count in slips.items() if count == fewest <= limit)[:_SUGGESTIONS]


def _slips(left: str, right: str) -> int:
    """Count the slips between two words: Levenshtein distance, with swapped neighbours as one slip."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, start=1):
        earlier, before, row = before, row, [i]
        for j, b in enumerate(right, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and b == left[i - 2]:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
    return row[-1]
