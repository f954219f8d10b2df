"""The set-up token is one-time and private."""

from __future__ import annotations

import stat

import pytest

from vault.adapters.setup_token import SetupTokenFile
from vault.errors import UnavailableError


def test_it_is_made_once_and_gone_when_spent(tmp_path):
    token = SetupTokenFile(tmp_path / "setup-token")
    assert token.read() is None
    token.make()
    first = token.read()
    assert first is not None
    assert len(first) >= 32
    token.make()
    assert token.read() == first
    assert stat.S_IMODE((tmp_path / "setup-token").stat().st_mode) == 0o600
    token.spend()
    token.spend()
    assert token.read() is None
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fails_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UnavailableError):
        SetupTokenFile(tmp_path / "file" / "setup-token").make()
