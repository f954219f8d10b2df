"""Small files in memory, their heads, and file keys that are handed over."""

from importlib import import_module
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

import vault.age
from vault.age import (
    AgeError,
    CommitmentError,
    Head,
    HeaderError,
    HybridIdentity,
    PayloadError,
    ScryptIdentity,
    ScryptRecipient,
    X25519Identity,
    armor,
    commitment,
    committed_payload_key,
    decrypt,
    encrypt,
    join,
    open_body,
    payload_key,
    read_head,
    split,
)
from vault.age import head as head_module

IDENTITY = HybridIdentity(bytes(32))
FILE_KEY, NONCE = bytes(range(16)), bytes(range(16, 32))
FILE = encrypt(b"a letter", [IDENTITY.recipient()], file_key=FILE_KEY, nonce=NONCE)
HEAD, OFFSET = split(FILE)
BODY = FILE[OFFSET:]


@given(st.binary(max_size=70_000), st.booleans())
def test_a_plaintext_goes_round(plaintext, armored):
    for identity in (IDENTITY, X25519Identity(bytes(32))):
        assert decrypt(encrypt(plaintext, [identity.recipient()], armored=armored), [identity]) == plaintext


def test_a_file_is_armored_where_it_was_asked_for_and_only_there():
    for armored in (True, False):
        assert armor.is_armored(encrypt(b"x", [IDENTITY.recipient()], armored=armored)) is armored


def test_a_file_of_another_type_than_expected_is_not_opened():
    assert decrypt(FILE, [IDENTITY], expect="mlkem768x25519") == b"a letter"
    with pytest.raises(HeaderError, match="exactly one"):
        decrypt(FILE, [IDENTITY], expect="X25519")


def test_a_passphrase_goes_round():
    content = encrypt(b"x", [ScryptRecipient("correct horse", work_factor=2)])
    assert decrypt(content, [ScryptIdentity("correct horse")]) == b"x"


@pytest.mark.parametrize(("identity", "step"), [(IDENTITY, 7), (X25519Identity(bytes(32)), 1)])
def test_every_flipped_bit_is_noticed(identity, step):
    """Of a hybrid file, whose unwrapping is slow, at least one bit of every byte; in turn each of the eight."""
    content = encrypt(b"a letter", [identity.recipient()])
    for place in range(0, len(content) * 8, step):
        flipped = bytearray(content)
        flipped[place // 8] ^= 1 << place % 8
        with pytest.raises(AgeError):
            decrypt(bytes(flipped), [identity])


def test_every_cut_and_every_extension_is_noticed():
    for cut in range(len(FILE)):
        with pytest.raises((HeaderError, PayloadError)):
            decrypt(FILE[:cut], [IDENTITY])
    with pytest.raises(PayloadError):
        decrypt(FILE + b"x", [IDENTITY])


@given(st.binary(max_size=300))
def test_other_bytes_are_refused_as_a_file(content):
    with pytest.raises(AgeError):
        decrypt(content, [IDENTITY])


def test_head_and_body_make_the_file_again():
    assert HEAD.nonce == NONCE
    assert b"".join(join(HEAD, [BODY[:3], BODY[3:]])) == FILE
    assert Head.parse(HEAD.to_bytes()) == HEAD
    assert len(HEAD.parsed().stanzas) == 1


@pytest.mark.parametrize("content", [FILE[: OFFSET - 1], FILE[: OFFSET + 1], b""])
def test_a_head_is_exactly_a_head(content):
    with pytest.raises(HeaderError):
        Head.parse(content)


@pytest.mark.parametrize("step", [1, 10, OFFSET - 16, OFFSET - 1, OFFSET, 100_000])
def test_a_head_is_read_in_whatever_pieces_come(step, monkeypatch):
    monkeypatch.setattr(head_module, "_READ_SIZE", step)
    reader = BytesIO(FILE)
    head, surplus = read_head(lambda size: reader.read(min(size, step)))
    assert head == HEAD
    assert surplus + reader.read() == BODY


@pytest.mark.parametrize("step", [1000, 65_536, 10**6])
def test_little_more_than_a_head_is_read(step):
    """The body of a large file stays where it is."""
    reader = BytesIO(FILE + bytes(10**6))
    head, surplus = read_head(lambda size: reader.read(min(size, step)))
    assert head == HEAD
    assert OFFSET + len(surplus) == reader.tell() == 65_536


@pytest.mark.parametrize("cut", [0, 5, 100, OFFSET - 17, OFFSET - 16, OFFSET - 1])
def test_a_reader_that_ends_in_the_head_is_refused(cut):
    with pytest.raises(HeaderError):
        read_head(BytesIO(FILE[:cut]).read)


def test_a_file_key_opens_what_it_is_committed_to():
    assert b"".join(open_body(NONCE, [BODY[:5], BODY[5:]], FILE_KEY, commitment(FILE_KEY))) == b"a letter"
    assert committed_payload_key(FILE_KEY, NONCE, commitment(FILE_KEY)) == payload_key(FILE_KEY, NONCE)


def test_another_file_key_is_refused_before_anything_is_opened():
    def never():
        pytest.fail("the body was read")
        yield b""

    with pytest.raises(CommitmentError):
        next(open_body(NONCE, never(), bytes(16), commitment(FILE_KEY)))


def test_a_foreign_head_does_not_open_the_body():
    other, _ = split(encrypt(b"another", [IDENTITY.recipient()]))
    with pytest.raises(PayloadError):
        decrypt(b"".join(join(other, [BODY])), [IDENTITY])


def test_the_door_offers_what_it_names():
    assert sorted(vault.age._ROOM_OF) == sorted(vault.age.__all__)
    for room, names in vault.age._ROOMS.items():
        for name in names.split():
            held = getattr(import_module(f"vault.age.{room}"), name)
            assert vault.age.__getattr__(name) is held
            assert getattr(vault.age, name) is held
    with pytest.raises(AttributeError):
        vault.age.nothing  # noqa: B018
    assert armor is vault.age.armor
