"""What a box holds comes back, and one flipped bit opens nothing; keys are derived as RFC 5869 says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.boxes import BoxError, box, hkdf, unbox
from vault.errors import IntegrityError

KEY = bytes(range(32))


def test_hkdf_is_rfc_5869_with_an_empty_salt() -> None:
    # RFC 5869, test case 3, cut to one block and with its empty info.
    assert hkdf(b"\x0b" * 22, "").hex() == "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"


@given(plaintext=st.binary(max_size=300), aad=st.binary(max_size=50))
def test_a_box_gives_back_what_went_in_and_shows_nothing(plaintext: bytes, aad: bytes) -> None:
    opened = unbox(KEY, aad, box(KEY, aad, plaintext))
    assert bytes(opened) == plaintext
    assert repr(opened) == str(opened) == "Secret(…)"


@given(bit=st.integers(min_value=0))
def test_a_box_with_one_flipped_bit_stays_shut(bit: int) -> None:
    sealed = bytearray(box(KEY, b"aad", b"content"))
    sealed[bit // 8 % len(sealed)] ^= 1 << bit % 8
    with pytest.raises(BoxError):
        unbox(KEY, b"aad", bytes(sealed))


@pytest.mark.parametrize(("key", "aad"), [(bytes(32), b"aad"), (KEY, b"other")])
def test_a_box_of_another_key_or_place_stays_shut(key: bytes, aad: bytes) -> None:
    with pytest.raises(BoxError):
        unbox(key, aad, box(KEY, b"aad", b"content"))


def test_integrity_errors_are_integrity_errors() -> None:
    assert issubclass(BoxError, IntegrityError)
