"""Every CCTV vector fails, if it fails, in its own class, and releases exactly the verified prefix."""

import hashlib
from io import BytesIO

import pytest

from tests.age.vectors import Vector, parameters, require_vectors
from vault.age import (
    Dearmorer,
    OpenStream,
    ScryptIdentity,
    SealStream,
    commitment,
    decrypt,
    errors,
    open_body,
    parse_identity,
    payload_key,
    read_head,
    read_header,
    split,
    unwrap,
)
from vault.age.armor import decode, encode
from vault.age.format import Header

FAILURES = {
    "header failure": errors.HeaderError,
    "no match": errors.NoMatchError,
    "HMAC failure": errors.HmacError,
    "armor failure": errors.ArmorError,
    "payload failure": errors.PayloadError,
}


@pytest.fixture(scope="module", autouse=True)
def _vectors():
    require_vectors()


def identities_of(vector: Vector) -> list:
    return [
        *(parse_identity(text) for text in vector.identities),
        *(ScryptIdentity(passphrase) for passphrase in vector.passphrases),
    ]


def stream_out(vector: Vector, released: bytearray) -> None:
    """Decrypt as a stream, in small pieces, whatever was verified going into `released`."""
    content = vector.content
    if vector.armored:
        dearmorer = Dearmorer()
        content = dearmorer.update(content) + dearmorer.finish()
    reader = BytesIO(content)
    head, surplus = read_head(reader.read)
    stream = OpenStream(payload_key(unwrap(head.parsed(), identities_of(vector)), head.nonce))
    body = BytesIO(surplus + reader.read())
    while piece := body.read(4096):
        released += stream.update(piece)
    released += stream.finish()


@pytest.mark.parametrize("vector", parameters())
def test_the_stream_releases_exactly_the_verified_prefix(vector):
    released = bytearray()
    if vector.expect == "success":
        stream_out(vector, released)
    else:
        with pytest.raises(FAILURES[vector.expect]) as failure:
            stream_out(vector, released)
        assert type(failure.value) is FAILURES[vector.expect]
    if vector.payload is not None:
        assert hashlib.sha256(released).hexdigest() == vector.payload
    else:
        assert not released


@pytest.mark.parametrize("vector", parameters())
def test_in_memory_it_is_whole_or_not_at_all(vector):
    if vector.expect == "success":
        plaintext = decrypt(vector.content, identities_of(vector))
        assert hashlib.sha256(plaintext).hexdigest() == vector.payload
        return
    with pytest.raises(FAILURES[vector.expect]) as failure:
        decrypt(vector.content, identities_of(vector))
    assert type(failure.value) is FAILURES[vector.expect]


@pytest.mark.parametrize("vector", parameters(without=("header failure", "armor failure")))
def test_what_can_be_parsed_is_written_again_byte_for_byte(vector):
    content = vector.content
    if vector.armored:
        content = decode(content)
        assert encode(content).split() == vector.content.split()
    header = read_header(content)
    assert content.startswith(header.to_bytes())
    assert b"".join(stanza.to_bytes() for stanza in header.stanzas) in header.authenticated
    assert Header(header.stanzas, header.mac, header.authenticated).size == header.size


@pytest.mark.parametrize("vector", parameters(without=tuple(FAILURES)))
def test_a_payload_is_sealed_again_byte_for_byte(vector):
    content = decode(vector.content) if vector.armored else vector.content
    head, offset = split(content)
    plaintext = b"".join(open_body(head.nonce, [content[offset:]], vector.file_key, commitment(vector.file_key)))
    stream = SealStream(payload_key(vector.file_key, head.nonce))
    assert stream.update(plaintext) + stream.finish() == content[offset:]
