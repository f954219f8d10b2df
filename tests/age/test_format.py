import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.age import format as age_format
from vault.age.errors import HeaderError
from vault.age.format import INTRO, Header, Stanza, authenticated_part, read_header, read_header_prefix

WORDS = st.text([chr(code) for code in range(33, 127)], min_size=1, max_size=20)
STANZAS = st.builds(Stanza, WORDS, st.lists(WORDS, max_size=4).map(tuple), st.binary(max_size=200))
HEADERS = st.builds(
    lambda stanzas, mac: Header(tuple(stanzas), mac, authenticated_part(tuple(stanzas))),
    st.lists(STANZAS, min_size=1, max_size=4),
    st.binary(min_size=32, max_size=32),
)


@given(HEADERS, st.binary(max_size=100))
def test_what_is_written_is_read(header, payload):
    content = header.to_bytes()
    assert read_header(content + payload) == header
    assert header.size == len(content)


@pytest.mark.parametrize("size", [0, 1, 46, 47, 48, 49, 95, 96, 97])
def test_the_last_line_of_a_stanza_is_shorter_than_the_others_if_need_be_empty(size):
    stanza = Stanza("a", (), bytes(size))
    *whole, last = stanza.to_bytes().split(b"\n")[1:-1]
    assert [len(line) for line in whole] == [64] * (size // 48)
    assert len(last) < 64
    assert read_header(Header((stanza,), bytes(32), authenticated_part((stanza,))).to_bytes()).stanzas == (stanza,)


def test_base64_keeps_every_last_character():
    for last in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/":
        assert age_format.encode_unpadded(age_format.decode_unpadded(f"AAA{last}".encode())) == f"AAA{last}"


@given(HEADERS, st.data())
def test_a_header_that_has_not_ended_asks_for_more(header, data):
    content = header.to_bytes()
    cut = data.draw(st.integers(0, len(content) - 1))
    assert read_header_prefix(content[:cut]) is None
    with pytest.raises(HeaderError, match="ends inside"):
        read_header(content[:cut])


@given(st.binary(max_size=300).map(lambda tail: INTRO + b"-> " + tail) | st.binary(max_size=100))
def test_other_bytes_are_refused_as_a_header(content):
    try:
        header = read_header(content)
    except HeaderError:
        return
    assert content.startswith(header.to_bytes())


@given(HEADERS, st.data())
def test_a_header_with_one_byte_changed_is_refused_or_read_as_it_stands(header, data):
    content = bytearray(header.to_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    try:
        changed = read_header(bytes(content))
    except HeaderError:
        return
    assert bytes(content).startswith(changed.to_bytes())


def test_a_header_without_end_is_refused_at_the_limit(monkeypatch):
    monkeypatch.setattr(age_format, "MAX_HEADER_SIZE", 1000)
    endless = INTRO + b"A" * 1000
    assert read_header_prefix(endless[:999]) is None
    with pytest.raises(HeaderError, match="too long"):
        read_header_prefix(endless[:1000])


@pytest.mark.parametrize("beyond", [1, 10, 60])
def test_a_header_that_ends_beyond_the_limit_is_refused(beyond, monkeypatch):
    stanzas = (Stanza("a", (), bytes(500)),)
    content = Header(stanzas, bytes(32), authenticated_part(stanzas)).to_bytes()
    monkeypatch.setattr(age_format, "MAX_HEADER_SIZE", len(content))
    assert read_header(content).stanzas == stanzas
    monkeypatch.setattr(age_format, "MAX_HEADER_SIZE", len(content) - beyond)
    with pytest.raises(HeaderError, match="too long"):
        read_header(content)


@given(HEADERS)
def test_a_payload_that_looks_like_the_end_of_a_header_is_none(header):
    assert read_header(header.to_bytes() + b"\n--- " + b"A" * 43 + b"\n") == header


MAC = "--- " + "A" * 43 + "\n"


@pytest.mark.parametrize(
    ("rest", "says"),
    [
        (MAC, "no recipient"),
        ("-> a\n\n---" + "A" * 43 + "\n", "last line"),
        ("-> a\n\n--- AAAA\n", "wrong length"),
        ("-> a\n" + "A" * 65 + "\n" + MAC, "64 columns"),
        ("-> a\n" + "A" * 64 + "\n" + MAC, "short line"),
        ("-> a\n" + MAC, "short line"),
        ("-> a\n*\n" + MAC, "Base64"),
        ("-> a\nA\n" + MAC, "Base64"),
        ("-> a\nAB\n" + MAC, "canonical"),
        ("-> a\nAA==\n" + MAC, "canonical"),
        ("-> a\n\nx\n" + MAC, "where a stanza should begin"),
        ("->\n\n" + MAC, "where a stanza should begin"),
        ("-> a  b\n\n" + MAC, "first line"),
        ("-> a\x7f\n\n" + MAC, "first line"),
    ],
)
def test_a_refusal_says_why(rest, says):
    with pytest.raises(HeaderError, match=says):
        read_header(INTRO + rest.encode())
