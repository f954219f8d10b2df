"""Bodies held in memory as they came."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.http.gathered_body import SMALL, TOGETHER, Gathered

SIZES = st.lists(st.sampled_from([0, 1, 7, SMALL - 1, SMALL, SMALL + 1, TOGETHER]), max_size=12)


def gathered(*sizes: int) -> tuple[Gathered, bytes]:
    held, whole = Gathered(), b""
    for number, size in enumerate(sizes):
        piece = bytes([number % 251]) * size
        held.add(piece)
        whole += piece
    return held, whole


@given(sizes=SIZES, steps=st.lists(st.sampled_from([0, 1, 100, SMALL, TOGETHER + 1]), max_size=20))
def test_what_is_read_is_what_came_whatever_the_pieces(sizes: list[int], steps: list[int]) -> None:
    held, whole = gathered(*sizes)
    assert len(held) == len(whole)
    assert held.digest() == hashlib.sha256(whole).digest()
    assert held.whole() == whole
    read = b""
    for step in [*steps, len(whole), 1]:
        buffer = bytearray(step)
        got = held.readinto(memoryview(buffer))
        assert got == min(step, len(whole) - len(read))
        read += buffer[:got]
    assert read == whole


def test_a_sender_who_trickles_cannot_make_each_byte_an_object() -> None:
    held, _ = gathered(*[1] * (TOGETHER + 10))
    assert len(held._pieces) == 1


@pytest.mark.parametrize("size", [SMALL, TOGETHER])
def test_a_large_piece_is_kept_as_it_came(size: int) -> None:
    held, piece = Gathered(), bytes(size)
    held.add(piece)
    assert held._pieces[0] is piece
