"""A second factor's secret reads back however it is typed, and lies in a private file."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.sdk.keys import one_time_codes
from vault.secret import Secret


@given(secret=st.binary(min_size=10, max_size=64))
def test_a_secret_reads_back_however_it_is_typed(secret: bytes) -> None:
    text = one_time_codes.to_base32(secret)
    spaced = " ".join(text[n : n + 4] for n in range(0, len(text), 4)).lower()
    assert (
        one_time_codes.from_base32(text)
        == one_time_codes.from_base32(spaced)
        == one_time_codes.from_base32(text + "==")
        == secret
    )


@pytest.mark.parametrize("text", ["", "1", "AAAA", "é", "A" * 200])
def test_what_is_no_secret_is_refused(text: str) -> None:
    with pytest.raises(one_time_codes.TotpSecretError):
        one_time_codes.from_base32(text)


def test_a_secret_file_is_private_and_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "totp"
    assert one_time_codes.read_secret_file(path) is None
    secret = one_time_codes.new_secret()
    one_time_codes.write_secret_file(path, secret)
    assert one_time_codes.read_secret_file(path) == secret
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_bytes(b"\xff")
    with pytest.raises(one_time_codes.TotpSecretError):
        one_time_codes.read_secret_file(path)


def test_an_app_reads_the_uri() -> None:
    uri = one_time_codes.otpauth_uri(Secret(b"12345678901234567890"), account="a@b.nl", issuer="De Praktijk")
    assert uri == (
        "otpauth://totp/De%20Praktijk:a@b.nl?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        "&issuer=De%20Praktijk&algorithm=SHA1&digits=6&period=30"
    )
