"""Words lose nothing, betray a slip, and are the same in every language that reads tests/vectors/4-words.json."""

import hashlib
import json
import re
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.errors import IntegrityError, InvalidInputError, VaultError
from vault.sdk.keys import words as module
from vault.sdk.keys.words import (
    WORDLIST_SHA256,
    WordsError,
    all_listed,
    check_locator,
    check_passphrase,
    complete_locator,
    decode,
    encode,
    fingerprint,
    generate_password,
    index,
    locator,
    normalise_passphrase,
    passphrase,
    split,
    words,
)

ROOT = Path(__file__).parents[3]
FILE = ROOT / "vault" / "sdk" / "keys" / "wordlist.txt"
VECTORS = json.loads((ROOT / "tests" / "vectors" / "4-words.json").read_text(encoding="utf-8"))
WORDS = words()

seeds = st.binary(min_size=32, max_size=32)
listed = st.sampled_from(WORDS)
phrases = st.lists(listed, min_size=6, max_size=6).map(" ".join)


def slips_of(word):
    """Every text that is one slip away: a letter added, missing, wrong, or swapped with its neighbour."""
    cuts = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    letters = string.ascii_lowercase
    made = {a + c + b for a, b in cuts for c in letters}
    made |= {a + c + b[1:] for a, b in cuts if b for c in letters}
    made |= {a + b[1:] for a, b in cuts if b}
    made |= {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
    return made - {word}


def sound(word):
    """A rough spelling by ear, in which the twins of Dutch spelling fall together."""
    twins = {
        "ij": "ei", "auw": "ou", "ouw": "ou", "au": "ou", "ch": "g", "dt": "t", "ph": "f", "th": "t", "x": "ks",
        "qu": "kw", "y": "i", "v": "f", "z": "s",
    }  # fmt: skip
    for spelled, heard in twins.items():
        word = word.replace(spelled, heard)
    word = re.sub("c(?=[ei])", "s", word).replace("c", "k")
    word = re.sub("d$", "t", word)
    word = re.sub("b$", "p", word)
    return re.sub(r"([^aeiou])\1", r"\1", word)


@st.composite
def typed_with_a_slip(draw):
    """A seed, its words, and the same words with a slip in one of them."""
    seed = draw(seeds)
    right = encode(seed)
    position = draw(st.integers(0, 23))
    wrong = [*right]
    wrong[position] = draw(st.sampled_from(sorted(slips_of(right[position]))))
    return seed, wrong, position + 1


def outcome(typed):
    """The seed that the words decode to, or the position that the error names."""
    try:
        return decode(typed)
    except WordsError as error:
        return error.position


# The list


def test_the_list_is_frozen():
    assert hashlib.sha256(FILE.read_bytes()).hexdigest() == WORDLIST_SHA256 == VECTORS["list"]["sha256"]


def test_the_list_is_2048_sorted_words_one_a_line():
    assert FILE.read_bytes() == b"".join(word.encode("ascii") + b"\n" for word in WORDS)
    assert len(WORDS) == len(set(WORDS)) == VECTORS["list"]["count"] == 2048
    assert list(WORDS) == sorted(WORDS)


def test_every_word_has_four_to_eight_plain_letters():
    assert [word for word in WORDS if not re.fullmatch("[a-z]{4,8}", word)] == []


def test_the_first_four_letters_tell_every_word():
    assert len({word[:4] for word in WORDS}) == 2048


def test_no_slip_turns_a_word_into_another():
    others = set(WORDS)
    assert [(word, slips_of(word) & others) for word in WORDS if slips_of(word) & others] == []


def test_no_two_words_sound_the_same():
    assert len({sound(word) for word in WORDS}) == 2048


def test_no_word_stands_beside_its_plural():
    everything = set(WORDS)
    doubled = {re.sub(r"([aeou])\1([^aeiou])$", r"\1\2", word) for word in WORDS}
    assert [word for word in WORDS if re.sub("(en|s)$", "", word) in (everything | doubled) - {word}] == []


def test_an_altered_list_is_refused(monkeypatch):
    monkeypatch.setattr(module, "WORDLIST_SHA256", "0" * 64)
    words.cache_clear()
    try:
        with pytest.raises(IntegrityError):
            words()
    finally:
        words.cache_clear()


# One word


@pytest.mark.parametrize("case", VECTORS["index"], ids=lambda case: ascii(case["typed"]))
def test_a_typed_word_is_understood_as_the_vectors_say(case):
    assert index(case["typed"]) == case["index"]


def test_four_letters_are_enough_for_every_word():
    assert [index(word[:4]) for word in WORDS] == list(range(2048))


@given(listed, st.sampled_from([str.upper, str.capitalize, "-{}".format, " {}\n".format, "{}\u2011".format]))
def test_case_spaces_and_hyphens_do_not_matter(word, dress):
    assert index(dress(word)) == WORDS.index(word)


@given(st.data())
def test_a_slip_after_the_fourth_letter_is_corrected_or_refused(data):
    word = data.draw(st.sampled_from([word for word in WORDS if len(word) > 5]))
    slip = data.draw(st.sampled_from(sorted(s for s in slips_of(word) if s[:4] == word[:4])))
    assert index(slip) in {WORDS.index(word), None}


def test_a_slip_that_is_as_near_to_another_word_is_refused_with_both():
    with pytest.raises(WordsError) as caught:
        check_passphrase("taalbes appel fiets kaas molen oven")
    assert caught.value.suggestions == ("aalbes", "taalles")


@given(st.text(max_size=20))
def test_no_text_breaks_the_look_up(text):
    place = index(text)
    assert place is None or 0 <= place < 2048


# The sheet


@given(seeds)
def test_a_seed_comes_back_from_its_words(seed):
    assert decode(encode(seed)) == seed
    assert decode([word[:4].upper() for word in encode(seed)]) == seed
    assert decode(split("\n".join(encode(seed)))) == seed


@given(seeds)
def test_the_words_are_the_bits_of_seed_and_checksum(seed):
    checksum = hashlib.sha256(b"vault/v1/words" + seed).digest()[0]
    bits = "".join(f"{byte:08b}" for byte in [*seed, checksum])
    assert encode(seed) == [WORDS[int(bits[i : i + 11], 2)] for i in range(0, 264, 11)]


@pytest.mark.parametrize("case", VECTORS["encode"], ids=lambda case: case["data"][:8])
def test_the_vectors_encode_and_decode(case):
    assert encode(bytes.fromhex(case["data"])) == case["words"].split()
    assert decode(case["words"].split()).hex() == case["data"]


@pytest.mark.parametrize("case", VECTORS["decode_failures"], ids=["swapped", "unknown", "slip", "missing"])
def test_the_vectors_that_fail_fail_at_their_word(case):
    with pytest.raises(WordsError) as caught:
        decode(case["words"].split())
    assert (caught.value.position, list(caught.value.suggestions)) == (case["position"], case["suggestions"])


@given(typed_with_a_slip())
def test_one_slip_in_24_words_is_corrected_or_detected(case):
    seed, typed, position = case
    # None: the slip spells the beginning of another word, and the checksum found it.
    assert outcome(typed) in {seed, position, None}


@given(seeds, st.integers(0, 23), listed)
def test_another_word_in_one_place_is_detected_but_for_one_in_256(seed, position, other):
    typed = [*encode(seed)]
    typed[position] = other
    read = outcome(typed)
    assert read is None or encode(read) == typed


def test_the_checksum_finds_255_of_256_wrong_words():
    right = encode(bytes(range(32)))
    passed = [other for other in WORDS if outcome([other, *right[1:]]) is not None]
    assert right[0] in passed
    assert len(passed) <= 20


@pytest.mark.parametrize("size", [0, 31, 33])
def test_only_32_bytes_are_encoded(size):
    with pytest.raises(InvalidInputError):
        encode(bytes(size))


def test_an_error_keeps_the_words_out_of_its_text():
    with pytest.raises(WordsError) as caught:
        decode(["appel", "fiest", *["kaas"] * 22])
    error = caught.value
    assert isinstance(error, VaultError)
    assert (str(error), error.code) == ("Word 2 is not in the list.", "words")
    assert (error.position, error.suggestions) == (2, ("fiets",))
    assert "Did you mean fiets?" in error.advice


def test_a_text_far_from_every_word_gets_no_suggestion():
    with pytest.raises(WordsError) as caught:
        check_passphrase(f"{'q' * 500} appel fiets kaas molen oven")
    assert (caught.value.position, caught.value.suggestions) == (1, ())
    assert "Did you mean" not in caught.value.advice


# Phrases


@pytest.mark.parametrize("make", [passphrase, generate_password])
def test_a_generated_phrase_is_six_words_in_canonical_form(make):
    phrase = make()
    assert [word in WORDS for word in phrase.split(" ")] == [True] * 6
    assert normalise_passphrase(phrase) == check_passphrase(phrase) == phrase.encode()
    assert make() != phrase


def test_every_word_can_be_generated(monkeypatch):
    bounds = []
    monkeypatch.setattr(module.secrets, "randbelow", lambda bound: bounds.append(bound) or bound - 1)
    assert passphrase() == " ".join(["zwier"] * 6)
    assert bounds == [2048] * 6


@given(phrases, st.sampled_from([" ", "  ", "-", "\u2013", "\u00a0", "\r\n", "\u3000", " - "]))
def test_however_a_phrase_is_typed_its_bytes_are_the_same(phrase, separator):
    typed = separator.join(word[:4].title() for word in phrase.split())
    assert normalise_passphrase(f" {typed} ") == phrase.encode()
    assert all_listed(typed)


@pytest.mark.parametrize("case", VECTORS["canonical"], ids=lambda case: ascii(case["typed"]))
def test_the_canonical_form_is_the_vectors(case):
    assert normalise_passphrase(case["typed"]) == case["canonical"].encode()
    assert all_listed(case["typed"]) is case["listed"]


@given(st.text())
def test_any_phrase_has_a_canonical_form_whatever_the_spaces_around_it(text):
    canonical = normalise_passphrase(text)
    assert canonical == normalise_passphrase(f" \n{text}\u3000")
    assert canonical.strip(b" ") == canonical
    assert b"  " not in canonical


def test_no_words_are_not_listed_words():
    assert not all_listed(" - ")
    assert normalise_passphrase(" \n ") == b""


def test_half_a_character_is_merely_wrong():
    assert normalise_passphrase("\ud800 appel") != normalise_passphrase("\ud801 appel")


def test_a_phrase_of_five_words_is_refused():
    with pytest.raises(WordsError, match="6 words; there are 5") as caught:
        check_passphrase("appel fiets kaas molen oven")
    assert caught.value.position is None


# Locators


def test_a_generated_locator_checks_out():
    seven = locator()
    assert len(seven.split(" ")) == 7
    assert check_locator(seven) == seven.encode()
    assert locator() != seven


@given(phrases)
def test_the_seventh_word_is_11_bits_of_the_digest_of_six(phrase):
    digest = hashlib.sha256(b"vault/v1/locator" + phrase.encode()).digest()
    seventh = WORDS[int.from_bytes(digest[:2], "big") >> 5]
    assert complete_locator(phrase) == f"{phrase} {seventh}"
    assert check_locator(f"{phrase} {seventh}".upper().replace(" ", "-")) == f"{phrase} {seventh}".encode()


@pytest.mark.parametrize("case", VECTORS["locator"], ids=lambda case: case["six"][:5])
def test_the_locators_of_the_vectors(case):
    assert complete_locator(case["six"]) == case["locator"]
    assert check_locator(case["locator"]) == case["locator"].encode()


@pytest.mark.parametrize("case", VECTORS["locator_failures"], ids=["other", "swapped", "slip", "missing"])
def test_a_mistyped_locator_is_refused(case):
    with pytest.raises(WordsError) as caught:
        check_locator(case["typed"])
    assert (caught.value.position, list(caught.value.suggestions)) == (case["position"], case["suggestions"])


# Fingerprints


@given(st.binary(max_size=80))
def test_a_fingerprint_is_66_bits_of_the_digest(data):
    bits = "".join(f"{byte:08b}" for byte in hashlib.sha256(b"vault/v1/fingerprint" + data).digest())
    assert fingerprint(data) == " ".join(WORDS[int(bits[i : i + 11], 2)] for i in range(0, 66, 11))


@pytest.mark.parametrize("case", VECTORS["fingerprint"], ids=lambda case: case["data"][:8])
def test_the_fingerprints_of_the_vectors(case):
    assert fingerprint(bytes.fromhex(case["data"])) == case["words"]
