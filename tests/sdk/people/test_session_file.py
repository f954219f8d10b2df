"""A session file comes back, hides its token, and no bytes crash what reads it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.boxes import BoxError, box, unbox
from vault.errors import VaultError
from vault.records.standing import Standing
from vault.sdk.device.pins_file import open_pins
from vault.sdk.keys.keyring import Keyring, new_keyring, parse_keyring
from vault.sdk.people.session_file import StoredSession, open_session, seal_session
from vault.secret import Secret

KEY = bytes(range(32))


MEMBER, PRACTICE, HASH = "1" * 32, "2" * 32, "3" * 64


def keyring() -> Keyring:
    return new_keyring(PRACTICE, MEMBER, bytes(32), Standing(1, HASH))


@given(sealed=st.binary(max_size=200))
def test_no_bytes_crash_a_parser(sealed: bytes) -> None:
    for attempt in (
        lambda: unbox(KEY, b"", sealed),
        lambda: parse_keyring(sealed),
        lambda: open_pins(box(KEY, b"vault/v1/pins", sealed), KEY),
        lambda: open_session(box(KEY, b"vault/v1/session", sealed), KEY),
    ):
        with pytest.raises(VaultError):
            attempt()


def test_a_session_file_comes_back_and_hides_its_token() -> None:
    for public in (None, "https://dossier.example.nl"):
        session = StoredSession("token", keyring(), Secret(KEY), public)
        sealed = seal_session(session, KEY)
        assert open_session(sealed, KEY) == session
    assert "token" not in repr(session).replace("token=", "")
    for key in (bytes(32), b"short"):
        with pytest.raises(BoxError):
            open_session(sealed, key)
