"""The one-time codes of both sides."""

from __future__ import annotations

import pytest

from tests.actors import NOW
from vault import totp


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_codes_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    """RFC 6238 appendix B, the last six of its eight digits."""
    assert totp.code(b"12345678901234567890", seconds // 30) == code


def test_a_code_is_taken_one_step_around_now() -> None:
    secret, step = b"s" * 20, totp.step_of(NOW)
    for distance in range(-2, 3):
        found = totp.matching_step(secret, totp.code(secret, step + distance), NOW)
        assert found == (step + distance if abs(distance) <= 1 else None)
