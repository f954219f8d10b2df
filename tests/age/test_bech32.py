import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.age import bech32
from vault.age.errors import KeyStringError

PREFIXES = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=20)


@given(PREFIXES, st.binary(max_size=1300))
def test_what_is_encoded_is_decoded(prefix, payload):
    text = bech32.encode(prefix, payload)
    assert bech32.decode(text) == (prefix, payload)
    assert bech32.decode(text.upper()) == (prefix.upper(), payload)


def test_a_prefix_may_hold_any_printable_character():
    """BIP 173: US-ASCII from 33 to 126."""
    prefix = "".join(chr(code) for code in range(33, 127) if not chr(code).isupper())
    assert bech32.decode(bech32.encode(prefix, b"x")) == (prefix, b"x")


@given(PREFIXES, st.binary(min_size=1, max_size=64), st.data())
def test_one_wrong_character_is_noticed(prefix, payload, data):
    text = bech32.encode(prefix, payload)
    place = data.draw(st.integers(len(prefix) + 1, len(text) - 1))
    other = data.draw(st.sampled_from([c for c in bech32._CHARSET if c != text[place]]))
    with pytest.raises(KeyStringError):
        bech32.decode(text[:place] + other + text[place + 1 :])


@given(st.text(max_size=100))
def test_other_text_is_refused_as_a_key(text):
    with pytest.raises(KeyStringError):
        bech32.decode(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("age1\x7f", "character"),
        ("Age1qqqqqqq", "case"),
        ("ageqqqqqqq", "parts"),
        ("1qqqqqqq", "parts"),
        ("age1qqq", "parts"),
        ("age1bqqqqqqq", "character"),
        ("age1qqqqqqqq", "checksum"),
        ("age1" + "q" * 4093, "longer"),
    ],
)
def test_a_refusal_says_why(text, says):
    with pytest.raises(KeyStringError, match=says):
        bech32.decode(text)


@pytest.mark.parametrize("groups", [[0], [0, 1], [0, 0, 0]])
def test_a_stray_end_is_refused_though_the_checksum_fits(groups):
    checksum = bech32._polymod([*bech32._expand("age"), *groups, 0, 0, 0, 0, 0, 0]) ^ 1
    tail = [checksum >> 5 * (5 - position) & 31 for position in range(6)]
    with pytest.raises(KeyStringError, match="stray"):
        bech32.decode("age1" + "".join(bech32._CHARSET[group] for group in [*groups, *tail]))


def test_a_text_longer_than_any_key_is_refused_before_its_square_is_computed():
    with pytest.raises(KeyStringError, match="longer"):
        bech32.decode(bech32.encode("age", b"a" * 2555))
    longest = bech32.encode("age", b"a" * 2553)
    assert len(longest) <= 4096
    assert bech32.decode(longest) == ("age", b"a" * 2553)
