import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.age.armor import BEGIN, END, Armorer, Dearmorer, decode, encode, is_armored
from vault.age.errors import ArmorError

LINE = b"QUFB" * 16


def in_pieces(taker, content, size):
    pieces = [taker.update(content[start : start + size]) for start in range(0, len(content), size)]
    return b"".join([*pieces, taker.finish()])


@given(st.binary(max_size=1000), st.integers(1, 300), st.booleans())
def test_what_is_armored_comes_out_again_in_any_pieces(content, size, crlf):
    text = in_pieces(Armorer(), content, size)
    assert text == encode(content)
    if crlf:
        text = text.replace(b"\n", b"\r\n")
    assert is_armored(text)
    assert in_pieces(Dearmorer(), b" \r\n\t" + text + b"\n \n", size) == content


@given(st.binary(max_size=300), st.data())
def test_armor_with_one_byte_changed_is_refused_or_another_file(content, data):
    text = bytearray(encode(content))
    text[data.draw(st.integers(0, len(text) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    try:
        other = decode(bytes(text))
    except ArmorError:
        return
    assert encode(other).split() == bytes(text).split()


@given(st.binary(max_size=200).map(lambda inside: BEGIN + b"\n" + inside) | st.binary(max_size=200))
def test_other_bytes_are_refused_as_armor(text):
    try:
        content = decode(text)
    except ArmorError:
        return
    assert encode(content).split() == text.split()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"", "no end"),
        (b"x" * 200, "begin"),
        (b"x\n", "begin"),
        (b" " * 1025, "white space"),
        (BEGIN + b"\n", "no end"),
        (BEGIN + b"\nQUFB" + END, "not Base64"),
        (BEGIN + b"\n" + b"A" * 200, "64 columns"),
        (BEGIN + b"\nQUFB\nQUFB\n" + END, "64 columns"),
        (BEGIN + b"\n\n" + END, "empty"),
        (BEGIN + b"\nA\n" + END, "not Base64"),
        (BEGIN + b"\nQUF=\nQUFB\n" + END, "64 columns"),
        (BEGIN + b"\nQR==\n" + END, "canonical"),
        (BEGIN + b"\n" + END[:-1] + b" \n", "end as it should"),
        (BEGIN + b"\n" + b"-" * 200, "end as it should"),
        (BEGIN + b"\n" + END + b"\nx", "follows"),
        (b"\x0b" + encode(b"x"), "begin"),
        (encode(b"x") + b"\x0c", "follows"),
    ],
)
def test_a_refusal_says_why(text, says):
    with pytest.raises(ArmorError, match=says):
        decode(text)


def test_a_short_line_is_the_last_one_in_pieces_too():
    dearmorer = Dearmorer()
    assert dearmorer.update(BEGIN + b"\n" + LINE + b"\nQUFB\n") == b"AAA" * 17
    with pytest.raises(ArmorError, match="64 columns"):
        dearmorer.update(LINE + b"\n")


@pytest.mark.parametrize("size", [1, 100, 10_000])
def test_1024_bytes_of_white_space_are_borne_on_either_side_and_no_more(size):
    space = b" \t\r\n" * 256
    content = bytes(range(256)) * 20
    assert in_pieces(Dearmorer(), space + encode(content) + space, size) == content
    for text in (b" " + space + encode(content), encode(content) + space + b" "):
        with pytest.raises(ArmorError, match="white space"):
            in_pieces(Dearmorer(), text, size)


def test_a_whole_line_that_ends_the_base64_is_the_last_one_too():
    dearmorer = Dearmorer()
    dearmorer.update(BEGIN + b"\n" + LINE[:-4] + b"QUE=\n")
    with pytest.raises(ArmorError, match="64 columns"):
        dearmorer.update(LINE + b"\n")


def test_whatever_looks_like_armor_is_judged_as_armor():
    assert is_armored(b"\n\t-----BEGIN SOMETHING")
    assert is_armored(b"garbage\n" + BEGIN)
    assert not is_armored(b"age-encryption.org/v1\n")
    assert not is_armored(b"\x0b-----BEGIN SOMETHING")
