import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.age.errors import PayloadError
from vault.age.stream import (
    CHUNK_SIZE,
    SEALED_SIZE,
    TAG_SIZE,
    Opener,
    OpenStream,
    Sealer,
    SealStream,
    body_size,
    chunk_count,
    plain_size,
)

KEY = bytes(range(32))
MIB = 1024 * 1024
EDGES = [0, 1, 15, 16, 17, 65535, 65536, 65537, 2 * 65536, 2 * 65536 + 1, 8 * MIB - 1, 8 * MIB, 8 * MIB + 1]
SIZES = st.sampled_from(EDGES[:10]) | st.integers(0, 200_000)


def plaintext(size):
    return (bytes(range(251)) * (size // 251 + 1))[:size]


def seal(content, piece=CHUNK_SIZE):
    stream = SealStream(KEY)
    pieces = [stream.update(content[start : start + piece]) for start in range(0, len(content), piece)]
    return b"".join([*pieces, stream.finish()])


def unseal(body, piece=SEALED_SIZE):
    stream = OpenStream(KEY)
    pieces = [stream.update(body[start : start + piece]) for start in range(0, len(body), piece)]
    return b"".join([*pieces, stream.finish()])


@pytest.mark.parametrize("size", EDGES)
def test_sizes_at_the_edges_go_round(size):
    body = seal(plaintext(size), 100_000)
    assert len(body) == body_size(size)
    assert plain_size(len(body)) == size
    assert unseal(body, 99_999) == plaintext(size)


@given(SIZES, st.integers(500, 150_000), st.integers(500, 150_000))
def test_the_pieces_do_not_matter(size, put, taken):
    body = seal(plaintext(size), put)
    assert body == seal(plaintext(size))
    assert unseal(body, taken) == plaintext(size)


@given(st.integers(0, 2**60))
def test_the_arithmetic_of_sizes_is_exact(size):
    assert plain_size(body_size(size)) == size
    assert body_size(size) == size + TAG_SIZE * chunk_count(size)


@pytest.mark.parametrize("size", [-1, 0, 15, SEALED_SIZE + 1, SEALED_SIZE + 16, 2 * SEALED_SIZE + 15])
def test_an_impossible_size_is_refused(size):
    with pytest.raises(PayloadError):
        plain_size(size)


def test_a_negative_size_is_a_mistake():
    with pytest.raises(ValueError, match="negative"):
        body_size(-1)


def test_chunks_are_sealed_and_opened_in_any_order():
    sealer, opener = Sealer(KEY), Opener(KEY)
    second = sealer.seal(1, b"end", last=True)
    first = sealer.seal(0, bytes(CHUNK_SIZE), last=False)
    assert first + second == seal(bytes(CHUNK_SIZE) + b"end")
    assert opener.open(1, second, last=True) == b"end"
    assert opener.open(0, first, last=False) == bytes(CHUNK_SIZE)


@pytest.mark.parametrize("sealed", [b"", b"x" * 15, b"x" * 16, b"x" * 40])
def test_a_forged_chunk_is_refused(sealed):
    with pytest.raises(PayloadError):
        Opener(KEY).open(0, sealed, last=True)


BODY = seal(plaintext(3 * CHUNK_SIZE + 5))
CHUNKS = [BODY[start : start + SEALED_SIZE] for start in range(0, len(BODY), SEALED_SIZE)]


@pytest.mark.parametrize(
    ("body", "verified"),
    [
        pytest.param(BODY[:-1], 3, id="cut in the last chunk"),
        pytest.param(BODY[: 3 * SEALED_SIZE], 3, id="without the last chunk"),
        pytest.param(BODY[: 2 * SEALED_SIZE + 1], 2, id="cut after a chunk"),
        pytest.param(b"", 0, id="nothing"),
        pytest.param(BODY + b"x", 3, id="extended"),
        pytest.param(CHUNKS[1] + CHUNKS[0] + b"".join(CHUNKS[2:]), 0, id="reordered"),
        pytest.param(CHUNKS[0] + CHUNKS[2] + CHUNKS[3], 1, id="one left out"),
        pytest.param(CHUNKS[0] + BODY, 1, id="one twice"),
        pytest.param(
            b"".join(CHUNKS[:3]) + Sealer(KEY).seal(3, b"", last=True), 3, id="an empty end after whole chunks"
        ),
    ],
)
@pytest.mark.parametrize("piece", [1000, SEALED_SIZE, 10 * SEALED_SIZE])
def test_a_broken_body_releases_exactly_what_is_verified(body, verified, piece):
    stream, released = OpenStream(KEY), b""
    with pytest.raises(PayloadError):  # noqa: PT012 - what was released before is the point
        for start in range(0, len(body), piece):
            released += stream.update(body[start : start + piece])
        released += stream.finish()
    assert released == plaintext(verified * CHUNK_SIZE)


def test_what_follows_a_whole_last_chunk_is_refused_after_it_is_released():
    stream = OpenStream(KEY)
    body = seal(plaintext(CHUNK_SIZE))
    assert stream.update(body + b"x") == plaintext(CHUNK_SIZE)
    with pytest.raises(PayloadError, match="follows"):
        stream.finish()
