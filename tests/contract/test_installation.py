from __future__ import annotations

import stat
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest
from nacl.bindings import crypto_sign_open

from vault.adapters.installation import (
    GATEWAYS,
    LOOKUP,
    PARAMETERS,
    PUBLIC,
    SECRETS,
    WORKERS,
    InstallationKeys,
    file_of,
    make,
    of_gateway,
    of_worker,
)
from vault.errors import ConfigurationError, UnavailableError
from vault.records.types.roster import ATTEST, CHECKPOINT, LEDGER, USES

FILES = {*WORKERS, *GATEWAYS, *SECRETS, PUBLIC}


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "installation"


def content(base: Path) -> dict[str, bytes]:
    prefix = f"{base.name}-"
    return {path.name.removeprefix(prefix): path.read_bytes() for path in base.parent.iterdir()}


def test_every_key_is_made_once_for_its_owner_alone(base: Path) -> None:
    made = make(base, base, set_up=False)
    assert set(made) == FILES - {PUBLIC}
    assert set(content(base)) == FILES
    assert {stat.S_IMODE(path.stat().st_mode) for path in base.parent.iterdir()} == {0o600}
    before = content(base)
    assert make(base, base, set_up=True) == {}
    assert content(base) == before


def test_no_two_files_hold_the_same_and_none_follows_from_another(base: Path, tmp_path: Path) -> None:
    make(base, base, set_up=False)
    other = tmp_path / "other" / "installation"
    other.parent.mkdir()
    file_of(other, LEDGER).write_bytes(content(base)[LEDGER])
    make(other, other, set_up=False)
    drawn = [{value for name, value in content(each).items() if name != PUBLIC} for each in (base, other)]
    assert len(drawn[0]) == 5
    assert drawn[0] & drawn[1] == {content(base)[LEDGER]}


def test_what_is_made_says_its_public_half_and_no_secret(base: Path) -> None:
    made = make(base, base, set_up=False)
    known = of_gateway(base).public
    assert {use: made[use] for use in USES} == {use: key.hex() for use, key in known.items()}
    assert {made[name] for name in SECRETS} == {""}


def test_a_worker_holds_the_keys_that_sign_and_no_secret(base: Path) -> None:
    make(base, base, set_up=False)
    worker = of_worker(base)
    assert set(worker.public) == {LEDGER, CHECKPOINT}
    for use in (LEDGER, CHECKPOINT):
        signature = worker.sign(use, b"message")
        assert crypto_sign_open(signature + b"message", worker.public[use]) == b"message"
    with pytest.raises(ConfigurationError):
        worker.sign(ATTEST, b"message")
    for name in SECRETS:
        with pytest.raises(ConfigurationError):
            worker.secret(name)


def test_a_gateway_knows_every_public_half_and_signs_nothing_of_the_worker(base: Path) -> None:
    make(base, base, set_up=False)
    gateway, worker = of_gateway(base), of_worker(base)
    assert {use: gateway.public[use] for use in WORKERS} == dict(worker.public)
    assert set(gateway.public) == set(USES)
    assert crypto_sign_open(gateway.sign(ATTEST, b"m") + b"m", gateway.public[ATTEST]) == b"m"
    assert gateway.secret(LOOKUP) != gateway.secret(PARAMETERS)
    for use in WORKERS:
        with pytest.raises(ConfigurationError):
            gateway.sign(use, b"message")


def test_each_role_reads_nothing_of_the_other(tmp_path: Path) -> None:
    worker, gateway = tmp_path / "worker" / "installation", tmp_path / "gateway" / "installation"
    make(worker, gateway, set_up=False)
    assert set(content(worker)) == set(WORKERS)
    assert set(content(gateway)) == {*GATEWAYS, *SECRETS, PUBLIC}
    assert of_worker(worker).public.items() <= of_gateway(gateway).public.items()
    held = [value for name, value in content(gateway).items() if name != PUBLIC]
    assert not [seed for seed in content(worker).values() if any(seed in each for each in [*held, b"".join(held)])]


def test_a_key_that_was_replaced_is_told_to_the_gateway(base: Path) -> None:
    make(base, base, set_up=False)
    before = of_gateway(base).public
    file_of(base, CHECKPOINT).unlink()
    made = make(base, base, set_up=True)
    after = of_gateway(base).public
    assert set(made) == {CHECKPOINT}
    assert {use for use in USES if before[use] != after[use]} == {CHECKPOINT}
    assert made[CHECKPOINT] == after[CHECKPOINT].hex() == of_worker(base).public[CHECKPOINT].hex()


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_that_is_lost_after_the_set_up_is_never_made_anew(base: Path, name: str) -> None:
    make(base, base, set_up=False)
    file_of(base, name).unlink()
    with pytest.raises(ConfigurationError, match=f"installation-{name} is missing"):
        make(base, base, set_up=True)
    assert not file_of(base, name).exists()


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_process_without_one_of_its_files_does_not_start(base: Path, name: str) -> None:
    make(base, base, set_up=False)
    file_of(base, name).unlink()
    with pytest.raises(ConfigurationError, match="is missing"):
        (of_worker if name in WORKERS else of_gateway)(base)


def test_the_seeds_never_show() -> None:
    keys = InstallationKeys({LEDGER: b"\x0b" * 32}, {LOOKUP: b"\x0c" * 32})
    assert keys.public[LEDGER].hex() in repr(keys)
    assert not [text for text in ("0b0b", "0c0c", "\\x0b", "\\x0c") if text in repr(keys)]


@pytest.mark.parametrize("wrong", [b"", b"short", bytes(33)])
@pytest.mark.parametrize("name", sorted(FILES))
def test_another_file_is_no_key_and_is_left_alone(base: Path, name: str, wrong: bytes) -> None:
    make(base, base, set_up=False)
    file_of(base, name).write_bytes(wrong)
    with pytest.raises(ConfigurationError, match="something else"):
        (of_worker if name in WORKERS else of_gateway)(base)
    assert file_of(base, name).read_bytes() == wrong
    if name not in {PUBLIC, *SECRETS}:
        with pytest.raises(ConfigurationError, match="something else"):
            make(base, base, set_up=True)


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    base = tmp_path / "file" / "installation"
    with pytest.raises(UnavailableError):
        make(base, base, set_up=False)


def test_processes_that_start_together_share_one_key(base: Path, forked: ForkServerContext) -> None:
    with forked.Pool(4) as pool:
        publics = pool.map(public_of, [base] * 8)
    pool.join()
    assert len(set(publics)) == 1


def public_of(base: Path) -> bytes:
    make(base, base, set_up=False)
    return b"".join(key for _, key in sorted(of_gateway(base).public.items()))
