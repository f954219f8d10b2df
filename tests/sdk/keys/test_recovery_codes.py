"""Ten codes that nobody guesses, read as people type them."""

from __future__ import annotations

import secrets

import pytest

from vault.sdk.keys.recovery_codes import COUNT, is_code, new_codes, read_code, spaced


def test_codes_are_ten_of_120_random_bits_each(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    real = secrets.token_bytes
    monkeypatch.setattr(secrets, "token_bytes", lambda size: asked.append(size) or real(size))
    codes = new_codes()
    assert (len(set(codes)), asked) == (COUNT, [15] * COUNT)
    assert all(is_code(code) and len(code) == 24 for code in codes)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("123 456", "123456"),
        (" 123-456\n", "123456"),
        ("OL2B-abcd-efgh-ijkl-mnop-qrst", "ol2babcdefghijklmnopqrst"),
        ("0128 abcd efgh ijkl mnop qrst", "ol2babcdefghijklmnopqrst"),
        ("nonsense", "nonsense"),
        ("", ""),
    ],
)
def test_a_code_is_read_as_it_was_meant(typed: str, read: str) -> None:
    assert read_code(typed) == read
    assert is_code(read) == (read not in {"nonsense", ""})


def test_a_code_is_shown_in_groups_and_read_back() -> None:
    for code in new_codes():
        assert read_code(spaced(code)) == code
        assert spaced(code).count("-") == 5
