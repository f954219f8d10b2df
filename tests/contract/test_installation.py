from __future__ import annotations

import stat
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest
from nacl.bindings import crypto_sign_open

from vault.adapters.installation import InstallationKey
from vault.errors import ConfigurationError, UnavailableError


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "installation"
    first = InstallationKey.load_or_create(path)
    assert InstallationKey.load_or_create(path).public == first.public
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(path.read_bytes()) == 32
    assert list(path.parent.iterdir()) == [path]


def test_a_signature_verifies_under_the_public_half(tmp_path: Path) -> None:
    key = InstallationKey.load_or_create(tmp_path / "installation")
    signature = key.sign(b"message")
    assert len(signature) == 64
    assert crypto_sign_open(signature + b"message", key.public) == b"message"


def test_derived_secrets_are_hkdf_of_the_seed() -> None:
    key = InstallationKey(b"\x0b" * 32)
    # HKDF-SHA-256, empty salt, by `cryptography` 50: HKDF(SHA256(), 32, None, b"vault/v1/x").derive(b"\x0b" * 32)
    assert key.derive(b"vault/v1/x").hex() == "8768678ed821117f367ecbfbf0470ca10290adc13a0932b070f794f5a7945c96"
    assert key.derive(b"vault/v1/y") != key.derive(b"vault/v1/x")


def test_the_seed_never_shows() -> None:
    key = InstallationKey(b"\x0b" * 32)
    assert "0b0b" not in repr(key)
    assert key.public.hex() in repr(key)


@pytest.mark.parametrize("content", [b"", b"short", bytes(33)])
def test_another_file_is_no_key_and_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "installation"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError):
        InstallationKey.load_or_create(path)
    assert path.read_bytes() == content


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UnavailableError):
        InstallationKey.load_or_create(tmp_path / "file" / "installation")


def test_processes_that_start_together_share_one_key(tmp_path: Path, forked: ForkServerContext) -> None:
    path = tmp_path / "installation"
    with forked.Pool(4) as pool:
        publics = pool.map(public_of, [path] * 8)
    pool.join()
    assert len(set(publics)) == 1


def public_of(path: Path) -> bytes:
    return InstallationKey.load_or_create(path).public
